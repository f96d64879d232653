const grammar =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[+-](\d{2}):(\d{2})))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/

/** Whether a text is a timestamp for go-yaml: a date, or a date and time in one of three forms, that exists in the calendar. */
export function isTimestamp(text: string): boolean {
  const match = grammar.exec(text)
  if (match === null) return false
  const [, year, month, day, ...clock] = match.map(Number)
  if (year === undefined || month === undefined || day === undefined) return false
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false
  const [h1 = 0, m1 = 0, s1 = 0, zoneHours = 0, zoneMinutes = 0, h2 = 0, m2 = 0, s2 = 0] = clock.map(
    (n) => n || 0,
  )
  return h1 + h2 < 24 && m1 + m2 < 60 && s1 + s2 < 60 && zoneHours <= 24 && zoneMinutes <= 60
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
