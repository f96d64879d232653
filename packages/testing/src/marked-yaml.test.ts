import { expect, it } from 'vitest'
import { markedYaml } from './marked-yaml.js'

it('marks what is not there at the nearest place that is', () => {
  const object = { kind: 'Pod', spec: { containers: [{ name: 'a' }] } }
  const at = ['spec', 'containers', 0, 'resources', 'limits']
  expect(`\n${markedYaml(object, [{ at, says: 'no limits' }])}`).toMatchInlineSnapshot(`
    "
      1 | kind: Pod
      2 | spec:
      3 |   containers:
    > 4 |     - name: a
                ^ no limits (resources.limits is not there)"
  `)
})

it('leaves out the lines of a long object that are far from every mark', () => {
  const data = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key${i}`, i]))
  const lines = markedYaml({ kind: 'ConfigMap', data }, [{ at: ['data', 'key30'], says: 'odd' }]).split('\n')
  expect(lines).toHaveLength(18)
  expect(lines.filter((line) => line === '  …')).toHaveLength(2)
  expect(lines).toContain('> 33 |   key30: 30')
})

it('shows what no YAML file can hold', () => {
  expect(markedYaml({ key: 'half \ud800' }, [])).toContain('half')
})
