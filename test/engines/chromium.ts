import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** A Chromium of this machine, installed from Debian's packages where that can be done; or why there is none. */
export function findChromium(): { readonly path: string } | { readonly reason: string } {
  const known = installed()
  if (known !== undefined) return { path: known }
  if (process.getuid?.() !== 0) return { reason: 'no chromium is installed, and only root can install one' }
  console.error('installing chromium: half a minute, once')
  spawnSync('apt-get', ['update'], { stdio: 'ignore' })
  const { status, stderr } = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const path = installed()
  if (path !== undefined) return { path }
  return { reason: `chromium cannot be installed: apt-get ended with ${String(status)}: ${stderr ?? ''}` }
}

function installed(): string | undefined {
  return names
    .map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim())
    .find((path) => path !== '')
}

/** Opens a page without a window. Gives what closes it. */
export function openPage(chromium: string, url: string): { close(): void } {
  const profile = mkdtempSync(join(tmpdir(), 'gatewright-chromium-'))
  const options = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    `--user-data-dir=${profile}`,
    url,
  ]
  // in a group of its own, since it starts others that must end with it
  const child: ChildProcess = spawn(chromium, options, { stdio: 'ignore', detached: true })
  return {
    close: () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}
