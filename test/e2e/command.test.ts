import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'packages/gatewright/bin/gatewright.js')
const folder = mkdtempSync(join(tmpdir(), 'gatewright-command-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function gatewright(
  args: readonly string[],
  options: { readonly input?: string; readonly cwd?: string; readonly env?: object } = {},
): Run {
  return spawnSync(process.execPath, [bin, ...args], {
    cwd: options.cwd ?? folder,
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    maxBuffer: 1 << 28,
  })
}

let count = 0
/** A folder of its own with these files in it. */
function files(content: Readonly<Record<string, string>>): string {
  const made = join(folder, `case-${count++}`)
  for (const [name, text] of Object.entries(content)) {
    mkdirSync(join(made, name, '..'), { recursive: true })
    writeFileSync(join(made, name), text)
  }
  return made
}

const pod = (name: string, context: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n    - name: c\n      image: nginx\n      securityContext: ${context}\n`
const bad = pod('bad', '{ privileged: true }')
const good = pod('good', '{ privileged: false }')
/** It has a finding of low severity alone. */
const noisy = good.replace('image: nginx', 'image: nginx\n      tty: true')
const privileged = ['--policy', 'pod-security/privileged-containers', '--no-config']

describe('I1: nothing evaluated is no pass', () => {
  it.each([
    ['an empty folder', {}],
    ['files that are no manifests', { 'readme.txt': 'x' }],
    ['an empty file', { 'a.yaml': '' }],
    ['comments only', { 'a.yaml': '# nothing\n---\n# here\n' }],
    ['an empty list', { 'a.yaml': 'apiVersion: v1\nkind: List\nitems: []\n' }],
    [
      'kinds that no policy is about',
      { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n' },
    ],
    ['a misspelt kind', { 'a.yaml': bad.replace('kind: Pod', 'kind: Pdo') }],
  ])('%s', (_, content) => {
    const made = files({ 'x/keep': '', ...content })
    rmSync(join(made, 'x'), { recursive: true })
    const { status, stdout } = gatewright(['check', made, ...privileged])
    expect(status).toBe(4)
    expect(stdout).toContain('nothing was evaluated')
    expect(gatewright(['check', made, ...privileged, '--allow-empty']).status).toBe(0)
  })

  it(
    'no paths, unknown packs, formats, severities, options and files are usage errors',
    { timeout: 30_000 },
    () => {
      for (const args of [
        ['check'],
        ['check', '.', '--policy', 'pod-securty'],
        ['check', '.', '--format', 'xml'],
        ['check', '.', '--fail-on', 'huge'],
        ['check', '.', '--polcy', 'x'],
        ['chek'],
        ['check', ''],
        ['check', '.', '--config', 'no-such-file.mjs'],
        ['check', '.', '--config', '.'],
        ['check', '.', '--policy', 'no-such-file.ts'],
        ['check', '.', '--parameters', 'no-such-file.yaml'],
        ['check', '.', '--exceptions', '.'],
        ['check', '.', '--format', 'json='],
        ['check', '.', '--format', 'json=a', '--format', 'sarif=./a'],
        ['check', '.', '--format', 'json', '--format', 'text'],
        ['check', '.', '--engine', 'regorus'],
        ['explain', 'no-such-file.mjs'],
        ['build', '-t', 'javascript', '-p', 'no-such-file.mjs'],
      ]) {
        const { status, stderr } = gatewright(args)
        expect(status, args.join(' ')).toBe(2)
        expect(stderr, args.join(' ')).not.toBe('')
        expect(stderr, args.join(' ')).not.toContain('    at ')
      }
    },
  )

  it('a file that is not there is reported, and no pass', () => {
    const { status, stdout } = gatewright(['check', 'nothing.yaml', ...privileged])
    expect(status).toBe(4)
    expect(stdout).toContain('nothing.yaml')
  })
})

describe('exit codes', () => {
  it.each([
    ['clean', good, [], 0],
    ['findings', bad, [], 1],
    ['findings at --fail-on', bad, ['--fail-on', 'critical'], 1],
    [
      'findings below --fail-on',
      noisy,
      ['--policy', 'pod-security/interactive-tty', '--fail-on', 'medium'],
      0,
    ],
    [
      'findings below --fail-on beside graver ones',
      bad,
      ['-p', 'pod-security/interactive-tty', '--fail-on', 'high'],
      1,
    ],
    ['the same at --fail-on', noisy, ['--policy', 'pod-security/interactive-tty', '--fail-on', 'low'], 1],
    ['findings by the reference engine', bad, ['--engine', 'reference'], 1],
    ['findings by WebAssembly', bad, ['--engine', 'wasm'], 1],
    ['findings that opa-wasm confirms', bad, ['--engine', 'opa-wasm'], 1],
    ['nothing found, as WebAssembly says', good, ['--engine', 'wasm'], 0],
    ['nothing found, as opa-wasm confirms', good, ['--engine', 'opa-wasm'], 0],
    ['invalid', pod('odd', '{ privileged: "true" }'), [], 3],
    ['a broken document beside findings', `${bad}---\na: [\n`, [], 3],
    ['a broken document beside a good one', `${good}---\na: [\n`, [], 3],
  ] as const)('%s', (_, text, more, status) => {
    expect(gatewright(['check', files({ 'a.yaml': text }), ...privileged, ...more]).status).toBe(status)
  })

  it('what is undetermined is told, and fails under --strict; a complete inventory decides it', () => {
    const network = `import { policy } from '${join(root, 'packages/core/dist/index.js')}'
import { networkPolicies, pods } from '${join(root, 'packages/kubernetes/dist/index.js')}'
export const isolated = policy({ id: 'test/isolated', title: 'There is a network policy', severity: 'low', target: pods,
  rule: ({ object, cluster }) => cluster.list(networkPolicies).inNamespaceOf(object).isEmpty().deny({ message: 'there is none' }) })
`
    const made = files({ 'p.mjs': network, 'm/a.yaml': good })
    const run = (...more: readonly string[]): Run =>
      gatewright(['check', 'm', '-p', './p.mjs', '--no-config', ...more], { cwd: made })
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('1 undetermined') as string })
    expect(run('--strict').status).toBe(3)
    expect(run('--inventory-complete').status).toBe(1)
  })

  it('L8: the documents beside a broken one are judged', () => {
    const { stdout } = gatewright([
      'check',
      files({ 'a.yaml': `${good}---\na: [\n---\n${bad}` }),
      ...privileged,
    ])
    expect(stdout).toContain('container c must not run privileged')
    expect(stdout).toContain('3 objects: 2 evaluated, 1 unreadable')
  })

  it('L9: a template is not judged, and no pass', () => {
    const { status, stdout } = gatewright([
      'check',
      files({ 'a.yaml': 'kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n' }),
      ...privileged,
    ])
    expect(stdout).toContain('unrendered-template')
    expect(status).toBe(4)
  })
})

it('standard input is read, and named', () => {
  const { status, stdout } = gatewright(['check', '-', ...privileged], { input: bad })
  expect(stdout).toContain('-\n  9:38')
  expect(status).toBe(1)
})

describe('I3: names cannot write into a report', () => {
  const name = '"a\\e[31m::error::x%0A::set-output name=y::z\\u202E<script>&]]>\\n=1+1"'
  const made = files({
    'a.yaml': bad.replace('name: bad', `name: ${name}`).replace('name: c', `name: ${name}`),
  })
  // eslint-disable-next-line no-control-regex
  const hostile = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/

  it.each(['text', 'sarif', 'junit', 'github', 'json'])('%s', (format) => {
    const { stdout } = gatewright(['check', made, ...privileged, '--format', format])
    expect(stdout).toContain('privileged')
    expect(stdout.replaceAll('\t', ' ')).not.toMatch(hostile)
    if (format === 'github') {
      for (const line of stdout.trim().split('\n'))
        expect(line).toMatch(/^::(error|warning|notice) file=[^\n]*$/)
      expect(stdout.match(/::/g)?.length).toBe(2 * stdout.trim().split('\n').length)
    }
    if (format === 'junit') {
      expect(stdout).not.toContain('<script>')
      expect(stdout).toContain('&lt;script&gt;&amp;')
    }
    if (format === 'json' || format === 'sarif') expect(() => JSON.parse(stdout) as unknown).not.toThrow()
  })
})

describe('I6: what is judged brings no code', () => {
  const evil =
    "import { writeFileSync } from 'node:fs'\nwriteFileSync(new URL('./owned', import.meta.url), 'x')\nexport default {}\n"
  it('a configuration in the judged folder is not run', () => {
    const made = files({ 'gatewright.config.mjs': evil, 'a.yaml': bad })
    const { status, stderr } = gatewright(['check', '.'], { cwd: made })
    expect(status).toBe(2)
    expect(stderr).toContain('--trust')
    expect(existsSync(join(made, 'owned'))).toBe(false)
  })
  it('nor is a policy module in it', () => {
    const made = files({ 'p.mjs': evil, 'a.yaml': bad })
    expect(gatewright(['check', '.', '--policy', './p.mjs', '--no-config'], { cwd: made }).status).toBe(2)
    expect(existsSync(join(made, 'owned'))).toBe(false)
  })
  it('by a link neither', () => {
    const made = files({ 'manifests/p.mjs': evil, 'manifests/a.yaml': bad })
    symlinkSync('manifests', join(made, 'linked'))
    expect(
      gatewright(['check', 'manifests', '--policy', './linked/p.mjs', '--no-config'], { cwd: made }).status,
    ).toBe(2)
    expect(existsSync(join(made, 'manifests/owned'))).toBe(false)
  })
  it('a configuration above the repository is not found', () => {
    const made = files({ 'gatewright.config.mjs': evil, 'repo/.git/HEAD': 'x', 'repo/m/a.yaml': bad })
    gatewright(['check', 'm', ...privileged.slice(0, 2)], { cwd: join(made, 'repo') })
    expect(existsSync(join(made, 'owned'))).toBe(false)
  })
  it('nor, outside of a repository, one in a folder above, where others may write', () => {
    const made = files({ 'gatewright.config.mjs': evil, 'work/m/a.yaml': bad })
    const { stdout } = gatewright(['check', 'm', ...privileged.slice(0, 2)], { cwd: join(made, 'work') })
    expect(stdout).toContain('1 finding')
    expect(existsSync(join(made, 'owned'))).toBe(false)
  })
  it.each(['**/*.yaml', './m/**', '{m,n}/**/*.yaml'])('nor one below the pattern %s', (pattern) => {
    const made = files({ 'm/p.mjs': evil, 'm/a.yaml': bad })
    const { status, stderr } = gatewright(['check', pattern, '--policy', 'm/p.mjs', '--no-config'], {
      cwd: made,
    })
    expect(stderr).toContain('--trust')
    expect(status).toBe(2)
    expect(existsSync(join(made, 'm/owned'))).toBe(false)
  })
  it('but one beside what a pattern judges is run', () => {
    const made = files({ 'gatewright.config.mjs': "export default { failOn: 'huge' }\n", 'm/a.yaml': bad })
    expect(gatewright(['check', 'm/**/*.yaml'], { cwd: made }).stderr).toContain('no severity `huge`')
  })
  it('one beside the manifests is run', () => {
    const config = "export default { policies: [], failOn: 'high' }\n"
    const made = files({ 'gatewright.config.mjs': config, 'm/a.yaml': bad })
    expect(gatewright(['check', 'm'], { cwd: made }).stderr).toContain('no policies are configured')
  })
})

describe('a configuration that no types have checked is refused in words', () => {
  it.each([
    ['{ exceptions: 5 }', '`exceptions` is the path'],
    ["{ policies: 'x' }", '`policies` is a list'],
    ['{ policies: [undefined] }', '`policies` is a list'],
    ["{ policies: [{ id: 'a', ir: 1 }] }", '`policies` is a list'],
    ['{ parameters: [] }', '`parameters` is a map'],
    ["{ parameters: { 'pod-security/users': 7 } }", '`parameters` is a map'],
    ["{ parameters: { 'pod-security/user': {} } }", 'did you mean `pod-security/users`?'],
    ['{ inventory: true }', '`inventory` is'],
    ['{ match: null }', 'a match is an object'],
    ["{ match: { namespaces: 'shop' } }", '`namespaces` is a list of texts'],
    ["{ match: { kinds: { kinds: ['Pod'] } } }", '`kinds` is a list'],
    ["{ match: { kinds: [{ kind: ['Pod'] }] } }", 'has no `kind`'],
    ["{ match: { kinds: [{ kinds: ['Pdo'] }] } }", 'did you mean `Pod`?'],
    ["{ match: { kinds: [{ apiGroups: ['app'], kinds: ['Deployment'] }] } }", 'has the group `app`'],
    ["{ match: { kinds: [{ apiGroups: ['apps'], kinds: ['Pod'] }] } }", '`Pod` is not in the group `apps`'],
    ["{ match: { source: 'original' } }", '`source` is one of'],
    ["{ match: { labelSelector: { matchLables: { a: 'b' } } } }", 'is no label selector'],
    ['{ policy: [] }', 'has `policy`'],
  ])('%s', (config, says) => {
    const made = files({ 'gatewright.config.mjs': `export default ${config}\n`, 'm/a.yaml': bad })
    const { status, stderr } = gatewright(['check', 'm', ...privileged.slice(0, 2)], { cwd: made })
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('    at ')
    expect(status).toBe(2)
  })
})

describe('I7: what cannot be written is said, and nothing half is left', () => {
  it('a report into a folder that is not there', () => {
    const made = files({ 'a.yaml': bad })
    const { status, stderr } = gatewright(
      ['check', 'a.yaml', ...privileged, '--format', 'sarif=no/such/folder.sarif'],
      { cwd: made },
    )
    expect(status).toBe(2)
    expect(stderr).toContain('could not be written')
  })
  it('a report over a folder', () => {
    const made = files({ 'a.yaml': bad, 'out/x': '' })
    expect(gatewright(['check', 'a.yaml', ...privileged, '--format', 'json=out'], { cwd: made }).status).toBe(
      2,
    )
    expect(readdirSync(made).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
  it('a reader that closes the pipe', async () => {
    const made = files(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}.yaml`, bad])))
    const child = spawn(process.execPath, [bin, 'check', made, ...privileged], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()))
    child.stdout.once('data', () => child.stdout.destroy())
    await new Promise((done) => child.once('close', done))
    expect(errors).not.toContain('Error')
  })
  it('a reader that closes the pipe at once does not make findings clean', async () => {
    const made = files({ 'a.yaml': bad })
    const child = spawn(process.execPath, [bin, 'check', made, ...privileged], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    child.stderr.destroy()
    const status = await new Promise((done) => child.once('close', done))
    expect(status).toBe(1)
  })
  it.skipIf(!existsSync('/dev/full'))('a full disk under standard output is said', () => {
    const made = files({ 'a.yaml': good })
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [bin, 'check', made, ...privileged], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    expect(stderr).toContain('standard output could not be written')
    expect(stderr).not.toContain('    at ')
    expect(status).toBe(2)
  })
  it('a file that may not be read is reported', () => {
    const made = files({ 'a.yaml': bad, 'b.yaml': good })
    chmodSync(join(made, 'a.yaml'), 0)
    const { status, stdout } = gatewright(['check', made, ...privileged])
    if (process.getuid?.() === 0) expect(status).toBe(1)
    else expect(stdout).toContain('skipped')
  })
})

