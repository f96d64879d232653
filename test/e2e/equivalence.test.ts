import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'packages/gatewright/bin/gatewright.js')
const folder = mkdtempSync(join(tmpdir(), 'gatewright-equivalence-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function gatewright(args: readonly string[], env: object = {}): Run {
  return spawnSync(process.execPath, [bin, ...args, '--no-config'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: '/nowhere', NO_COLOR: '1', ...env },
    maxBuffer: 1 << 28,
  })
}

const write = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const module = (lists: string, id = 'shop/privileged'): string => `import { policy } from 'gatewright'
import { workloads } from 'gatewright/kubernetes'
import { isPrivileged } from './conditions.ts'

export const privileged = policy({
  id: '${id}',
  title: 'Containers must not run privileged',
  severity: 'high',
  target: workloads,
  rule: ({ pod }) =>
    pod.${lists}.filter(isPrivileged).deny((c) => ({ message: 'no', at: c.securityContext.privileged })),
})
`
const conditions = (value: boolean): string =>
  `export const isPrivileged = (c: any) => c.securityContext.privileged.is(${value})\n`

function git(...args: readonly string[]): void {
  const named = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args]
  const { status, stderr } = spawnSync('git', named, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'packages/gatewright'), join(folder, 'node_modules/gatewright'))
  write('.gitignore', 'node_modules\n')
  write('rules/policy.ts', module('allContainers'))
  write('rules/conditions.ts', conditions(true))
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'one')
  write('rules/policy.ts', module('containers'))
})

const path = { PATH: process.env['PATH'] }

it(
  'diff finds what a change lets through, from a revision of git with what it imports',
  { timeout: 300_000 },
  () => {
    const { status, stdout } = gatewright(
      ['diff', 'HEAD:rules/policy.ts', 'rules/policy.ts', '--runs', '2000'],
      path,
    )
    expect(stdout).toContain('shop/privileged: differs')
    expect(stdout).toMatch(
      /newly allowed \(\d+ of the questions\)\n {4}old: denied at .*HEAD:rules\/\S+:\d+\)/,
    )
    expect(stdout).toMatch(/ {6}kind: \w+\n[^]*(init|ephemeral)Containers:/)
    expect(stdout.indexOf('newly allowed')).toBeLessThan(stdout.indexOf('other findings'))
    expect(status).toBe(1)
    // the other way round nothing is let through
    const back = gatewright(
      [
        'diff',
        'rules/policy.ts',
        'HEAD:rules/policy.ts',
        '--runs',
        '500',
        '--fail-on',
        'newly-allowed',
        '--json',
      ],
      path,
    )
    const { policies } = JSON.parse(back.stdout) as {
      readonly policies: readonly { readonly changes: readonly { readonly change: string }[] }[]
    }
    expect(policies[0]?.changes.map(({ change }) => change)).toContain('newly-denied')
    // a module that a version imports is its own, even where only that has changed
    write('rules/conditions.ts', conditions(false))
    const imported = gatewright(['diff', 'HEAD:rules/conditions.ts', 'rules/policy.ts'], path)
    expect([imported.status, imported.stderr]).toEqual([2, expect.stringContaining('exports no policy')])
    const other = gatewright(['diff', 'HEAD:./rules/policy.ts', 'rules/policy.ts', '--runs', '500'], path)
    expect(other.stdout).toContain('newly allowed')
    write('rules/conditions.ts', conditions(true))
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('gatewright-revision-'))).toEqual([])
  },
)

it('diff says what it can say of the same, and what is on one side', { timeout: 300_000 }, () => {
  const same = gatewright(['diff', 'rules/policy.ts', 'rules/policy.ts'])
  expect([same.status, same.stdout]).toEqual([0, 'shop/privileged: the same policy\n'])
  write(
    'rules/two.ts',
    `export * from './policy.ts'\n${module('containers', 'shop/second').replace('privileged =', 'second =')}`,
  )
  const more = gatewright(['diff', 'rules/policy.ts', 'rules/two.ts'])
  expect([more.status, more.stdout]).toEqual([1, 'shop/second: added\n\nshop/privileged: the same policy\n'])
  const apart = gatewright(['diff', 'pod-security', 'rules/two.ts'])
  expect(apart.status).toBe(4)
  expect(apart.stderr).toContain('no policy is on both sides')
})

it('diff fails where what is undetermined is let in', { timeout: 300_000 }, () => {
  write(
    'rules/strict.ts',
    module('allContainers').replace('  severity:', "  undetermined: 'deny',\n  severity:"),
  )
  const given = ['--fail-on', 'newly-allowed', '--runs', '100']
  const loose = gatewright(['diff', 'rules/strict.ts', 'rules/policy.ts', ...given])
  expect([loose.status, loose.stdout]).toEqual([1, expect.stringContaining('undetermined: "deny" → "warn"')])
  expect(gatewright(['diff', 'rules/policy.ts', 'rules/strict.ts', ...given]).status).toBe(0)
})

