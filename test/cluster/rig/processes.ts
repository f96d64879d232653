import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Processes that end with the run, and the folder of their logs and data, which goes with them. Only what was started here is ever
 * ended.
 */
export class Processes {
  readonly #folder: string
  readonly #running: { readonly name: string; readonly child: ChildProcess }[] = []

  constructor(folder: string) {
    this.#folder = folder
    process.once('exit', () => {
      for (const { child } of this.#running) child.kill('SIGKILL')
      this.#clear()
    })
  }

  start(
    name: string,
    program: string,
    options: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): void {
    const log = openSync(this.#log(name), 'a')
    const child = spawn(program, options, {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...environment },
      cwd: this.#folder,
    })
    closeSync(log)
    child.on('error', () => undefined)
    this.#running.push({ name, child })
  }

  /** Waits until a condition holds, while everything that was started is alive. */
  async until(what: string, holds: () => Promise<boolean>, seconds = 120): Promise<void> {
    const end = Date.now() + seconds * 1000
    for (;;) {
      for (const { name, child } of this.#running) {
        if (hasEnded(child)) throw new Error(`${name} ended:\n${this.#lastLines(name)}`)
      }
      if (await holds().catch(() => false)) return
      if (Date.now() > end) {
        const logs = this.#running.map(({ name }) => `${name}:\n${this.#lastLines(name)}`)
        throw new Error(`${what}: not after ${seconds} s\n${logs.join('\n')}`)
      }
      await sleep(100)
    }
  }

  /** The last that was started first, since it needs the others. */
  async stop(): Promise<void> {
    for (const { child } of this.#running.reverse()) {
      child.kill('SIGTERM')
      const end = Date.now() + 10_000
      while (!hasEnded(child) && Date.now() < end) await sleep(20)
      child.kill('SIGKILL')
    }
    this.#running.length = 0
    this.#clear()
  }

  #clear(): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 })
  }

  #log(name: string): string {
    return join(this.#folder, `${name}.log`)
  }

  #lastLines(name: string): string {
    return readFileSync(this.#log(name), 'utf8').trimEnd().split('\n').slice(-15).join('\n')
  }
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Ports of the loopback address that nobody listens on. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((found, failed) => {
          server.once('error', failed)
          server.listen(0, '127.0.0.1', () => found((server.address() as AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}
