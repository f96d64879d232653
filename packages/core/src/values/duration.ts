const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const part = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/gy

const most = 2n ** 63n

/**
 * Reads a duration in Go's grammar (`1h30m`, `-1.5s`, `0`) in nanoseconds; a fraction below a nanosecond is cut, as Go does.
 * Undefined for anything else and beyond about 292 years. Source: `time.ParseDuration`.
 */
export function parseDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  const digits = negative || text.startsWith('+') ? text.slice(1) : text
  if (digits === '0') return 0n
  if (digits === '' || digits.length > 200) return undefined
  let nanos = 0n
  let end = 0
  part.lastIndex = 0
  for (let match = part.exec(digits); match !== null; match = part.exec(digits)) {
    const [, amount = '', unit = ''] = match
    nanos += inNanos(amount, unitNanos[unit] as bigint)
    end = part.lastIndex
  }
  if (end !== digits.length) return undefined
  if (negative) return nanos <= most ? -nanos : undefined
  return nanos < most ? nanos : undefined
}

function inNanos(amount: string, unit: bigint): bigint {
  const [whole = '', fraction = ''] = amount.split('.')
  return (
    BigInt(whole === '' ? '0' : whole) * unit +
    (BigInt(fraction === '' ? '0' : fraction) * unit) / 10n ** BigInt(fraction.length)
  )
}
