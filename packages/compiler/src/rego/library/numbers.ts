/** Exact numbers: integers within ±2^53, quantities and ratios. OPA compares exactly and computes with 64 bits. */
export const numbers: Readonly<Record<string, string>> = {
  is_integer: `
# is_integer is true of numbers without a fraction.
is_integer(value) if {
	is_number(value)
	value == floor(value)
}

is_integer(value) if {
	is_number(value)
	decimals_of(value) <= 0
}
`,
  are_within: `
# are_within is true of integers within ±2^53.
are_within(values) if count([1 | some value in values; not is_small(value)]) == 0

is_small(value) if {
	is_integer(value)
	abs(value) <= 9007199254740992
}
`,
  is_between: `
# is_between says whether a number is at least the one and at most the other.
is_between(value, least, most) if {
	value >= least
	value <= most
}

else := false
`,
  number: `
# number is the number that a text is in JSON grammar.
number(value) := json.unmarshal(value) if regex.match(number_pattern, value)

number_pattern := ${'`^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$`'}
`,
  add: `
# add is the sum of integers within ±2^53.
add(a, b) := a + b if are_within([a, b, a + b])
`,
  add_exceeds: `
# add_exceeds is true of integers whose sum is not within ±2^53.
add_exceeds(a, b) if {
	is_integer(a)
	is_integer(b)
	not are_within([a, b, a + b])
}
`,
  subtract: `
# subtract is the difference of integers within ±2^53.
subtract(a, b) := a - b if are_within([a, b, a - b])
`,
  subtract_exceeds: `
# subtract_exceeds is true of integers whose difference is not within ±2^53.
subtract_exceeds(a, b) if {
	is_integer(a)
	is_integer(b)
	not are_within([a, b, a - b])
}
`,
  multiply: `
# multiply is the product of integers within ±2^53.
multiply(a, b) := a * b if are_within([a, b, a * b])
`,
  multiply_exceeds: `
# multiply_exceeds is true of integers whose product is not within ±2^53.
multiply_exceeds(a, b) if {
	is_integer(a)
	is_integer(b)
	not are_within([a, b, a * b])
}
`,
  total: `
# total is the sum of integers whose magnitudes add up to at most 2^53.
total(values) := sum(values) if {
	are_integers(values)
	sum([abs(value) | some value in values]) <= 9007199254740992
}

are_integers(values) if count([1 | some value in values; not is_integer(value)]) == 0
`,
  total_exceeds: `
# total_exceeds is true of integers whose magnitudes add up to more than 2^53.
total_exceeds(values) if {
	are_integers(values)
	sum([abs(value) | some value in values]) > 9007199254740992
}
`,
  quantity: `
# quantity is a Kubernetes quantity ("1.5Gi", "100m", "1e3", 2) as the list of its whole and its nanos, which compares exactly. It
# is a multiple of a nano and below 2^63.
quantity(value) := amount if {
	[[_, sign, whole, fraction, suffix]] := regex.find_all_string_submatch_n(quantity_pattern, quantity_text(value), 1)
	count(whole) + count(fraction) > 0
	is_nanos(whole, fraction, suffix)
	amount := signed(sign, parts_of(digits_of(whole), digits_of_fraction(fraction), suffix))
	is_amount(amount)
}

# is_amount is true of what is in the range of quantities.
is_amount(amount) if {
	amount > [-9223372036854775808, 0]
	amount < [9223372036854775808, 0]
}

quantity_pattern := ${'`^([+-]?)([0-9]*)\\.?([0-9]*)(n|u|m|k|M|G|T|P|E|[KMGTPE]i|[eE][+-]?0*[0-9]{1,3}|[eE][+-]?0*1000)?$`'}

quantity_text(value) := value if {
	is_string(value)
	count(value) <= 100
}

quantity_text(value) := json.marshal(value) if is_number(value)

digits_of_fraction(text) := digits if {
	digits := trim_right(text, "0")
	digits != ""
}

else := "0"

signed("-", [whole, 0]) := [0 - whole, 0]

signed("-", [whole, nanos]) := [-1 - whole, 1000000000 - nanos] if nanos > 0

signed(sign, parts) := parts if sign != "-"

parts_of(whole, fraction, suffix) := parts_at(split(json.marshal(units.parse(concat("", [whole, ".", fraction, suffix]))), "."), 0) if {
	endswith(suffix, "i")
}

else := [0, 0] if concat("", [whole, fraction]) == "00"

else := parts_at([whole, fraction], power) if {
	power := to_number(exponent_of(suffix))
	power >= -140
	power <= 140
}

# parts_at are the whole and the nanos of digits whose point is moved.
parts_at(sides, power) := [to_number(whole), to_number(nanos)] if {
	digits := concat("", [zeros, concat("", sides), zeros])
	point := (count(zeros) + count(sides[0])) + power
	whole := digits_of(substring(digits, 0, point))
	nanos := digits_of(substring(digits, point, 9))
}

exponents := {"n": "-9", "u": "-6", "m": "-3", "": "0", "k": "3", "M": "6", "G": "9", "T": "12", "P": "15", "E": "18"}

is_nanos(whole, fraction, suffix) if {
	not endswith(suffix, "i")
	digits := concat("", [whole, fraction])
	decimals := count(fraction) - (count(digits) - count(trim_right(digits, "0")))
	decimals <= 9 + to_number(exponent_of(suffix))
}

is_nanos(whole, fraction, _) if digits_of(concat("", [whole, fraction])) == "0"

is_nanos(_, fraction, suffix) if {
	endswith(suffix, "i")
	count(trim_right(fraction, "0")) <= 9
}

exponent_of(suffix) := exponent if exponent := exponents[suffix]

else := digits_of_exponent(substring(suffix, 1, -1))
`,
  digits_of: `
# digits_of are digits without the zeros before them.
digits_of(text) := digits if {
	digits := trim_left(text, "0")
	digits != ""
}

else := "0"

digits_of_exponent(text) := concat("", ["-", digits_of(trim_left(text, "-"))]) if startswith(text, "-")

else := digits_of(trim_left(text, "+"))
`,
  decimals_of: `
# decimals_of is how many digits a number needs behind the point.
decimals_of(value) := 0 if value == 0

else := count(fraction) - (unused + to_number(digits_of_exponent(power))) if {
	[[_, _, whole, fraction, power]] := regex.find_all_string_submatch_n(number_parts, json.marshal(value), 1)
	digits := concat("", [whole, fraction])
	unused := count(digits) - count(trim_right(digits, "0"))
}

number_parts := ${'`^(-?)([0-9]+)(?:\\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$`'}
`,
  digit_groups: `
# digit_groups are the digits of a number in groups of nine with its sign, from 10^-18 up to 10^27.
digit_groups(value) := groups if {
	[[_, sign, whole, fraction, power]] := regex.find_all_string_submatch_n(number_parts, json.marshal(value), 1)
	digits := concat("", [zeros, whole, fraction, zeros])
	point := (count(zeros) + count(whole)) + to_number(digits_of_exponent(power))
	groups := [group |
		some place in [9, 0, -9, -18, -27]
		group := to_number(concat("", [sign, digits_of(substring(digits, point + place, 9))]))
	]
}

# amount_groups are those of a quantity.
amount_groups([whole, nanos]) := [0, nanos, whole % 1000000000, middle % 1000000000, (middle - (middle % 1000000000)) / 1000000000] if {
	middle := (whole - (whole % 1000000000)) / 1000000000
}
`,
  add_quantities: `
# add_quantities is the exact sum of two quantities.
add_quantities(a, b) := amount if {
	amount := quantity_sum(a, b)
	is_amount(amount)
}

quantity_sum(a, b) := [(a[0] + b[0]) + carried, nanos - (carried * 1000000000)] if {
	nanos := a[1] + b[1]
	carried := floored(nanos, 1000000000)
}
`,
  quantity_sum_exceeds: `
# quantity_sum_exceeds is true of quantities whose sum is out of the range of quantities.
quantity_sum_exceeds(a, b) if {
	amount := quantity_sum(a, b)
	not is_amount(amount)
}
`,
  ratio_order: `
# ratio_order is how the quotient of two quantities stands to n: above, equal or below as the order is to 0. Undefined where b is 0.
ratio_order(a, b, n) := order if {
	x := amount_groups(a)
	y := amount_groups(b)
	n > -1000000000000000000
	n < 1000000000000000000
	decimals_of(n) <= 18
	z := digit_groups(n)
	sign := sign_of(y)
	sign != 0
	differences := [difference |
		some k in numbers.range(0, 8)
		left := sum([x[i] | some i in numbers.range(0, 4); i + 2 == k])
		difference := left - sum(products(y, z, k))
	]
	order := sign * sign_of(carried_up(differences))
}

products(y, z, k) := [product |
	some i in numbers.range(0, 4)
	some j in numbers.range(0, 4)
	i + j == k
	product := y[i] * z[j]
]

# sign_of is the sign of the last group that is not 0.
sign_of(groups) := 0 if count([1 | some group in groups; group != 0]) == 0

else := group / abs(group) if {
	last := max([i | some i, group in groups; group != 0])
	group := groups[last]
}

# carried_up are groups with what is above 10^9 carried to the next.
carried_up(d) := [r0 % base, r1 % base, r2 % base, r3 % base, r4 % base, r5 % base, r6 % base, r7 % base, r8] if {
	base := 1000000000
	r0 := d[0]
	r1 := d[1] + ((r0 - (r0 % base)) / base)
	r2 := d[2] + ((r1 - (r1 % base)) / base)
	r3 := d[3] + ((r2 - (r2 % base)) / base)
	r4 := d[4] + ((r3 - (r3 % base)) / base)
	r5 := d[5] + ((r4 - (r4 % base)) / base)
	r6 := d[6] + ((r5 - (r5 % base)) / base)
	r7 := d[7] + ((r6 - (r6 % base)) / base)
	r8 := d[8] + ((r7 - (r7 % base)) / base)
}
`,
  floored: `
# floored is how often an integer goes into another; floor errs between -1 and 0 in some versions of OPA.
floored(a, b) := (a - (((a % b) + b) % b)) / b
`,
  zeros: `
zeros := sprintf("%0150d", [0])
`,
}
