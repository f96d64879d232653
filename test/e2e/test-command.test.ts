import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gatewright-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function gatewright(...given: readonly string[]): Ran {
  const command = join(folder, 'node_modules/gatewright/bin/gatewright.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'test', ...given], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', CI: '', VITEST: '', GATEWRIGHT_RECORD: '' },
  })
  return { status, stdout, stderr }
}

/** Scores what the first test recorded. */
const scores = (...given: readonly string[]): Ran => gatewright('--scores', 'records/all', ...given)

const file = (name: string, text: string): void => writeFileSync(join(folder, name), text)
const config = (testing: string): void =>
  file(
    'gatewright.config.ts',
    `import { defineConfig } from 'gatewright'
import { hostname } from './policies/hostname.js'
export default defineConfig({ policies: [hostname], testing: ${testing} })
`,
  )

const policy = `import { message, policy } from 'gatewright'
import { workloads } from 'gatewright/kubernetes'

export const hostname = policy({
  id: 'team/hostname',
  title: 'Hostnames are left to the cluster',
  severity: 'low',
  target: workloads,
  rule: ({ pod }) =>
    pod.hostname
      .exists()
      .and(pod.hostNetwork.is(true).not())
      .deny({ message: message\`the pod is called \${pod.hostname}\`, at: pod.hostname }),
})
`

const tests = (...cases: readonly string[]): string => `import { pod } from 'gatewright/testing'
import { testPolicy } from 'gatewright/vitest'
import { hostname } from './hostname.js'

testPolicy(hostname, {
  ${cases.join(',\n  ')}
})
`
const allows = `allows: { 'no name': pod() }`
const denies = `denies: { 'a name': pod({ spec: { hostname: 'a' } }) }`

