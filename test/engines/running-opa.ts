import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, until } from './docker-registry.js'
import { opa } from './opa.js'

/** An `opa run --server` on this machine. */
export interface RunningOpa {
  /** What a path of `data` is for an input; undefined where it is not defined. */
  data(path: string, input: unknown): Promise<unknown>
  /** Where it listens. */
  readonly url: string
  /** The names of its modules. */
  modules(): Promise<readonly string[]>
  /** The texts of its modules. */
  texts(): Promise<readonly string[]>
  /** Writes at a path of its REST API. */
  put(path: string, text: string): Promise<void>
  /** What is written at a path of `data`, without a question to a rule. */
  logs(): string
  /** Waits until OPA has a bundle of that revision. */
  hasRevision(bundle: string, revision: string, milliseconds?: number): Promise<void>
  close(): Promise<void>
}

/** Runs OPA with a configuration, and waits until it listens. */
export async function runOpa(configuration: object): Promise<RunningOpa> {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-opa-'))
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(configuration))
  const host = `127.0.0.1:${await freePort()}`
  const child = spawn(
    opa(),
    ['run', '--server', '--addr', host, '--config-file', file, '--disable-telemetry', '--log-level', 'info'],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
  )
  let logs = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (logs += chunk.toString()))
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const data = async (path: string, input: unknown): Promise<unknown> => {
    const response = await fetch(`http://${host}/v1/data/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input }),
    })
    return ((await response.json()) as { readonly result?: unknown }).result
  }
  const policies = async (): Promise<readonly { readonly id: string; readonly raw: string }[]> => {
    const response = await fetch(`http://${host}/v1/policies`)
    return (
      (await response.json()) as { readonly result: readonly { readonly id: string; readonly raw: string }[] }
    ).result
  }
  const hasRevision = (bundle: string, revision: string, milliseconds?: number): Promise<void> =>
    until(
      `${bundle} has the revision ${revision}`,
      async () => (await data(`system/bundles/${bundle}/manifest/revision`, null)) === revision,
      () => logs,
      milliseconds,
    )
  await until(
    'OPA listens',
    () =>
      fetch(`http://${host}/health`).then(
        () => true,
        () => false,
      ),
    () => logs,
  )
  return {
    url: `http://${host}`,
    modules: async () => (await policies()).map(({ id }) => id),
    texts: async () => (await policies()).map(({ raw }) => raw),
    put: async (path, text) => {
      const { status } = await fetch(`http://${host}/${path}`, { method: 'PUT', body: text })
      if (status >= 300) throw new Error(`OPA answers ${status}`)
    },
    data,
    hasRevision,
    logs: () => logs,
    close: async () => {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}