it('I8: what secrets hold is in no report', () => {
  const canary = 'c4n4ry-s3cr3t'
  const secret = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ntype: Opaque\nstringData:\n  password: ${canary}\ndata:\n  other: ${Buffer.from(canary).toString('base64')}\n`
  const made = files({
    'a.yaml': `${secret}---\n${bad}---\n${secret.replace('stringData:', 'stringData: [')}`,
  })
  for (const format of ['text', 'json', 'sarif', 'junit', 'github']) {
    const { stdout, stderr } = gatewright([
      'check',
      made,
      '--policy',
      'pod-security',
      '--no-config',
      '--explain',
      '--format',
      format,
    ])
    expect(stdout + stderr).not.toContain(canary)
    expect(stdout + stderr).not.toContain(Buffer.from(canary).toString('base64'))
  }
})

it('a project that a checkout writes depends on that checkout', () => {
  const cwd = files({ keep: '' })
  expect(gatewright(['init', 'mine'], { cwd }).status).toBe(0)
  const { devDependencies } = JSON.parse(readFileSync(join(cwd, 'mine/package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  const [scheme, path] = (devDependencies['gatewright'] as string).split(':')
  expect(scheme).toBe('file')
  expect(join(cwd, 'mine', path as string)).toBe(join(root, 'packages/gatewright'))
})

describe('a module that cannot be loaded', () => {
  const from = (rule: string): string =>
    [
      `import { policy } from '${root}packages/gatewright/dist/index.js'`,
      `import { services } from '${root}packages/gatewright/dist/kubernetes.js'`,
      'interface Unused { readonly a: string }',
      "export const made = policy({ id: 'a/b', title: 'T', severity: 'low', target: services,",
      '  rule: ({ object }) =>',
      `    ${rule},`,
      '} as never)',
    ].join('\n')
  it.each([
    [
      "object.spec.type.is('LoadBlancer').deny({ message: 'm' })",
      'did you mean `LoadBalancer`?\n  at p.ts:6\n',
    ],
    ["object.spec.typ.is('x').deny({ message: 'm' })", 'did you mean `type`?\n  at p.ts:6\n'],
    ['nothing.like(this)', 'nothing is not defined\n  at p.ts:6\n'],
  ])('%s is told with its line', (rule, says) => {
    const cwd = files({ 'p.ts': from(rule), 'm/a.yaml': bad })
    const { status, stderr } = gatewright(['check', 'm', '--policy', 'p.ts', '--no-config'], { cwd })
    expect(stderr).toContain(says)
    expect(status).toBe(2)
  })
  it('is told with its line where what it says wrong is found deep inside', () => {
    const text = from("object.spec.type.is('ClusterIP').deny({ message: 'm' })")
      .replace('interface Unused { readonly a: string }', `import { z } from '${import.meta.resolve('zod')}'`)
      .replace('  rule:', '  parameters: z.object({ p: z.string().regex(/^(?=a)b/).default(``) }), rule:')
    const cwd = files({ 'p.ts': text, 'm/a.yaml': bad })
    // the second time from the cache of modules, where more calls lie in between
    for (const time of ['first', 'second']) {
      const { status, stderr } = gatewright(['check', 'm', '--policy', 'p.ts', '--no-config'], { cwd })
      expect(stderr, time).toMatch(/is not RE2 syntax.*\n {2}at p\.ts:4\n/)
      expect(status).toBe(2)
    }
  })
  it('nor one that is not there', () => {
    const cwd = files({ 'm/a.yaml': bad })
    for (const args of [
      ['--policy', 'p.ts', '--no-config'],
      ['--config', 'p.ts'],
    ]) {
      const { status, stderr } = gatewright(['check', 'm', ...args], { cwd })
      expect(stderr).toBe('gatewright: there is no file `p.ts`\n')
      expect(status).toBe(2)
    }
  })
})

describe('policies by their ids', () => {
  const cwd = join(root, 'examples/policies')
  it('those of the configuration, as it configures them', () => {
    const { stdout, status } = gatewright(
      ['check', '../shop/manifests/payments.yaml', '--policy', 'shop/memory-limits', '-f', 'json'],
      { cwd },
    )
    expect(status).not.toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ policies: [{ id: 'shop/memory-limits' }] })
    expect(gatewright(['explain', 'shop/memory-limits'], { cwd }).stdout).toContain('shop/memory-limits\n')
    expect(gatewright(['explain', 'pod-security/read-only-root-filesystem'], { cwd }).stdout).toContain(
      '["postgres:*"] (set)',
    )
    expect(gatewright(['list'], { cwd }).stdout).toMatch(
      /^gatewright\.config\.ts\n(.+\n)+.*shop\/memory-limits/m,
    )
  })
  it('none without the configuration', () => {
    for (const command of [['explain'], ['list'], ['check', '.', '--policy']]) {
      const { status, stderr } = gatewright([...command, 'shop/memory-limits', '--no-config'], { cwd })
      expect(status).toBe(2)
      expect(stderr).toContain('there is no pack or policy `shop/memory-limits`')
    }
  })
  it('a misspelt one is told of the nearest', () => {
    expect(gatewright(['explain', 'shop/memry-limits'], { cwd }).stderr).toContain(
      'did you mean `shop/memory-limits`?',
    )
  })
})

describe('suppressions', () => {
  const id = 'pod-security/privileged-containers'
  const withComment = (text: string): string =>
    bad.replace(
      'securityContext: { privileged: true }',
      `securityContext: # ${text}\n        privileged: true`,
    )
  it('a comment, an annotation and an exceptions file suppress, and are counted', () => {
    const annotated = bad.replace(
      '  name: bad\n',
      `  name: bad\n  annotations:\n    gatewright.dev/ignore: ${id} reason="known"\n`,
    )
    const exceptions = `exceptions:\n  - policy: ${id}\n    kind: Pod\n    name: bad\n    reason: known\n`
    const made = files({
      'c/a.yaml': withComment(`gatewright:ignore ${id} reason="known"`),
      'n/a.yaml': annotated,
      'f/a.yaml': bad,
      'e.yaml': exceptions,
    })
    for (const args of [['c'], ['n'], ['f', '--exceptions', 'e.yaml']]) {
      const { status, stdout } = gatewright(['check', ...args, ...privileged], { cwd: made })
      expect(stdout).toContain('1 suppressed')
      expect(status).toBe(0)
    }
  })
  it.each([
    ['without a reason', `gatewright:ignore ${id}`, 'has no reason'],
    ['ended', `gatewright:ignore ${id} reason="x" until=2020-01-01`, 'ended on 2020-01-01'],
    ['with a day that is none', `gatewright:ignore ${id} reason="x" until=2026-02-31`, 'is no day'],
    ['of another policy', 'gatewright:ignore pod-security/users reason="x"', 'is not among the policies'],
    ['of everything', 'gatewright:ignore * reason="x"', 'is no policy id'],
    ['of another code', `gatewright:ignore ${id}#2 reason="x"`, 'nothing was found'],
  ])('%s does not suppress, and is reported', (_, text, says) => {
    const { status, stdout } = gatewright(['check', files({ 'a.yaml': withComment(text) }), ...privileged])
    expect(status).toBe(1)
    expect(stdout).toContain(says)
  })
  it('SARIF tells those in the manifest from those beside it', () => {
    const made = files({
      'c.yaml': withComment(`gatewright:ignore ${id} reason="known"`),
      'f.yaml': bad.replace('name: bad', 'name: other'),
      'e.yaml': `exceptions:\n  - policy: ${id}\n    name: other\n    reason: known\n`,
    })
    const { stdout } = gatewright(
      ['check', 'c.yaml', 'f.yaml', '--exceptions', 'e.yaml', '-f', 'sarif', ...privileged],
      { cwd: made },
    )
    const { runs } = JSON.parse(stdout) as {
      readonly runs: readonly { readonly results: readonly { readonly suppressions: unknown }[] }[]
    }
    expect(runs[0]?.results.map(({ suppressions }) => suppressions)).toMatchObject([
      [{ kind: 'inSource' }],
      [{ kind: 'external' }],
    ])
  })
  it('an entry of the file that the configuration names is told by the path from here', () => {
    const made = files({
      'gatewright.config.mjs': "export default { exceptions: 'e.yaml' }\n",
      'm/a.yaml': bad,
      'e.yaml': `exceptions:\n  - policy: ${id}\n    name: gone\n    reason: known\n`,
    })
    expect(gatewright(['check', 'm', ...privileged.slice(0, 2)], { cwd: made }).stdout).toContain(
      'suppression unused  e.yaml, entry 1:',
    )
  })
  it('an annotation has several, on lines or parted by semicolons, which a reason may have too', () => {
    const users = 'pod-security/users'
    for (const between of ['; ', '\\n', ' ;\\n ']) {
      const text = `${id} reason=\\"known; agreed\\"${between}${users} reason=\\"known\\"`
      const annotated = bad.replace(
        '  name: bad\n',
        `  name: bad\n  annotations:\n    gatewright.dev/ignore: "${text}"\n`,
      )
      const { stdout } = gatewright([
        'check',
        files({ 'a.yaml': annotated }),
        ...privileged,
        '--policy',
        users,
      ])
      expect(stdout).not.toContain('suppression unreadable')
      expect(stdout).not.toContain('must not run privileged')
      expect(stdout).not.toContain('must not run as root')
    }
  })
  it('an exception for every object there is is refused', () => {
    const made = files({ 'a.yaml': bad, 'e.yaml': `exceptions:\n  - policy: ${id}\n    reason: x\n` })
    const { status, stdout } = gatewright(['check', 'a.yaml', '--exceptions', 'e.yaml', ...privileged], {
      cwd: made,
    })
    expect(status).toBe(1)
    expect(stdout).toContain('is for every object there is')
  })
})

