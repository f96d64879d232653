import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Debian's `docker-registry`, installed where that can be done; or why there is none. */
export function findDockerRegistry(): { readonly path: string } | { readonly reason: string } {
  const known = installed()
  if (known !== undefined) return { path: known }
  if (process.getuid?.() !== 0)
    return { reason: 'no docker-registry is installed, and only root can install one' }
  console.error('installing docker-registry: seconds, once')
  spawnSync('apt-get', ['update'], { stdio: 'ignore' })
  const { status, stderr } = spawnSync(
    'apt-get',
    ['install', '-y', '--no-install-recommends', 'docker-registry'],
    { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } },
  )
  const path = installed()
  if (path !== undefined) return { path }
  return {
    reason: `docker-registry cannot be installed: apt-get ended with ${String(status)}: ${stderr ?? ''}`,
  }
}

function installed(): string | undefined {
  const { stdout } = spawnSync('sh', ['-c', 'command -v docker-registry'], { encoding: 'utf8' })
  return stdout.trim() === '' ? undefined : stdout.trim()
}

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** Waits until something holds; throws with what is known where it does not in time. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  told: () => string = () => '',
  milliseconds = 20_000,
): Promise<void> {
  const end = Date.now() + milliseconds
  for (;;) {
    if (await holds()) return
    if (Date.now() > end) throw new Error(`not in ${milliseconds} ms: ${what}\n${told()}`)
    await pause(20)
  }
}

export interface RunningRegistry {
  readonly host: string
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
  /** Starts it again on the same port with what it had. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Runs a registry on this machine, with a folder and a port of its own. */
export async function runDockerRegistry(program: string): Promise<RunningRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-registry-'))
  const host = `127.0.0.1:${await freePort()}`
  writeFileSync(
    join(folder, 'config.yml'),
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${join(folder, 'data')} } }
http: { addr: '${host}', secret: of-this-test }
`,
  )
  let end: () => Promise<void> = async () => {}
  const start = async (): Promise<void> => {
    const child = spawn(program, ['serve', join(folder, 'config.yml')], {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
    })
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
    end = () => {
      child.kill('SIGKILL')
      return ended
    }
    await until('the registry answers', () =>
      fetch(`http://${host}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
  }
  await start()
  return {
    host,
    start,
    kill: () => end(),
    close: async () => {
      await end()
      rmSync(folder, { recursive: true })
    },
  }
}
