import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import type { BundleOptions, PolicyOptions } from './built-bundle.js'

/**
 * Builds the bundle again when a file below this folder changes, in a process of its own, since one that has loaded modules keeps
 * them. Hands over each bundle that comes of it, or says why there is none.
 */
export function rebuildOnChange(
  options: PolicyOptions & BundleOptions,
  put: (bytes: Uint8Array) => Promise<void>,
  failed: (reason: string) => void,
): { stop(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-serve-'))
  let isStopped = false
  let isChanged = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined
  let end = (): void => {}

  async function rebuild(): Promise<void> {
    while (isChanged) {
      isChanged = false
      const child = spawn(process.execPath, [process.argv[1] ?? '', ...buildArguments(options, folder)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      end = () => child.kill()
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2000)))
      const code = await new Promise<number | null>((resolve) => {
        child.on('error', () => resolve(null))
        child.on('close', resolve)
      })
      if (isStopped) return
      try {
        if (code === 0) await put(readFileSync(join(folder, 'bundle.tar.gz')))
        else failed(said.trim())
      } catch (error) {
        failed(error instanceof Error ? error.message : String(error))
      }
    }
  }

  const watcher = watch(process.cwd(), { recursive: true }, (_event, file) => {
    if (file === null || !/\.(?:[cm]?[jt]s|json|ya?ml|pem)$/.test(file)) return
    if (file.split(sep).some((step) => step === 'node_modules' || step.startsWith('.'))) return
    isChanged = true
    clearTimeout(timer)
    // editors write a file in several steps
    timer = setTimeout(() => {
      running ??= rebuild().finally(() => (running = undefined))
    }, 150)
  })
  watcher.on('error', ({ message }) => failed(`changes are no longer seen: ${message}`))
  return {
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      watcher.close()
      end()
      await running
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The command that builds the same bundle. */
function buildArguments(options: PolicyOptions & BundleOptions, out: string): readonly string[] {
  const { policy, parameters, config, form, signingKey, signingAlg, keyId, scope } = options
  const given = {
    parameters,
    form,
    'signing-key': signingKey,
    'signing-alg': signingAlg,
    'key-id': keyId,
    scope,
  }
  return [
    'build',
    '--target',
    'bundle',
    '--out',
    out,
    ...policy.flatMap((name) => ['--policy', name]),
    ...(config === false ? ['--no-config'] : typeof config === 'string' ? ['--config', config] : []),
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
  ]
}
