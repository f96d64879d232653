/** Image references and network addresses. */
export const imagesAndNetworks: Readonly<Record<string, string>> = {
  image: `
# image is an image reference in its parts, as Docker reads it: nginx is docker.io/library/nginx.
image(text) := reference if {
	count(text) <= 1024
	not regex.match(${'`^[a-f0-9]{64}$`'}, text)
	[[_, domain, path, tag, digest]] := regex.find_all_string_submatch_n(image_pattern, text, 1)
	regex.match(image_path_pattern, path)
	regex.match(image_tag_pattern, tag)
	regex.match(image_digest_pattern, digest)
	registry := registry_of(domain)
	repository := repository_of(registry, path)
	count(repository) <= 255
	parts := {
		"registry": registry,
		"repository": repository,
		"name": concat("/", [registry, repository]),
		"tag": substring(tag, 1, -1),
		"digest": substring(digest, 1, -1),
	}
	reference := {name: part | some name, part in parts; part != ""}
}

image_pattern := ${'`^(?:([^/@]*[.:A-Z][^/@]*|localhost)/)?([^:@]*)(:[^@]*)?(@.*)?$`'}

image_path_pattern := ${'`^[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*$`'}

image_tag_pattern := ${'`^(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$`'}

image_digest_pattern := ${'`^(?:@(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$`'}

image_host_pattern := concat("", [
	${'`^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*`'},
	${'`|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`'},
])

registry_of("") := "docker.io"

registry_of("index.docker.io") := "docker.io"

registry_of(domain) := domain if {
	domain != "index.docker.io"
	regex.match(image_host_pattern, domain)
}

repository_of("docker.io", path) := concat("/", ["library", path]) if not contains(path, "/")

else := path

repository_of(registry, path) := path if registry != "docker.io"
`,
  within: `
# within says whether an image lies in a registry or repository, by whole components; undefined where either cannot be read.
within(text, prefix) := found if {
	reference := image(text)
	[[_, domain, path]] := regex.find_all_string_submatch_n(prefix_pattern, trim_suffix(prefix, "/"), 1)
	count(domain) + count(path) > 0
	registry := registry_of(domain)
	regex.match(prefix_path_pattern, path)
	repositories := {path, repository_of(registry, path)}
	hits := [1 | some repository in repositories; lies_in(reference, registry, repository)]
	found := count(hits) > 0
}

prefix_pattern := ${'`^(?:([^/]*[.:A-Z][^/]*|localhost)(?:/|$))?((?s:.*))$`'}

prefix_path_pattern := ${'`^(?:[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*)?$`'}

lies_in(reference, registry, repository) if {
	reference.registry == registry
	startswith(concat("", [reference.repository, "/"]), prefix_with_slash(repository))
}

prefix_with_slash("") := ""

prefix_with_slash(repository) := concat("", [repository, "/"]) if repository != ""
`,
  network: `
# network is a network as the bits of its address and the number that count.
network(text) := {"bits": bits, "prefix": prefix} if {
	[[_, address, length]] := regex.find_all_string_submatch_n(${'`^(.*)/(0|[1-9][0-9]{0,2})$`'}, text, 1)
	bits := address_bits(address)
	prefix := to_number(length)
	prefix <= count(bits)
}

address_bits(text) := concat("", [bits_of(sprintf("%02x", [octet])) | some octet in octets]) if octets := v4_octets(text)

address_bits(text) := concat("", [bits_of(four_digits(group)) | some group in groups]) if groups := v6_groups(text)

four_digits(group) := substring(concat("", ["000", lower(group)]), count(group) - 1, 4)

bits_of(digits) := concat("", [nibbles[digit] | some digit in split(digits, "")])

nibbles := {digit: bits |
	some value, digit in split("0123456789abcdef", "")
	bits := substring(concat("", ["000", format_int(value, 2)]), count(format_int(value, 2)) - 1, 4)
}

v4_octets(text) := octets if {
	regex.match(${'`^(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})$`'}, text)
	octets := [to_number(octet) | some octet in split(text, ".")]
	max(octets) <= 255
}

v6_groups(text) := groups if {
	contains(text, ":")
	not contains(text, "::")
	groups := groups_of(text)
	count(groups) == 8
}

v6_groups(text) := groups if {
	[head, tail] := split(text, "::")
	before := groups_of(head)
	after := groups_of(tail)
	missing := 8 - (count(before) + count(after))
	missing >= 1
	groups := array.concat(before, array.concat(["0" | some _ in numbers.range(1, missing)], after))
}

groups_of("") := []

groups_of(text) := groups if {
	text != ""
	groups := split(with_v4_in_hex(text), ":")
	count([1 | some group in groups; not regex.match(${'`^[0-9a-fA-F]{1,4}$`'}, group)]) == 0
}

with_v4_in_hex(text) := concat(":", array.concat(array.slice(parts, 0, count(parts) - 1), [tail])) if {
	parts := split(text, ":")
	octets := v4_octets(parts[count(parts) - 1])
	tail := sprintf("%02x%02x:%02x%02x", octets)
}

else := text
`,
  network_contains: `
# network_contains says whether a network holds an address or the whole of another network.
network_contains(text, other) := found if {
	outer := network(text)
	inner := network_or_address(other)
	found := are_nested(outer, inner)
}

network_or_address(text) := found if found := network(text)

else := {"bits": bits, "prefix": count(bits)} if bits := address_bits(text)

are_nested(outer, inner) if {
	count(outer.bits) == count(inner.bits)
	inner.prefix >= outer.prefix
	startswith(inner.bits, substring(outer.bits, 0, outer.prefix))
}

else := false
`,
  networks_overlap: `
# networks_overlap says whether two networks share an address.
networks_overlap(text, other) := found if {
	a := network(text)
	b := network(other)
	found := are_alike(a, b, min([a.prefix, b.prefix]))
}

are_alike(a, b, prefix) if {
	count(a.bits) == count(b.bits)
	startswith(a.bits, substring(b.bits, 0, prefix))
}

else := false
`,
}
