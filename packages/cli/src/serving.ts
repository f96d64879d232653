import type { ServerEvent } from '@gatewright/server'

let unwritten = ''
let isHooked = false

/** Writes an event of a server to its log: a line of JSON on standard error, with others that come with it. */
export function log(event: ServerEvent): void {
  if (unwritten === '') setImmediate(write)
  unwritten += `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`
  if (isHooked) return
  isHooked = true
  process.once('exit', write)
}

function write(): void {
  if (unwritten === '') return
  const lines = unwritten
  unwritten = ''
  process.stderr.write(lines)
}

/** Resolves when the process is told to end. */
export function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}
