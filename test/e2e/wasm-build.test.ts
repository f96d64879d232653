import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModuleInstance } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'packages/gatewright/bin/gatewright.js')
const folder = mkdtempSync(join(tmpdir(), 'gatewright-wasm-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const own = `import { message, policy } from ${JSON.stringify(join(root, 'packages/gatewright/dist/index.js'))}
import { workloads } from ${JSON.stringify(join(root, 'packages/gatewright/dist/kubernetes.js'))}

export const hostnames = policy({
  id: 'team/hostnames',
  title: 'Hostnames are short',
  severity: 'low',
  target: workloads,
  rule: ({ pod }) => pod.hostname.length().gt(20).ifMissing(false).deny({ message: message\`\${pod.hostname}\` }),
})
export const images = policy({
  id: 'team/images',
  title: 'Images are of the registry',
  severity: 'high',
  target: workloads,
  rule: ({ pod }) => pod.containers
    .filter((c) => c.image.startsWith('reg.io/').ifMissing(false).not())
    .deny((c) => ({ message: message\`\${c.name}\`, at: c.image })),
})
`

const gatewright = (args: readonly string[], env: object = {}): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })

const build = ['build', '--target', 'wasm', '--no-config', '--policy', './policies/own.mjs']

describe('a module made by the command', () => {
  let bytes: Buffer
  beforeAll(() => {
    mkdirSync(join(folder, 'policies'))
    writeFileSync(join(folder, 'policies/own.mjs'), own)
    const { status, stderr } = gatewright([...build, '--out', 'out'])
    expect(status, String(stderr)).toBe(0)
    bytes = readFileSync(join(folder, 'out/policies.wasm'))
  })

  it('judges a document by all policies', () => {
    const instance = new ModuleInstance(new webAssembly.Module(bytes))
    const pod = (image: string): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'c', image }] } })
    expect(instance.judge(pod('reg.io/a'))).toEqual([0, 0])
    expect(instance.judge(pod('evil.io/a'))).toEqual([
      0,
      {
        verdict: 'denied',
        reasons: [],
        violations: [
          { at: ['spec', 'containers', 0, 'image'], code: '1', deny: 0, details: {}, message: 'c' },
        ],
      },
    ])
  })

  it('has the same bytes in another process, place and time zone', () => {
    const { status } = gatewright([...build, '--out', 'again'], { TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8' })
    expect(status).toBe(0)
    expect(readFileSync(join(folder, 'again/policies.wasm')).equals(bytes)).toBe(true)
    expect(gatewright([...build, '--out', 'again', '--check']).status).toBe(0)
    writeFileSync(join(folder, 'again/policies.wasm'), bytes.subarray(1))
    const drifted = gatewright([...build, '--out', 'again', '--check'])
    expect([drifted.status, drifted.stdout]).toEqual([
      1,
      'again/policies.wasm is not what the policy comes to\n',
    ])
    expect(drifted.stderr).toContain('without --check to write what they come to')
    const absent = gatewright([...build, '--out', 'absent', '--check'])
    expect([absent.status, absent.stdout]).toEqual([
      1,
      'absent/policies.wasm is not there\nabsent/policies.wasm.map is not there\n',
    ])
  })

  it.each([
    ['--no-simd', 'rego', ['--no-simd']],
    ['--no-simd', 'javascript', ['--no-simd']],
    ['--entry', 'wasm', ['--entry', 'gatekeeper']],
    ['--rego-version', 'javascript', ['--rego-version', 'v0']],
  ] as const)('%s is refused by the target %s, which does not know it', (option, target, given) => {
    const { status, stderr } = gatewright(['build', '--target', target, ...build.slice(3), ...given])
    expect(status).toBe(2)
    expect(stderr).toContain(`\`${option}\` is of the target `)
    expect(stderr).toContain(`this one is \`${target}\``)
  })

  it('has a source map from its functions to the lines of the rules', () => {
    const map = JSON.parse(readFileSync(join(folder, 'out/policies.wasm.map'), 'utf8')) as {
      readonly sources: readonly string[]
      readonly mappings: string
    }
    expect(map.sources).toEqual(['policies/own.mjs'])
    // after the first, each is a step from the one before: bytes, source, lines, columns
    expect(map.mappings.split(',').length).toBeGreaterThanOrEqual(2)
    expect(Buffer.from(bytes).includes('sourceMappingURL')).toBe(true)
  })

  it('has the same source map where stacks are mapped from the start', () => {
    const { status } = gatewright([...build, '--out', 'mapped'], { NODE_OPTIONS: '--enable-source-maps' })
    expect(status).toBe(0)
    const [one, other] = ['out', 'mapped'].map((out) =>
      readFileSync(join(folder, out, 'policies.wasm.map'), 'utf8'),
    )
    expect(other).toBe(one)
  })

  it('is told by `inspect`', () => {
    const { status, stdout } = gatewright(['inspect', 'out/policies.wasm'])
    expect(status).toBe(0)
    expect(stdout).toContain('2 policies')
    expect(stdout).toContain(`sha256 ${createHash('sha256').update(bytes).digest('hex')}`)
    expect(stdout).toContain(
      '1  gatewright/team/hostnames/decision\n     team/hostnames · low · Hostnames are short\n',
    )
    const json = JSON.parse(String(gatewright(['inspect', '--json', 'out/policies.wasm']).stdout)) as {
      readonly entryPoints: readonly string[]
    }
    expect(json.entryPoints).toEqual([
      'gatewright/decisions',
      'gatewright/team/hostnames/decision',
      'gatewright/team/images/decision',
    ])
  })

  it('is refused where a policy cannot be said, and its witness says why it was not asked', () => {
    const policies = `${own}
import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
export const linked = policy({
  id: 'team/linked', title: 'Linked', severity: 'low', target: workloads,
  parameters: z.object({ link: z.url().default('https://example.com') }),
  rule: ({ pod, parameters }) => pod.hostname.is(parameters.link).deny({ message: 'no' }),
})
`
    writeFileSync(join(folder, 'policies/linked.mjs'), policies)
    const why =
      /policy `team\/linked` cannot be compiled to WebAssembly: the schema of the parameter `link` has the format `uri`.*linked\.mjs:\d+:\d+/
    const named = ['--no-config', '--policy', './policies/linked.mjs']
    const { status, stderr } = gatewright(['build', '--target', 'wasm', ...named])
    expect([status, stderr]).toEqual([2, expect.stringMatching(why)])
    const judged = spawnSync(process.execPath, [bin, 'check', '-', ...named, '--engine', 'opa-wasm'], {
      cwd: folder,
      encoding: 'utf8',
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a' },
        spec: { containers: [] },
      }),
    })
    expect([judged.status, judged.stderr]).toEqual([0, expect.stringMatching(why)])
    expect(judged.stderr).toContain('opa-wasm confirms 2 of 2 verdicts')
  })

  it('is refused by `inspect` where it is none of ours, or broken', () => {
    writeFileSync(join(folder, 'broken.wasm'), bytes.subarray(0, bytes.length - 700))
    writeFileSync(join(folder, 'empty.wasm'), '')
    writeFileSync(join(folder, 'other.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
    for (const file of ['broken.wasm', 'empty.wasm', 'other.wasm', 'absent.wasm', 'policies']) {
      const { status, stderr } = gatewright(['inspect', file])
      expect([file, status], String(stderr)).toEqual([file, 2])
    }
  })
})
