import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The packages as users get them, in an empty folder with a project that `init` wrote. */
describe('the packed packages in an empty project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-packed-'))
  const project = join(folder, 'project')
  const bin = join(project, 'node_modules', '.bin')

  const gatewright = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(join(bin, 'gatewright'), args, {
      cwd: project,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    })

  beforeAll(() => {
    const tarballs = join(folder, 'tarballs')
    mkdirSync(tarballs)
    const packages = [
      ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
      'policies/pod-security',
    ]
    for (const name of packages) {
      execFileSync('npx', ['--yes', 'pnpm@10', 'pack', '--pack-destination', tarballs], {
        cwd: join(root, name),
        stdio: 'ignore',
      })
    }
    execFileSync(process.execPath, [join(root, 'packages/gatewright/bin/gatewright.js'), 'init', project], {
      stdio: 'ignore',
    })
    const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>
      overrides?: Record<string, string>
    }
    const files = readdirSync(tarballs).map(
      (name) => [packageName(name), `file:${join(tarballs, name)}`] as const,
    )
    manifest.devDependencies['gatewright'] = Object.fromEntries(files)['gatewright'] as string
    manifest.overrides = Object.fromEntries(files.filter(([name]) => name !== 'gatewright'))
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: project,
      stdio: 'ignore',
    })
  }, 240_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('finds the mistake in the manifest that init wrote', () => {
    const { status, stdout } = gatewright('check', 'manifests')
    expect(stdout).toContain('container app uses nginx:latest: name a tag that stays')
    expect(stdout).toContain('14:18')
    expect(status).toBe(1)
  })

  it('type-checks the policy and its test', () => {
    execFileSync(join(bin, 'tsc'), ['--noEmit'], { cwd: project })
  })

  it("passes the policy's test, which covers it", () => {
    const { status, stdout, stderr } = gatewright('test')
    expect(status, `${stdout}${stderr}`).toBe(0)
    expect(stdout).toContain('team/image-tags: 2 of 2 conditions covered (100 %)')
    expect(stdout).toContain('team/image-tags: 15 of 15 mutants killed (100 %)')
  })

  it('lints the policy, and finds an operator that cannot see the input', () => {
    const clean = gatewright('lint', 'policies')
    expect(clean.status).toBe(0)
    expect(clean.stderr).toMatch(/lets it go: team\/image-tags\n/)
    const path = join(project, 'policies/image-tags.ts')
    const policy = readFileSync(path, 'utf8')
    writeFileSync(path, policy.replace('.digest.missing())', '.digest.missing() || c.image.missing())'))
    const { status, stdout, stderr } = gatewright('lint', 'policies')
    writeFileSync(path, policy)
    expect(stdout).toContain('no-misused-promises')
    expect(stderr).toContain('write .and(), .or() and .not()')
    expect(status).toBe(1)
  })

  it('lints what the configured policies come to', () => {
    const path = join(project, 'policies/image-tags.ts')
    const policy = readFileSync(path, 'utf8')
    writeFileSync(path, policy.replace('pod.allContainers', 'pod.containers'))
    const { status, stdout } = gatewright('lint', 'policies')
    writeFileSync(path, policy)
    expect(stdout).toMatch(/image-tags\.ts:\d+:\d+: .*only containers of a pod .*\[forgotten-containers\]/)
    expect(status).toBe(1)
  })

  it('builds a module that judges, and says when it has drifted', () => {
    expect(gatewright('build', '--target', 'javascript').status).toBe(0)
    expect(gatewright('build', '--target', 'javascript', '--check').status).toBe(0)
    const script = `import policy from './build/team/image-tags.js'
      for (const image of ['nginx', 'nginx:1.27.3']) {
        const spec = { containers: [{ name: 'app', image }] }
        const { verdict, violations } = policy.judge({ object: { apiVersion: 'v1', kind: 'Pod', spec } })
        console.log(verdict, JSON.stringify(violations.map(({ at }) => at)))
      }`
    const judged = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: project,
      encoding: 'utf8',
    })
    expect(judged).toBe('denied [["spec","containers",0,"image"]]\nallowed []\n')
    const path = join(project, 'build/team/image-tags.js')
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('latest', 'newest'))
    const { status, stdout } = gatewright('build', '--target', 'javascript', '--check')
    expect(stdout).toContain('build/team/image-tags.js is not what the policy comes to')
    expect(status).toBe(1)
  })

  it('a project that it writes depends on its version', () => {
    expect(gatewright('init', 'another').status).toBe(0)
    const { devDependencies } = JSON.parse(readFileSync(join(project, 'another/package.json'), 'utf8')) as {
      devDependencies: Record<string, string>
    }
    expect(devDependencies['gatewright']).toBe(`^${gatewright('--version').stdout.trim()}`)
  })

  it('lists, explains, and says its version', () => {
    expect(gatewright('list').stdout).toContain('pod-security-standards/restricted')
    expect(gatewright('explain', 'pod-security/users').stdout).toContain('MustRunAsNonRoot')
    expect(gatewright('--version').stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/)
  })
})

/** `gatewright-core-0.0.0.tgz` → `@gatewright/core`. */
function packageName(file: string): string {
  const name = file.replace(/-\d+\.\d+\.\d+.*$/, '')
  return name === 'gatewright' ? name : name.replace('gatewright-', '@gatewright/')
}