beforeAll(() => {
  mkdirSync(join(folder, 'policies'))
  mkdirSync(join(folder, 'node_modules'))
  mkdirSync(join(folder, '.git'))
  symlinkSync(join(root, 'packages/gatewright'), join(folder, 'node_modules/gatewright'))
  for (const name of ['vitest', 'zod', 'fast-check'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  file('package.json', '{ "type": "module" }')
  file('policies/hostname.ts', policy)
  file('policies/hostname.test.ts', tests(allows, denies))
})

describe('gatewright test', () => {
  it('runs the tests, and scores them for each policy', () => {
    config('{}')
    const { status, stdout, stderr } = gatewright('--junit', 'j.xml', '--records', 'records/all')
    expect(status, stdout + stderr).toBe(0)
    expect(stdout).toMatch(/Tests\s+2 passed/)
    expect(readFileSync(join(folder, 'j.xml'), 'utf8')).toContain('<testcase')
    expect(stdout).toMatch(/^team\/hostname: 1 of 2 conditions covered \(50 %\)$/m)
    expect(stdout).toMatch(/^team\/hostname: \d+ of \d+ mutants killed \(\d+(\.\d)? %\)$/m)
    expect(stderr).toContain('--suggest writes tests for it')
  })

  it('shows what no test shows, at the lines of the policy, and writes it as files', () => {
    const { status, stdout } = scores('--details', '--lcov', 'c.info', '--html', 'c.html', '--json', 'c.json')
    expect(status).toBe(0)
    expect(stdout).toMatch(/policies\/hostname\.ts:12:/)
    expect(stdout).toMatch(/^survived: .* policies\/hostname\.ts:\d+:\d+$/m)
    expect(readFileSync(join(folder, 'c.info'), 'utf8')).toContain('SF:policies/hostname.ts\n')
    expect(readFileSync(join(folder, 'c.html'), 'utf8')).toContain('team/hostname')
    expect(JSON.parse(readFileSync(join(folder, 'c.json'), 'utf8'))).toMatchObject({
      coverage: [{ policy: 'team/hostname', covered: 1, missed: 1 }],
      mutation: [{ policy: 'team/hostname' }],
    })
  })

  it('takes reasons for what no test can show, and none that explain nothing', () => {
    const { coverage } = JSON.parse(readFileSync(join(folder, 'c.json'), 'utf8')) as {
      readonly coverage: readonly [
        { readonly conditions: readonly { readonly id: string; readonly status: string }[] },
      ]
    }
    const missed = coverage[0].conditions.find((each) => each.status === 'missed')?.id ?? ''
    config(`{ coverage: 1, conditions: { 'team/hostname': { '${missed}': 'hosts have no pods of ours' } } }`)
    expect(scores('--no-mutation')).toMatchObject({ status: 0 })
    config(`{ conditions: { 'team/hostname': { 'condition-none': 'x' } } }`)
    const unused = scores('--no-mutation')
    expect(unused.status).toBe(2)
    expect(unused.stderr).toContain('has no condition `condition-none` to explain')
    config(`{ survivors: { 'team/other': {} } }`)
    expect(scores().stderr).toContain('`team/other`, which no test asked')
  })

  it('fails below the scores of the configuration, and passes with the tests that it suggests', () => {
    config('{ coverage: 1 }')
    const below = scores('--no-mutation', '--suggest')
    expect(below.status).toBe(1)
    expect(below.stdout).toContain('team/hostname: condition coverage is 50 %, and has to be 100 %')
    expect(below.stderr).toMatch(
      /policies\/hostname\.suggested\.test\.ts: \d cases? for 1 condition; review each/,
    )
    const before = scores('--suggest')
    expect(before.status).toBe(2)
    expect(before.stderr).toContain('was suggested before, and its tests count')
    const again = gatewright('--no-mutation')
    expect(again.status, again.stdout + again.stderr).toBe(0)
    expect(again.stdout).toContain('team/hostname: 2 of 2 conditions covered (100 %)')

    file('policies/hostname.suggested.test.ts', `import { it } from 'vitest'\nit('is mine', () => {})\n`)
    const mine = scores('--suggest')
    expect(mine.status).toBe(2)
    expect(mine.stderr).toContain('is there, and was not suggested')
    rmSync(join(folder, 'policies/hostname.suggested.test.ts'))
  })

  it('scores shards together', () => {
    config('{ coverage: 0.5 }')
    file('policies/hostname.test.ts', tests(allows))
    file('policies/denies.test.ts', tests(denies))
    for (const shard of ['1', '2']) {
      const { status, stderr } = gatewright('--shard', `${shard}/2`, '--records', `records/${shard}`)
      expect(status, stderr).toBe(0)
      expect(stderr).toContain('a shard is not scored by itself')
    }
    const alone = gatewright('--scores', 'records/1', '--no-mutation')
    expect(alone.status).toBe(1)
    const both = gatewright('--scores', 'records/1', '--scores', 'records/2')
    expect(both.status).toBe(0)
    expect(both.stdout).toContain('team/hostname: 1 of 2 conditions covered (50 %)')
    const again = gatewright('--records', 'records/1')
    expect(again.status).toBe(2)
    expect(again.stderr).toContain('is not empty')
    file('records/1/broken.jsonl', 'no JSON\n')
    expect(gatewright('--scores', 'records/1')).toMatchObject({ status: 3 })
  })

  it('says that tests fail, that none asks a policy, and that there are none', () => {
    config('{ coverage: 0.5 }')
    rmSync(join(folder, 'policies/denies.test.ts'))
    file('policies/hostname.test.ts', tests(denies.replace('denies', 'allows')))
    const failing = gatewright()
    expect(failing.status).toBe(1)
    expect(failing.stderr).toContain('the tests of policies are scored once they pass')
    file('policies/hostname.test.ts', `import { it } from 'vitest'\nit('asks nothing', () => {})\n`)
    const nothing = gatewright()
    expect(nothing.status).toBe(1)
    expect(nothing.stdout).toContain('team/hostname: has to be tested, and no test asks it')
    file('policies/hostname.test.ts', `import './no-such.js'\n`)
    expect(gatewright().status).toBe(1)
    rmSync(join(folder, 'policies/hostname.test.ts'))
    expect(gatewright().status).not.toBe(0)
    expect(existsSync(join(folder, 'policies/hostname.ts'))).toBe(true)
  })

  it('fails where vitest does, though no test failed', () => {
    config('{}')
    const hooked = `import { beforeAll, describe, it } from 'vitest'
it('passes', () => {})
describe('a group', () => {
  beforeAll(() => { throw new Error('the hook fails') })
  it('is never run', () => {})
})
`
    file('policies/hooked.test.ts', hooked)
    const { status, stdout, stderr } = gatewright()
    expect(status, stdout + stderr).toBe(1)
    expect(stdout).toMatch(/Tests\s+1 passed \| 1 skipped/)
    expect(stderr).toContain('scored once they pass')
    rmSync(join(folder, 'policies/hooked.test.ts'))
  })

  it('does not meet least scores with nothing', () => {
    file(
      'gatewright.config.ts',
      "import { defineConfig } from 'gatewright'\nexport default defineConfig({ testing: { mutation: 0.9 } })\n",
    )
    file('policies/other.test.ts', `import { it } from 'vitest'\nit('asks nothing', () => {})\n`)
    const { status, stdout, stderr } = gatewright('--records', 'records/none')
    expect(status, stdout + stderr).toBe(4)
    expect(stdout).toContain('no test asked a policy')
    rmSync(join(folder, 'policies/other.test.ts'))
    expect(gatewright('--scores', 'records/none').status).toBe(4)
    const absent = scores('--scores', 'records/misspelt')
    expect(absent.status).toBe(2)
    expect(absent.stderr).toContain('`records/misspelt` is not there')
  })

  it('suggests tests for policies with the same name in files of their own', () => {
    config('{}')
    file(
      'policies/both.ts',
      policy +
        policy.slice(policy.indexOf('export')).replace('hostname =', 'other =').replace('team/', 'other/'),
    )
    file(
      'policies/both.test.ts',
      `${tests(allows).replace('hostname.js', 'both.js').replace('{ hostname }', '{ hostname, other }')}testPolicy(other, { ${allows} })\n`,
    )
    const { status, stderr } = gatewright('--suggest', '--no-mutation')
    expect(status, stderr).toBe(0)
    for (const name of ['team-hostname', 'other-hostname']) {
      expect(stderr).toContain(`policies/${name}.suggested.test.ts: `)
      rmSync(join(folder, `policies/${name}.suggested.test.ts`))
    }
    rmSync(join(folder, 'policies/both.test.ts'))
  })

  it.each([
    [['--watch', '--suggest'], /`--suggest` says nothing/],
    [['--shard', '1/2', '--html', 'x'], /a shard runs a part of the tests/],
    [['--no-coverage', '--suggest'], /without condition coverage/],
    [['--scores', 'x', '--shard', '1/2'], /`--shard` is for a run/],
    [['--scores', 'x', 'policies'], /`policies` is for a run/],
  ])('refuses %j', (given, said) => {
    const { status, stderr } = gatewright(...given)
    expect(status).toBe(2)
    expect(stderr).toMatch(said)
  })
})
