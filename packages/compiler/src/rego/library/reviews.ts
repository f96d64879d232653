/** What is judged, and how the answer is put together. Each text has a form for plain OPA and one for Gatekeeper where they differ. */
export const reviews: Readonly<
  Record<string, string | { readonly opa: string; readonly gatekeeper: string }>
> = {
  request: `
# request is the request of an AdmissionReview, or one that creates the object that the input is.
request := input.request if input.kind == "AdmissionReview"

else := input.review if {
	not input.kind
	not input.apiVersion
	is_object(input.review)
}

else := {"operation": "CREATE", "object": input}
`,
  reviewed: `
# reviewed is the object as it shall be, null for a deletion; Gatekeeper gives the old one there too.
reviewed := $request.object if {
	is_object($request.object)
	not $request.operation == "DELETE"
}

else := null
`,
  previous: `
# previous is the object as it was, null where there was none.
previous := $request.oldObject if is_object($request.oldObject)

else := $request.object if {
	$request.operation == "DELETE"
	is_object($request.object)
}

else := null
`,
  judged: `
# judged is the object that the request is about: for a deletion the one that goes.
judged := reviewed if reviewed != null

else := previous
`,
  operation: `
# operation is what the request does.
operation := "CREATE" if $request.operation == "CREATE"

else := $request.operation if {
	is_string($request.operation)
	$request.operation != ""
}

else := "DELETE" if reviewed == null

else := "UPDATE" if previous != null

else := "CREATE"
`,
  asked: `
# asked is the request as rules read it.
asked := object.union(
	{"operation": operation},
	object.filter($request, ["name", "namespace", "subResource", "dryRun", "userInfo"]),
)
`,
  judged_kind: {
    opa: `
# judged_kind is the group and kind of what is judged.
judged_kind := kind_of(judged)
`,
    gatekeeper: `
# judged_kind is the group and kind of what is judged.
judged_kind := $request.kind
`,
  },
  kind_of: `
kind_of(value) := {"group": "", "kind": value.kind} if {
	is_string(value.kind)
	is_string(value.apiVersion)
	not contains(value.apiVersion, "/")
}

else := {"group": split(value.apiVersion, "/")[0], "kind": value.kind} if is_string(value.kind)
`,
  version: `
# version is the version of the API that the judged object is written in.
version := trim_prefix(judged.apiVersion, concat("", [judged_kind.group, "/"]))
`,
  bad_input: {
    opa: `
# bad_input says why the input is nothing that can be judged.
bad_input contains "the input is not an object" if not is_object(input)

bad_input contains "the AdmissionReview has no request" if {
	input.kind == "AdmissionReview"
	not has_request
}

bad_input contains "the AdmissionReview is of a version that is not read; send admission.k8s.io/v1" if {
	input.kind == "AdmissionReview"
	not is_readable_version
}

bad_input contains bad_request

has_request if is_object(input.request)

is_readable_version if not input.apiVersion

is_readable_version if input.apiVersion == "admission.k8s.io/v1"

is_readable_version if input.apiVersion == "admission.k8s.io/v1beta1"
`,
    gatekeeper: `
# bad_input says why the review is nothing that can be judged.
bad_input contains bad_request

bad_input contains "the review has no kind" if not has_kind

has_kind if is_object($request.kind)
`,
  },
  is_admitted: `
# is_admitted is true where the API server has asked: it has decoded the object by its own schemas then.
is_admitted if $request.uid != ""
`,
  bad_request: `
# bad_request says what is wrong with a request.
bad_request := sprintf("\`%s\` is no operation", [operation]) if {
	is_object($request)
	not is_known[operation]
}

else := sprintf("the request has no object, and \`%s\` needs one", [operation]) if {
	is_object($request)
	not has_what_it_needs
}

has_what_it_needs if is_object(reviewed)

has_what_it_needs if operation == "CONNECT"

has_what_it_needs if {
	operation == "DELETE"
	is_object(previous)
}

is_known := {"CREATE": true, "UPDATE": true, "DELETE": true, "CONNECT": true}
`,
  decision: `
# decision is the verdict with the violations in their order, and why it is no plain one.
decision(skips, faults, violations, misfits) := {
	"verdict": verdict(skips, faults, violations, misfits),
	"violations": [entry[1] | some entry in sort([[[found.at, found.code, found.message], found] | some found in violations])],
	"reasons": [object.remove(reason, ["verdict"]) | some reason in reasons],
} if {
	reasons := (skips | faults) | misfits
}

verdict(skips, faults, violations, misfits) := "error" if has_error(faults)

else := "not-applicable" if count(skips) > 0

else := "denied" if count(violations) > 0

else := "invalid" if count(misfits) > 0

else := "undetermined" if count(faults) > 0

else := "allowed"

has_error(faults) if {
	some fault in faults
	fault.verdict == "error"
}
`,
  misfit: `
# misfit says of a part of the object that it is not what its schema says.
wrong_type(at, expected) := {
	"code": "wrong-type",
	"at": at,
	"message": sprintf("%s is not %s", [path_text(at), concat(" or ", [word | some type in expected; word := type_words[type]])]),
}

type_words := {
	"string": "a text",
	"number": "a number",
	"boolean": "true or false",
	"array": "a list",
	"object": "an object",
}
`,
  absence: `
# absence says of a part of the object that it is required and missing.
absence(at) := {"code": "required", "at": at, "message": sprintf("%s is required and missing", [path_text(at)])}
`,
  path_text: `
# path_text is a path as people write it.
path_text([]) := "\`the object\`"

path_text(at) := sprintf("\`%s\`", [trim_prefix(concat("", [step_text(step) | some step in at]), ".")]) if count(at) > 0

step_text(step) := sprintf("[%d]", [step]) if is_number(step)

step_text(step) := concat("", [".", step]) if regex.match(${'`^[A-Za-z_][A-Za-z0-9_-]*$`'}, step)

else := sprintf("[%s]", [json.marshal(step)]) if is_string(step)
`,
  blocked_at: `
# blocked_at is the first part on the way to a place that is no object.
blocked_at(value, path) := array.slice(path, 0, depth) if {
	depth := min([i |
		some i in numbers.range(0, count(path) - 1)
		part := field(value, array.slice(path, 0, i))
		part != null
		not is_object(part)
	])
}
`,
  listed: `
# listed are the other objects of a kind that are known, by namespace and name.
listed(api_group, kind) := array.concat(
	listed_in(api_group, kind, null),
	[found |
		some namespace in sort(object.keys(namespaced_objects))
		some found in listed_in(api_group, kind, namespace)
	],
)
`,
  listed_in: `
# listed_in are the objects of a kind in a namespace; of null, those without one.
listed_in(api_group, kind, null) := objects_of(cluster_objects, api_group, kind)

listed_in(api_group, kind, namespace) := objects_of(object.get(namespaced_objects, namespace, {}), api_group, kind) if {
	is_string(namespace)
	namespace != ""
}

listed_in(api_group, kind, "") := objects_of(cluster_objects, api_group, kind)

default cluster_objects := {}

cluster_objects := data.inventory.cluster

default namespaced_objects := {}

namespaced_objects := data.inventory.namespace

objects_of(versions, api_group, kind) := [entry[2] | some entry in entries] if {
	entries := sort([[name, api, object_] |
		some api, kinds in versions
		group_of(api) == api_group
		some name, object_ in kinds[kind]
	])
}

group_of(api) := split(api, "/")[0] if contains(api, "/")

else := ""
`,
  inventory_is_complete: {
    opa: `
# inventory_is_complete is true where the inventory is said to hold every object.
inventory_is_complete if data.gatewright.inventory.complete == true
`,
    gatekeeper: `
inventory_is_complete := true
`,
  },
}
