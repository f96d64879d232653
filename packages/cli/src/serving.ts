import type { ServerEvent } from '@gatewright/server'

/** Writes an event of a server to its log: a line of JSON on standard error. */
export function log(event: ServerEvent): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
}

/** Resolves when the process is told to end. */
export function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}