it('parameters come from a file, and wrong ones are an error for every object', () => {
  const made = files({
    'a.yaml': bad,
    'right.yaml': 'pod-security/privileged-containers:\n  exemptImages: [nginx]\n',
    'wrong.yaml': 'pod-security/privileged-containers:\n  exemptImage: [nginx]\n',
  })
  expect(
    gatewright(['check', 'a.yaml', ...privileged, '--parameters', 'right.yaml'], { cwd: made }).status,
  ).toBe(0)
  const { status, stdout } = gatewright(['check', 'a.yaml', ...privileged, '--parameters', 'wrong.yaml'], {
    cwd: made,
  })
  expect(status).toBe(3)
  expect(stdout).toContain('did you mean `exemptImages`?')
})

it('parameters for a policy that there is not are a mistake, those for another than is run are none', () => {
  const made = files({
    'a.yaml': bad,
    'misspelt.yaml': 'pod-security/privileged-container:\n  exemptImages: [nginx]\n',
    'other.yaml': 'pod-security/users: {}\n',
    'inherited.yaml': 'constructor: {}\n',
  })
  const run = (file: string, command: readonly string[] = ['check', 'a.yaml']): Run =>
    gatewright([...command, ...privileged, '--parameters', file], { cwd: made })
  for (const command of [
    ['check', 'a.yaml'],
    ['build', '--target', 'javascript'],
  ]) {
    const { status, stderr } = run('misspelt.yaml', command)
    expect(stderr).toContain('did you mean `pod-security/privileged-containers`?')
    expect(status).toBe(2)
  }
  expect(run('inherited.yaml').status).toBe(2)
  expect(run('other.yaml').status).toBe(1)
})

