/** Values in general: how they are read, shown and counted. */
export const values: Readonly<Record<string, string>> = {
  nothing: `
# nothing is never there.
nothing := input if false
`,
  field: `
# field is the value at a path below a value, null where there is none.
field(value, path) := object.get({"value": value}, array.concat(["value"], path), null)
`,
  text: `
# text is a value as a message shows it.
text(value) := value if {
	is_string(value)
	not regex.match(control_characters, value)
}

else := regex.replace(value, control_characters, "\ufffd") if is_string(value)

else := format_int(value, 10) if {
	is_integer(value)
	abs(value) < 9223372036854775808
}

else := json.marshal(value) if is_boolean(value)

else := placeholders[type_name(value)]

control_characters := ${'`[\\x00-\\x1f\\x7f-\\x9f\\x{2028}\\x{2029}]`'}

placeholders := {"null": "<missing>", "number": "<number>", "array": "<list>", "object": "<object>"}
`,
  text_at: `
# text_at is the value at a path below a value, as a message shows it.
text_at(value, path) := shown if {
	shown := object.get(value, path, null)
	regex.match(${'`^[^\\x00-\\x1f\\x7f-\\x9f\\x{2028}\\x{2029}]*$`'}, shown)
}

else := text(field(value, path))
`,
  plain: `
# plain is a scalar as a text: a number where it is an integer below 2^63.
plain(value) := value if is_string(value)

else := json.marshal(value) if is_boolean(value)

else := format_int(value, 10) if {
	is_integer(value)
	abs(value) < 9223372036854775808
}
`,
  are_equal: `
# are_equal is true of values that are equal.
are_equal(a, b) if a == b
`,
  under: `
# under is the value under a key or a position.
under(value, key) := value[key]
`,
  size: `
# size is the number of elements, 0 of what is no list.
size(value) := count(value) if is_array(value)

else := 0
`,
  element: `
# element is an element of a list, from the end where the place is negative.
element(value, place) := value[place] if {
	is_array(value)
	place >= 0
}

element(value, place) := value[count(value) + place] if {
	is_array(value)
	place < 0
}
`,
  elements: `
# elements are a list's elements, none of what is no list.
elements(value) := value if is_array(value)

else := []
`,
  without_nulls: `
# without_nulls is an object without the fields that are null.
without_nulls(fields) := {key: value | some key, value in fields; value != null}
`,
  is_member: `
# is_member is true of the elements of a list or set.
is_member(values, value) if {
	some each in values
	each == value
}
`,
  has: `
# has says whether a text contains a text, or a list an element.
has(value, sought) := contains(value, sought) if {
	is_string(value)
	is_string(sought)
}

else := count([1 | some each in elements(value); each == sought]) > 0
`,
  lower_ascii: `
# lower_ascii is a text with its ASCII letters in lower case.
lower_ascii(value) := strings.replace_n(small_letters, value)

small_letters := {letter: lower(letter) | some letter in split("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "")}
`,
  is_pattern: `
# is_pattern is true of patterns in RE2 syntax.
is_pattern(value) if {
	count(value) <= 4096
	regex.is_valid(value)
}
`,
  is_wildcard: `
# is_wildcard is true of patterns in which only * and ? have a meaning.
is_wildcard(value) if not regex.match(${'`[\\[{\\\\]`'}, value)
`,
  matches_selector: `
# matches_selector says whether a Kubernetes label selector matches labels; undefined where the selector cannot be read.
matches_selector(selector, given) := count(failed) == 0 if {
	is_object(selector)
	count(object.remove(selector, ["matchLabels", "matchExpressions"])) == 0
	labels := {key: value | some key, value in given; is_string(value)}
	wanted := selector_part(selector, "matchLabels", {})
	is_object(wanted)
	count([1 | some value in wanted; not is_string(value)]) == 0
	expressions := selector_part(selector, "matchExpressions", [])
	is_array(expressions)
	answers := [answer | some expression in expressions; answer := selects(expression, labels)]
	count(answers) == count(expressions)
	unequal := [false | some key, value in wanted; not labels[key] == value]
	failed := array.concat(unequal, [false | some answer in answers; answer == false])
}

selector_part(selector, key, otherwise) := part if {
	part := object.get(selector, key, null)
	part != null
}

else := otherwise

selects(expression, labels) := answer if {
	is_string(expression.key)
	values := selector_part(expression, "values", [])
	is_array(values)
	count([1 | some value in values; not is_string(value)]) == 0
	answer := selects_by(expression.operator, object.get(labels, expression.key, null), values)
}

selects_by("In", label, values) := answer if {
	count(values) > 0
	answer := is_listed(label, values)
}

selects_by("NotIn", label, values) := answer if {
	count(values) > 0
	answer := is_listed(label, values) == false
}

selects_by("Exists", label, []) := answer if answer := label != null

selects_by("DoesNotExist", label, []) := answer if answer := label == null

is_listed(label, values) if {
	some value in values
	value == label
}

else := false
`,
}
