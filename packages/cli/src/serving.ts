import type { ServerEvent } from '@gatewright/server'

let unwritten = ''
let isHooked = false

/** Writes an event of a server to its log: a line of JSON on standard error, with others that come with it. */
export function log(event: ServerEvent): void {
  if (unwritten === '') setImmediate(write)
  unwritten += `${lineOf({ time: new Date().toISOString(), ...event })}\n`
  if (isHooked) return
  isHooked = true
  process.once('exit', write)
  // a server goes on where nobody reads its log any more
  process.stderr.on('error', () => {})
}

/** An event as a line of JSON. What a terminal obeys, or shows in another order, is escaped: anybody may have sent it. */
const lineOf = (event: object): string =>
  JSON.stringify(event).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) =>
    each
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )

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