it('diff is no pass where no question is for both', { timeout: 300_000 }, () => {
  const limited = (schema: string, test: string): string => `import { policy } from 'gatewright'
import { pods } from 'gatewright/kubernetes'
import { z } from 'zod'

export const limited = policy({
  id: 'shop/limited',
  title: 'Host names are those that are known',
  severity: 'high',
  target: pods,
  parameters: z.object({ known: ${schema} }),
  rule: ({ object, parameters }) =>
    object.spec.hostname.${test}.deny({ message: 'no', at: object.spec.hostname }),
})
`
  write('rules/one-name.ts', limited('z.string()', 'is(parameters.known).ifMissing(false)'))
  write('rules/names.ts', limited('z.array(z.string())', 'in(parameters.known)'))
  symlinkSync(join(root, 'node_modules/zod'), join(folder, 'node_modules/zod'))
  const { status, stderr } = gatewright([
    'diff',
    'rules/one-name.ts',
    'rules/names.ts',
    '--fail-on',
    'newly-allowed',
    '--runs',
    '300',
  ])
  expect(status, stderr).toBe(4)
  expect(stderr).toContain('shop/limited: no question was answered by both versions')
})

it('diff names what it cannot read', { timeout: 300_000 }, () => {
  for (const [args, said] of [
    [['HEAD:rules/none.ts', 'rules/policy.ts'], '`HEAD:rules/none.ts` is not there'],
    [
      ['nowhere:rules/policy.ts', 'rules/policy.ts'],
      '`nowhere:rules/policy.ts` is not there: git knows no revision `nowhere`',
    ],
    [['rules/none.ts', 'rules/policy.ts'], 'there is no file `rules/none.ts`'],
    [['rules/policy.ts', 'rules/policy.ts', '--runs', 'many'], '`--runs many` is no whole number'],
    [['rules/policy.ts', 'rules/policy.ts', '--fail-on', 'all'], '`--fail-on all` is nothing that is found'],
    [['rules/policy.ts', 'rules/policy.ts', '--objects', 'none.yaml'], 'none.yaml'],
  ] as const) {
    const { status, stderr } = gatewright(['diff', ...args], path)
    expect([status, stderr], args.join(' ')).toEqual([2, expect.stringContaining(said)])
    expect(stderr).not.toContain('    at ')
  }
})

it('equiv holds the engines against the reference, and counts what it saw', { timeout: 300_000 }, () => {
  write('pods/pod.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: { name: mine }\nspec: { containers: [] }\n')
  const args = ['equiv', 'rules/policy.ts', '--runs', '100', '--objects', 'pods']
  const { status, stdout } = gatewright(args)
  expect(stdout).toMatch(/^shop\/privileged: \d+ questions, by the reference \d+ \w+, \d+ \w+/)
  for (const engine of ['javascript', 'emitted', 'wasm', 'opa-wasm'])
    expect(stdout).toMatch(
      new RegExp(`^${engine}: no difference in \\d{2,} questions of 1 of 1 policies$`, 'm'),
    )
  expect(stdout).toContain('opa         not compared: there is no `opa` on PATH')
  expect(stdout).toContain('gator       not compared')
  expect(status).toBe(0)
  const read = JSON.parse(gatewright([...args, '--json']).stdout) as readonly { readonly questions: number }[]
  expect(read[0]?.questions).toBeGreaterThan(90)
})

it('equiv fails where what was named cannot be compared', { timeout: 300_000 }, () => {
  const { status, stdout } = gatewright([
    'equiv',
    'rules/policy.ts',
    '--engine',
    'opa',
    '--engine',
    'wasm',
    '--runs',
    '20',
  ])
  expect(stdout).toContain('opa: not compared: there is no `opa` on PATH\nwasm: no difference in')
  expect(stdout).not.toContain('javascript')
  expect(status).toBe(3)
  const unknown = gatewright(['equiv', 'rules/policy.ts', '--engine', 'regorus'])
  expect([unknown.status, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('there is no engine `regorus`'),
  ])
})

it('equiv shows what an engine says differently', { timeout: 300_000 }, () => {
  // an OPA that says of everything that it is allowed
  write(
    'bin/opa',
    `#!${process.execPath}
const { readFileSync } = require('node:fs')
const [, , command, ...args] = process.argv
if (command === 'version') console.log('Version: 1.0.0')
else {
  const folder = args[args.indexOf('-d') + 1]
  const { cases } = JSON.parse(readFileSync(folder + '/data.json', 'utf8')).equivalence_questions
  console.log(JSON.stringify(cases.map((_, i) => [i, { verdict: 'allowed', violations: [], reasons: [] }])))
}
`,
  )
  chmodSync(join(folder, 'bin/opa'), 0o755)
  const { status, stdout } = gatewright(['equiv', 'rules/policy.ts', '--engine', 'opa', '--runs', '100'], {
    PATH: join(folder, 'bin'),
  })
  expect(stdout).toContain('the verdicts differ\n      reference  ')
  expect(stdout).toMatch(/opa: \d+ differences in \d+ questions/)
  expect(status).toBe(1)
})
