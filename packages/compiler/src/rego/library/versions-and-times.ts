/** Semantic versions, durations and times, as values that compare as they are ordered. */
export const versionsAndTimes: Readonly<Record<string, string>> = {
  semver: `
# semver is a semantic version as a list that compares by precedence.
semver(text) := [digits_number(major), digits_number(minor), digits_number(patch), released_of(prerelease), identifiers] if {
	count(text) <= 256
	[[_, major, minor, patch, prerelease]] := regex.find_all_string_submatch_n(semver_pattern, text, 1)
	identifiers := [identifier_of(each) | some each in split(prerelease, "."); each != ""]
}

semver_pattern := concat("", [
	${'`^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)`'},
	${'`(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?`'},
	${'`(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`'},
])

released_of("") := 1

released_of(prerelease) := 0 if prerelease != ""

identifier_of(text) := digits_number(text) if regex.match(${'`^[0-9]+$`'}, text)

else := text
`,
  digits_number: `
# digits_number is the number that digits write.
digits_number(text) := to_number(digits) if {
	digits := trim_left(text, "0")
	digits != ""
}

else := 0
`,
  duration: `
# duration is a duration in Go's grammar in nanoseconds.
duration(text) := time.parse_duration_ns(text) if {
	regex.match(duration_pattern, text)
	count(trim_left(text, "+-")) <= 200
}

duration_pattern := ${'`^[+-]?(?:0|(?:(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$`'}
`,
  timestamp: `
# timestamp is an RFC 3339 time as seconds since 1970 and nanoseconds.
timestamp(text) := [seconds, nanos] if {
	[[_, year, month, day, hour, minute, second, fraction, sign, ahead, ahead_minutes]] := regex.find_all_string_submatch_n(
		time_pattern,
		text,
		1,
	)
	[y, m, d] := [digits_number(year), digits_number(month), digits_number(day)]
	m >= 1
	m <= 12
	d >= 1
	d <= days_in(y, m)
	[h, mi, s] := [digits_number(hour), digits_number(minute), digits_number(second)]
	h <= 23
	mi <= 59
	s <= 59
	[oh, om] := [digits_number(ahead), digits_number(ahead_minutes)]
	oh <= 23
	om <= 59
	offset := ((oh * 3600) + (om * 60)) * offset_sign(sign)
	seconds := (((((days_of(y, m, d) * 24) + h) * 60) + mi) * 60) + (s - offset)
	nanos := digits_number(substring(concat("", [fraction, "000000000"]), 0, 9))
}

time_pattern := concat("", [
	${'`^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})`'},
	${'`(?:\\.([0-9]{1,30}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$`'},
])

offset_sign(sign) := -1 if sign == "-"

else := 1

days_in(year, 2) := 29 if is_leap(year)

else := 28

days_in(_, month) := 30 if is_short[month]

else := 31 if month != 2

is_short := {4: true, 6: true, 9: true, 11: true}

is_leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

is_leap(year) if year % 400 == 0

# days_of are the days from 1970 to a date of the Gregorian calendar.
days_of(year, month, day) := ((((y * 365) + floored(y, 4)) - floored(y, 100)) + floored(y, 400)) + (day_of_year - 719469) if {
	[y, m] := counted_from_march(year, month)
	day_of_year := floor(((153 * m) + 2) / 5) + day
}

counted_from_march(year, month) := [year, month - 3] if month > 2

else := [year - 1, month + 9]
`,
  later: `
# later is a time so much later, within the years 0 to 9999.
later(time_, nanos) := [seconds, rest - (carried * 1000000000)] if {
	part := nanos % 1000000000
	rest := time_[1] + part
	carried := floored(rest, 1000000000)
	seconds := (time_[0] + ((nanos - part) / 1000000000)) + carried
	seconds >= -62167219200
	seconds < 253402300800
}
`,
  time_between: `
# time_between is how much later the first time is, in nanoseconds.
time_between(a, b) := nanos if {
	nanos := ((a[0] - b[0]) * 1000000000) + (a[1] - b[1])
	nanos < 9223372036854775808
	nanos >= -9223372036854775808
}
`,
}
