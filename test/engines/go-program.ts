import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Builds one of the Go programs of this folder, and gives a function that asks it: lines in, lines out. */
export function goProgram(
  name: string,
): (lines: readonly string[], ...options: readonly string[]) => readonly string[] {
  const folder = fileURLToPath(new URL(`${name}/`, import.meta.url))
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatewright')
  mkdirSync(cache, { recursive: true })
  const binary = join(cache, name)
  execFileSync('go', ['build', '-trimpath', '-o', binary, '.'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return (lines, ...options) => {
    const { stdout, status, stderr } = spawnSync(binary, options, {
      input: `${lines.join('\n')}\n`,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    })
    if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`)
    return stdout.trimEnd().split('\n')
  }
}
