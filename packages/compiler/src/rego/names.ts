/** Words that no rule or variable may be called: keywords, root documents, and the first parts of built-in functions. */
const reserved: ReadonlySet<string> = new Set(
  `abs all and any array as base64 base64url bits cast_array cast_boolean cast_null cast_object cast_set cast_string ceil concat
  contains count crypto data default div else endswith eq equal every false floor format_int glob graph graphql gt gte hex http if
  import in indexof indexof_n input internal intersection io is_array is_boolean is_null is_number is_object is_set is_string json
  jwt lower lt lte max min minus mul neq net not null numbers object opa or package plus print product providers rand re_match
  regex rego rem replace round semver set set_diff some sort split sprintf startswith strings substring sum time to_number trace
  trim trim_left trim_prefix trim_right trim_space trim_suffix true type_name union units upper urlquery uuid walk with
  yaml`.split(/\s+/),
)

/** A text in snake case: `hostPath` is `host_path`. */
export const snake = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()

/** A text as a name in snake case that means nothing to Rego: `object` is `object_value`. */
export function ruleName(text: string): string {
  const words = snake(text)
  const name = /^[a-z]/.test(words) ? words : `value_${words}`.replace(/_$/, '')
  return reserved.has(name) || /^(not|no)_/.test(name) ? `${name}_value` : name
}

/** A name that is not taken: itself, or with a number behind it. */
export function freshName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name
  for (let i = 2; ; i++) if (!isTaken(`${name}_${i}`)) return `${name}_${i}`
}

/** What stands beside the packages of policies: the library, and documents that users supply. */
const besidePolicies: ReadonlySet<string> = new Set(['lib', 'parameters', 'inventory'])

/**
 * The steps of a policy's package below `gatewright`: `pod-security/users` gives `pod_security` and `users`. No two ids give the
 * same: where a word cannot stand it has `_` at an end, where no id has a `-`. Undefined for what is no id.
 */
export function packageSteps(id: string): readonly string[] | undefined {
  const words = id.split('/')
  if (!words.every((word) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(word))) return undefined
  return words.map((word, i) => {
    const name = word.replaceAll('-', '_')
    if (/^[0-9]/.test(name)) return `_${name}`
    return reserved.has(name) || (i === 0 && besidePolicies.has(name)) ? `${name}_` : name
  })
}

/** One of several, by the name of the list: `containers` gives `container`, `policies` gives `policy`. */
export function singular(name: string): string {
  if (name.endsWith('ies')) return `${name.slice(0, -3)}y`
  if (/(ss|x|ch|sh)es$/.test(name)) return name.replace(/es$/, '')
  return /[^s]s$/.test(name) ? name.slice(0, -1) : name
}
