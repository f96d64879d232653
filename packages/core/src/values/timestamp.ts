const grammar = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(Z|([+-])(\d{2}):(\d{2}))$/

const nanosPerSecond = 1_000_000_000n
const earliest = secondsOf(0, 1, 1, 0, 0, 0) * nanosPerSecond
const latest = (secondsOf(9999, 12, 31, 23, 59, 59) + 1n) * nanosPerSecond

/** Reads an RFC 3339 time as nanoseconds since 1970; finer digits are cut. Undefined for anything else, leap seconds included. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = grammar.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysIn(year, month) ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return undefined
  const [, , , , , , , fraction = '', , sign = '+', offsetHours = '0', offsetMinutes = '0'] = match
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined
  const offset = BigInt(Number(offsetHours) * 3600 + Number(offsetMinutes) * 60) * (sign === '-' ? -1n : 1n)
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return (secondsOf(year, month, day, hour, minute, second) - offset) * nanosPerSecond + nanos
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** Seconds since 1970 of a date of the Gregorian calendar. */
function secondsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): bigint {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  return BigInt(date.getTime() / 1000)
}

/** The time so much later; undefined outside the years 0 to 9999. */
export function addDuration(time: bigint, duration: bigint): bigint | undefined {
  const sum = time + duration
  return sum >= earliest && sum < latest ? sum : undefined
}

/** How much later the first time is, in nanoseconds; undefined where no duration is that long. */
export function differenceOf(a: bigint, b: bigint): bigint | undefined {
  const difference = a - b
  return difference < 2n ** 63n && difference >= -(2n ** 63n) ? difference : undefined
}
