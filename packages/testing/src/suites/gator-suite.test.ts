import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { message, policy } from '@gatewright/core'
import { workloads } from '@gatewright/kubernetes'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { testGatorSuite } from '../vitest.js'
import { gatorTests } from './gator-suite.js'

const registries = policy({
  id: 'test/registries',
  title: 'Images come from known registries',
  severity: 'high',
  target: workloads,
  parameters: z.object({ repositories: z.array(z.string().min(1)) }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter((c) => parameters.repositories.none((each) => c.image.startsWith(each).ifMissing(false)))
      .deny((c) => ({ message: message`container ${c.name} has an image from elsewhere`, at: c.image })),
})

const folder = mkdtempSync(join(tmpdir(), 'gatewright-gator-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'suite-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return join(root, 'suite.yaml')
}

const pod = (image: string, namespace = 'shop'): string => `
apiVersion: v1
kind: Pod
metadata: { name: app, namespace: ${namespace} }
spec:
  initContainers: [{ name: prepare, image: ${image} }]
  containers: [{ name: app, image: ${image} }]
`

const constraint = (parameters: string, kind = 'AllowedRepositories'): string => `
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: ${kind}
metadata: { name: known }
spec:
  match: { excludedNamespaces: [kube-system] }
  parameters: ${parameters}
`

const files = {
  'constraint.yaml': constraint('{ repositories: [registry.example.com/] }'),
  'wrong.yaml': constraint('{ repositories: registry.example.com/ }'),
  'list.yaml': constraint('[{ repositories: [registry.example.com/] }]'),
  'other.yaml': constraint('{}', 'Other'),
  'good.yaml': pod('registry.example.com/app'),
  'bad.yaml': pod('evil.example.com/app'),
  'system.yaml': pod('evil.example.com/app', 'kube-system'),
  'service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: app }\n',
  'two.yaml': `${pod('a')}---${pod('b')}`,
}

const suite = (tests: string): string => `
apiVersion: test.gatekeeper.sh/v1alpha1
kind: Suite
tests:
${tests}`

/** What each test comes to. */
const outcomes = (
  tests: string,
  options?: Parameters<typeof gatorTests>[2],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    gatorTests(registries, written({ ...files, 'suite.yaml': suite(tests) }), options).map(
      ({ name, skipped, run }) => {
        if (skipped !== undefined) return [name, `skipped: ${skipped}`]
        const { pass, message: said } = run()
        return [name, pass ? 'passed' : (said().split('\n')[0] ?? '')]
      },
    ),
  )

const cases = (list: string): string => `
- name: known
  template: template.yaml
  constraint: constraint.yaml
  cases:
${list.replace(/^/gm, '  ')}`

// registers its tests, which pass
testGatorSuite(
  registries,
  pathToFileURL(
    written({
      ...files,
      'suite.yaml': suite(
        cases('- { name: bad, object: bad.yaml, assertions: [{ violations: 2, message: from elsewhere }] }'),
      ),
    }),
  ),
)

describe('a suite of gator', () => {
  it('is put to a policy with the parameters and the match of its constraints', () => {
    expect(
      outcomes(
        cases(`
- name: good
  object: good.yaml
  assertions: [{ violations: no }]
- name: bad
  object: bad.yaml
  assertions: [{ violations: 2 }, { message: "^container \\\\w+ has", violations: 2 }, { message: prepare, violations: 1 }, {}]
- name: bad, counted wrongly
  object: bad.yaml
  assertions: [{ violations: 1 }]
- name: bad, though good
  object: good.yaml
  assertions: [{ violations: yes }]
- name: left out by the match
  object: system.yaml
  assertions: [{ violations: no }]
- name: not judged at all
  object: service.yaml
  assertions: [{ violations: no }]
- name: later
  skip: true
  object: bad.yaml
  assertions: [{ violations: no }]
`),
      ),
    ).toEqual({
      'known: good': 'passed',
      'known: bad': 'passed',
      'known: bad, counted wrongly': 'expected 1 violations; the violations:',
      'known: bad, though good': 'expected a violation; the violations:',
      'known: left out by the match': 'passed',
      'known: not judged at all': 'the verdict is `not-applicable`, which no suite of gator knows',
      'known: later': 'skipped: it is skipped',
    })
  })

  it('asks for the words of another engine only where these are the policy’s too', () => {
    const list = `
- name: words
  object: bad.yaml
  assertions: [{ message: invalid image repo, violations: 2 }]
- name: more
  object: bad.yaml
  assertions: [{ message: invalid image repo, violations: 3 }]
`
    expect(outcomes(cases(list))['known: words']).toContain('whose message matches `invalid image repo`')
    const others = outcomes(cases(list), { messages: false })
    expect(others['known: words']).toBe('passed')
    expect(others['known: more']).toContain('3 violations')
    const unsaid = '- { name: unsaid, object: bad.yaml, assertions: [{ message: other, violations: no }] }'
    expect(outcomes(cases(unsaid), { messages: false })['known: unsaid']).toContain('a case asserts nothing')
  })

  it('holds a policy to the parameters that its schema refuses', () => {
    const invalid = (file: string): string =>
      `- { name: invalid, template: t.yaml, constraint: ${file}, invalid: true }`
    expect(outcomes(invalid('wrong.yaml'))).toEqual({ 'invalid: refused parameters': 'passed' })
    expect(outcomes(invalid('constraint.yaml'))['invalid: refused parameters']).toContain(
      'takes parameters that the suite calls invalid',
    )
  })

  it('says what it cannot read, and passes over nothing', () => {
    const problem = (tests: string): string => {
      try {
        return Object.values(outcomes(tests)).join('\n')
      } catch (error) {
        return (error as Error).message.replaceAll(/\S*suite-\w+\//g, '')
      }
    }
    const one = (more: string, object = 'good.yaml'): string =>
      cases(`- { name: one, object: ${object}, assertions: [{ violations: no }]${more} }`)
    expect(problem(one(', inventroy: []'))).toMatch(/^.*one has `inventroy`, which is not known/)
    const inList = '- { name: list, constraint: list.yaml, cases: [] }'
    expect(problem(inList)).toContain('list: the constraint: `parameters` is no map')
    expect(problem(one('', 'two.yaml'))).toContain('has 2 objects, not one')
    expect(problem(one('', 'none.yaml'))).toContain('none.yaml')
    expect(problem(cases('- { name: one, object: good.yaml }'))).toContain('a case has no assertion')
    expect(problem(cases('- { object: good.yaml, assertions: [{ violations: maybe }] }'))).toContain(
      '`violations` is yes, no or a number, not "maybe"',
    )
    expect(problem(cases('- { object: good.yaml, assertions: [{ message: "(" }] }'))).toContain(
      'is not RE2 syntax',
    )
    expect(
      problem(`
- { name: a, constraint: constraint.yaml, cases: [] }
- { name: b, constraint: other.yaml, cases: [] }
`),
    ).toContain('say with `kind` which, AllowedRepositories, Other')
    expect(
      problem(`
- name: expanded
  constraint: constraint.yaml
  expansion: expansion.yaml
  cases: [{ object: good.yaml, assertions: [{ violations: no }] }]
`),
    ).toContain('expansion templates are not expanded')
  })
})