it('a policy that is named twice is judged once', () => {
  const { stdout } = gatewright(['check', files({ 'a.yaml': bad }), ...privileged, '-p', privileged[1] ?? ''])
  expect(stdout).toContain('1 finding: 1 critical')
})

it('E9: a kind of another group that is called Namespace speaks for no namespace', () => {
  const manifests = `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {judged: "yes"}}\n---\napiVersion: example.com/v1\nkind: Namespace\nmetadata: {name: shop}\n---\n${bad.replace('name: bad', 'name: bad\n  namespace: shop')}`
  const config = "export default { match: { namespaceSelector: { matchLabels: { judged: 'yes' } } } }\n"
  const made = files({ 'gatewright.config.mjs': config, 'm/a.yaml': manifests })
  expect(gatewright(['check', 'm', ...privileged.slice(0, 2)], { cwd: made }).status).toBe(1)
})

it('several formats at once, each in its place', () => {
  const made = files({ 'a.yaml': bad })
  const { stdout } = gatewright(
    ['check', 'a.yaml', ...privileged, '-f', 'text', '-f', 'sarif=out.sarif', '-f', 'junit=out.xml'],
    { cwd: made },
  )
  expect(stdout).toContain('1 finding')
  const log = JSON.parse(readFileSync(join(made, 'out.sarif'), 'utf8')) as {
    readonly runs: readonly { readonly results: readonly { readonly locations: readonly unknown[] }[] }[]
  }
  expect(log.runs[0]?.results[0]?.locations[0]).toMatchObject({
    physicalLocation: {
      artifactLocation: { uri: 'a.yaml' },
      region: { startLine: 9, startColumn: 38, endLine: 9, endColumn: 42 },
    },
  })
  expect(readFileSync(join(made, 'out.xml'), 'utf8')).toContain(
    '<failure type="1" message="container c must not run privileged">a.yaml:9:38</failure>',
  )
})

