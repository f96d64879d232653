import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'packages/gatewright/bin/gatewright.js')
const folder = mkdtempSync(join(tmpdir(), 'gatewright-bytes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const own = `import { message, policy } from ${JSON.stringify(join(root, 'packages/gatewright/dist/index.js'))}
import { workloads } from ${JSON.stringify(join(root, 'packages/gatewright/dist/kubernetes.js'))}

export const names = policy({
  id: 'team/names',
  title: 'Names are short',
  severity: 'low',
  target: workloads,
  rule: ({ pod }) => [
    pod.hostname.length().gt(20).ifMissing(false).deny({ message: message\`\${pod.hostname}\` }),
    pod.containers.filter((c) => c.image.startsWith('x').ifMissing(false)).deny((c) => ({ message: message\`\${c.name}\`, at: c.image })),
  ],
})
`

/** A project of its own, far below others or right at the top. */
function project(name: string): string {
  const made = join(folder, name)
  mkdirSync(join(made, 'policies'), { recursive: true })
  writeFileSync(join(made, 'policies/names.mjs'), own)
  return made
}

/** What `build` writes in a process of its own: each file with its bytes. */
function built(
  made: string,
  out: string,
  options: readonly string[],
  env: object,
): ReadonlyMap<string, Buffer> {
  const policies = ['pod-security', 'pod-security-standards/restricted', './policies/names.mjs']
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[bin, 'build', '--target', 'rego', '--no-config', '--out', out, ...options],
      ...policies.flatMap((each) => ['--policy', each]),
    ],
    { cwd: made, encoding: 'utf8', env: { ...process.env, ...env } },
  )
  expect(status, stdout + stderr).toBe(0)
  const files = readdirSync(join(made, out), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  return new Map(files.sort().map((path) => [path.slice(join(made, out).length + 1), readFileSync(path)]))
}

const sums = (files: ReadonlyMap<string, Buffer>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...files].map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('hex')]),
  )

it.each([[[]], [['--entry', 'gatekeeper']], [['--entry', 'gatekeeper', '--rego-version', 'v0']]])(
  'C9: three builds in two folders give the same bytes, with nothing of the machine in them: %j',
  (options) => {
    const name = options.at(-1) ?? 'plain'
    const [here, there] = [project(name), project(join('other', 'much deeper', name))]
    const first = built(here, 'out', options, { TZ: 'UTC', LANG: 'C' })
    const second = built(here, 'again', options, {
      TZ: 'Asia/Kolkata',
      LANG: 'tr_TR.UTF-8',
      HOME: folder,
      USER: 'x',
    })
    const third = built(there, 'out', options, { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8' })
    expect(first.size).toBeGreaterThan(20)
    expect(sums(second)).toEqual(sums(first))
    expect(sums(third)).toEqual(sums(first))
    for (const [path, bytes] of first) {
      const text = bytes.toString()
      for (const told of [root, folder, tmpdir(), `/${userInfo().username}/`, 'file://'])
        expect(text.includes(told), `${path} has ${told}`).toBe(false)
      expect(text, path).not.toMatch(/\b20\d\d-\d\d-\d\d|\b\d\d:\d\d:\d\d\b/)
      expect(text.split(/[^\w.-]+/), path).not.toContain(hostname())
      expect(text.includes('\r'), path).toBe(false)
    }
    const module = first.get('gatewright/team/names.rego')?.toString()
    expect(module).toMatch(/description: "(policies\/)?names\.mjs:\d+"/)
  },
)
