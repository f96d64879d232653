import { defaultOperations, type KindPattern, type TargetIr } from '@gatewright/core'
import { textLiteral } from './literal.js'

/**
 * Whether a policy is about what is asked, for those who may ask about anything: the operation, and the kind of the object or of the one
 * that goes. An audit says no operation: what is there was made.
 */
export function isAbout({ kinds, operations = defaultOperations }: TargetIr): string {
  if (kinds === undefined) return 'true'
  const stated = 'request.?operation.orValue("")'
  const derived = 'object == null ? "DELETE" : oldObject == null ? "CREATE" : "UPDATE"'
  const operation = `(${stated} == "" ? (${derived}) : ${stated}) in [${operations.map(textLiteral).join(', ')}]`
  const isOfKind = kindsOf(kinds)
  return isOfKind === 'true'
    ? operation
    : `(${operation}) && [object == null ? oldObject : object].exists(o, o != null && (${isOfKind}))`
}

/** Whether an object `o` is of one of some kinds. */
function kindsOf(kinds: readonly KindPattern[]): string {
  const byVersion = new Map<string, string[]>()
  for (const { group, kind, versions } of kinds) {
    const key = versionPattern(group, versions)
    byVersion.set(key, [...(byVersion.get(key) ?? []), kind])
  }
  const conditions = [...byVersion].map(([pattern, names]) => {
    const isNamed = names.includes('*')
      ? 'true'
      : `o.?kind.orValue("") in [${names.map((name) => `dyn(${textLiteral(name)})`).join(', ')}]`
    if (pattern === '') return isNamed
    const isVersion = `string(o.?apiVersion.orValue("")).matches(${textLiteral(pattern)})`
    return isNamed === 'true' ? isVersion : `${isNamed} && ${isVersion}`
  })
  return conditions.includes('true') ? 'true' : conditions.map((each) => `(${each})`).join(' || ')
}

/** The `apiVersion`s of a group, as a pattern; empty where any will do. */
function versionPattern(group: string, versions: readonly string[] | undefined): string {
  if (group === '*' && versions === undefined) return ''
  const before = group === '*' ? '(?:[^/]*/)?' : group === '' ? '' : `${quoted(group)}/`
  const version = versions === undefined ? '[^/]+' : `(?:${versions.map(quoted).join('|')})`
  return `^${before}${version}$`
}

const quoted = (text: string): string => text.replace(/[.+*?^${}()|[\]\\]/g, String.raw`\$&`)