it('--explain says why, once for an object and policy', () => {
  const { stdout } = gatewright(['check', files({ 'a.yaml': bad }), ...privileged, '--explain'])
  expect(stdout).toMatch(/container\.securityContext\.privileged.*true/)
})

it('policies are named by the ids that they have in the configuration', () => {
  const config = `import { policy } from ${JSON.stringify(join(root, 'packages/gatewright/dist/index.js'))}
    import { pods } from ${JSON.stringify(join(root, 'packages/gatewright/dist/kubernetes.js'))}
    const named = policy({ id: 'team/named', title: 'A pod has a host name', severity: 'low', target: pods,
      rule: ({ object }) => object.spec.hostname.missing().deny({ message: 'no host name' }) })
    export default { policies: [named] }\n`
  const made = files({ 'gatewright.config.mjs': config, 'm/a.yaml': bad })
  const run = (...args: string[]): Run => gatewright(args, { cwd: made })
  expect(run('explain', 'team/named').stdout).toContain('not (object.spec.hostname.exists())')
  expect(run('explain', 'team/named', '--missing').stdout).toContain('object.spec.hostname: denies')
  expect(run('explain', 'team/named', '--no-config').status).toBe(2)
  expect(run('list').stdout).toMatch(/^gatewright\.config\.mjs\n {2}low {7}team\/named/)
  expect(run('check', 'm', '--policy', 'team/named').stdout).toContain('no host name')
})

