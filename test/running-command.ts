import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../packages/gatewright/bin/gatewright.js', import.meta.url))

/** A command that runs until it is told to end. */
export interface RunningCommand {
  /** The first line that it wrote: where it listens. */
  readonly url: string
  readonly child: ChildProcess
  /** What it logged so far, or the end of it where that is much. */
  log(): string
  /** Ends it, and gives its exit code. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** Characters of a log that are kept: a server that is asked for minutes writes more than a text may hold. */
const mostLogged = 16_000_000

/** Runs the command, and waits until it says where it listens. Throws with what it wrote where it ends before. */
export async function runCommand(folder: string, ...given: readonly string[]): Promise<RunningCommand> {
  const child = spawn(process.execPath, [command, ...given], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  let [written, logged] = ['', '']
  child.stderr.on('data', (chunk: Buffer) => {
    logged += chunk.toString()
    if (logged.length > mostLogged) logged = logged.slice(-mostLogged / 2)
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      written += chunk.toString()
      if (written.includes('\n')) resolve(written.split('\n')[0] ?? '')
    })
    void ended.then((code) => reject(new Error(`it ended with ${String(code)}: ${logged}`)))
  })
  return {
    url,
    child,
    log: () => logged,
    end: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}