describe('SARIF 2.1.0', () => {
  const id = 'pod-security/privileged-containers'
  const exceptions = `exceptions:\n  - policy: ${id}\n    name: known\n    reason: known\n`
  const annotated = bad.replace(
    'name: bad',
    `name: annotated\n  annotations: { gatewright.dev/ignore: '${id} reason="x"' }`,
  )
  const read = (text: string) => {
    const made = files({ 'a b#é.yaml': text, 'e.yaml': exceptions })
    const args = [
      'check',
      'a b#é.yaml',
      ...privileged,
      '-p',
      'pod-security/seccomp',
      '--exceptions',
      'e.yaml',
    ]
    const { stdout } = gatewright([...args, '-f', 'sarif'], { cwd: made })
    return (JSON.parse(stdout) as { runs: [Loose] }).runs[0]
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  type Loose = any
  const run = read(
    [bad, pod('known', '{ privileged: true }'), annotated, pod('odd', '[]'), 'a: ['].join('---\n'),
  )
  const results = run.results as Loose[]

  it('names rules once, and results point to them (3.19.23, 3.27.6)', () => {
    const ids = run.tool.driver.rules.map((rule: Loose) => rule.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId)
  })
  it('has regions of whole lines and columns that end where they start or behind (3.30)', () => {
    for (const { locations } of results) {
      const { artifactLocation, region } = locations[0].physicalLocation
      expect(artifactLocation.uri).toBe('a%20b%23%C3%A9.yaml')
      expect(region.startLine).toBeGreaterThan(0)
      expect(region.endLine).toBeGreaterThanOrEqual(region.startLine)
      if (region.endLine === region.startLine) expect(region.endColumn).toBeGreaterThan(region.startColumn)
    }
  })
  it('says of every result what suppresses it, and whether that stands in the source (3.27.23, 3.35.2)', () => {
    const kinds = results
      .filter(({ ruleId }) => ruleId === id)
      .map(({ suppressions }) => suppressions.map(({ kind }: Loose) => kind))
    expect(kinds).toEqual([[], ['external'], ['inSource']])
    for (const { suppressions } of results) expect(suppressions).toBeInstanceOf(Array)
  })
  it('notes what could not be judged, with its place, and that the run was not whole (3.20.14, 3.58)', () => {
    const [{ executionSuccessful, toolExecutionNotifications: notes }] = run.invocations
    expect(executionSuccessful).toBe(false)
    const invalid = notes.find(({ descriptor }: Loose) => descriptor.id === 'invalid')
    expect(invalid).toMatchObject({ level: 'error', associatedRule: { id } })
    expect(invalid.locations[0].physicalLocation.region.startLine).toBeGreaterThan(1)
    expect(notes.every(({ message }: Loose) => message.text !== '')).toBe(true)
  })
  it('has fingerprints that stay when lines move (3.27.16)', () => {
    const prints = ({ results: all }: Loose): unknown[] =>
      all.map(({ partialFingerprints }: Loose) => partialFingerprints)
    expect(prints(read(`# moved\n\n${bad}`))).toEqual(prints(read(bad)))
    expect(new Set(results.map(({ partialFingerprints }) => partialFingerprints['gatewright/v1'])).size).toBe(
      results.length,
    )
  })
})

it('JUnit sums are those of its cases, and a failure says where it is', () => {
  const made = files({ 'a.yaml': bad, 'b.yaml': `${good}---\na: [\n` })
  const { stdout } = gatewright(
    ['check', '.', ...privileged, '-p', 'pod-security/interactive-tty', '-f', 'junit'],
    {
      cwd: made,
    },
  )
  const sum = (name: string): number =>
    [...stdout.matchAll(new RegExp(`<testsuite .*${name}="(\\d+)"`, 'g'))].reduce(
      (all, [, n]) => all + Number(n),
      0,
    )
  expect(stdout).toContain(
    `<testsuites name="gatewright" tests="${sum('tests')}" failures="${sum('failures')}" errors="${sum('errors')}" skipped=`,
  )
  expect([sum('tests'), sum('failures'), sum('errors')]).toEqual([5, 1, 1])
  expect(stdout).toContain('>a.yaml:9:38</failure>')
})

it('colour is for people, or for those who force it', () => {
  const made = files({ 'a.yaml': bad })
  expect(gatewright(['check', made, ...privileged]).stdout).not.toContain('\u001B[')
  expect(
    gatewright(['check', made, ...privileged], { env: { NO_COLOR: '', FORCE_COLOR: '1' } }).stdout,
  ).toContain('\u001B[')
})

it('a kind that looks misspelt is told, with the one that is meant', () => {
  const { stdout } = gatewright([
    'check',
    files({ 'a.yaml': `apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: apps/v1, kind: Deploymnt }\n` }),
    ...privileged,
  ])
  expect(stdout).toContain('a.yaml:4:34 Kubernetes has no kind `Deploymnt` in the group `apps`')
  expect(stdout).toContain('did you mean `Deployment` of `apps/v1`?')
})

describe('an inventory that is not complete', () => {
  const policy = [
    `import { message, policy } from '${root}packages/gatewright/dist/index.js'`,
    `import { namespaces, networkPolicies } from '${root}packages/gatewright/dist/kubernetes.js'`,
    "export const denied = policy({ id: 'a/b', title: 'T', severity: 'low', target: namespaces,",
    '  rule: ({ object, cluster }) =>',
    '    cluster.list(networkPolicies).inNamespace(object.metadata.name).isEmpty().deny({ message: message`none`, at: object }),',
    '})',
  ].join('\n')
  const made = files({
    'p.mjs': policy,
    'm/a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n',
  })
  const args = ['check', 'm', '--policy', 'p.mjs', '--no-config']
  it('leaves a verdict undetermined, and says what to do', () => {
    const { stdout } = gatewright(args, { cwd: made })
    expect(stdout).toContain(
      'undetermined  m/a.yaml Namespace a: the inventory does not hold every NetworkPolicy',
    )
    expect(stdout).toContain('or say --inventory-complete if these files are all there is')
  })
  it('is explained as it was judged, where it is', () => {
    const { stdout } = gatewright([...args, '--inventory-complete', '--explain'], { cwd: made })
    expect(stdout).toContain('→ true  (p.mjs:5)')
    expect(stdout).not.toContain('undetermined')
  })
})

it('L10: fields that a cluster would drop are told, and never matched loosely', () => {
  const misspelt = bad
    .replace('spec:\n', 'spec:\n  hostnetwork: true\n')
    .replace('privileged: true', 'privilegd: true')
  const { status, stdout } = gatewright([
    'check',
    files({ 'a.yaml': misspelt }),
    '--policy',
    'pod-security/privileged-containers',
    '--policy',
    'pod-security/host-namespaces',
    '--no-config',
  ])
  expect(stdout).toContain('`spec.hostnetwork`')
  expect(stdout).toContain('did you mean `hostNetwork`?')
  expect(stdout).toContain('did you mean `privileged`?')
  expect(status).toBe(0)
})

describe('build --target rego', () => {
  const given = ['build', '--target', 'rego', '--policy', 'pod-security', '--no-config']
  const built = (out: string, ...options: readonly string[]): Run =>
    gatewright([...given, '--out', 'out', ...options], { cwd: out })

  it('writes a module a policy, which --check holds to the letter', () => {
    const made = files({ 'p.yaml': 'pod-security/host-ports: { min: 80, max: 90 }\n' })
    expect(built(made, '--parameters', 'p.yaml')).toMatchObject({ status: 0 })
    const module = readFileSync(join(made, 'out/gatewright/pod_security/host_ports.rego'), 'utf8')
    expect(module).toMatch(/^# made by gatewright; sha256 of what follows: [0-9a-f]{64}\n\n# METADATA\n/)
    expect(module).toContain('package gatewright.pod_security.host_ports')
    expect(module).toMatch(/description: "host-ports\.ts:\d+"/)
    const data = readFileSync(join(made, 'out/gatewright/parameters/data.json'), 'utf8')
    expect(JSON.parse(data)).toEqual({ 'pod-security/host-ports': { min: 80, max: 90 } })
    expect(built(made, '--parameters', 'p.yaml', '--check').status).toBe(0)
    writeFileSync(join(made, 'out/gatewright/lib.rego'), 'package gatewright.lib\n')
    expect(built(made, '--parameters', 'p.yaml', '--check')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('lib.rego is not what the policy comes to') as string,
    })
  })

  it('says of two policies in one package which they are, and what to do', () => {
    const made = files({
      'p.mjs': `import { policy } from ${JSON.stringify(join(root, 'packages/gatewright/dist/index.js'))}
import { pods } from ${JSON.stringify(join(root, 'packages/gatewright/dist/kubernetes.js'))}
const made = (id) => policy({ id, title: 'x', severity: 'low', target: pods,
  rule: ({ object }) => object.spec.hostNetwork.is(true).deny({ message: 'x' }) })
export const a = made('team/a'), b = made('team/a/b')
`,
    })
    const { status, stderr } = gatewright(['build', '--target', 'rego', '--no-config', '--policy', 'p.mjs'], {
      cwd: made,
    })
    expect(status).toBe(2)
    expect(stderr).toContain('`team/a/b` and `team/a`')
    expect(stderr).toContain('rename one')
  })

  it('writes templates for Gatekeeper, in the old version too', () => {
    const made = files({ 'README.md': 'policies' })
    expect(built(made, '--entry', 'gatekeeper', '--rego-version', 'v0').status).toBe(0)
    const module = readFileSync(join(made, 'out/gatewright/pod_security/users.rego'), 'utf8')
    expect(module).toContain('violation[found] {')
    expect(module).not.toContain('import ')
    expect(existsSync(join(made, 'out/gatewright/lib.rego'))).toBe(false)
    expect(built(made, '--rego-version', 'v0').status).toBe(2)
  })

  it('refuses policies whose packages collide', () => {
    const policies = `import { policy } from ${JSON.stringify(join(root, 'packages/gatewright/dist/index.js'))}
      import { pods } from ${JSON.stringify(join(root, 'packages/gatewright/dist/kubernetes.js'))}
      const one = (id) => policy({ id, title: 'A pod has a name', severity: 'low', target: pods,
        rule: ({ object }) => object.metadata.name.missing().deny({ message: 'none' }) })
      export const outer = one('team')
      export const inner = one('team/names')\n`
    const made = files({ 'p.mjs': policies })
    const { status, stderr } = gatewright(
      ['build', '--target', 'rego', '--policy', './p.mjs', '--no-config'],
      { cwd: made },
    )
    expect(stderr).toContain('`team/names` and `team` would both stand in the Rego package `gatewright.team`')
    expect(status).toBe(2)
  })
})
