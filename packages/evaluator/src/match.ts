import { type Json, kindOf, selectorMatches, type Reason } from '@gatewright/core'
import { findResource, objectNamespace } from '@gatewright/kubernetes'

/**
 * Which objects a set of policies is for: Gatekeeper's `match`, with its meaning. All parts that are given must match; an empty
 * one matches everything. Source: Gatekeeper, `pkg/mutation/match`.
 */
export interface Match {
  /** Groups and kinds; `*` is any. An object has to match one of them. */
  readonly kinds?: readonly { readonly apiGroups?: readonly string[]; readonly kinds?: readonly string[] }[]
  readonly scope?: '*' | 'Cluster' | 'Namespaced'
  /** Namespaces, with a `*` at the start or the end as a wildcard. Objects without one match all the same, as in Gatekeeper. */
  readonly namespaces?: readonly string[]
  readonly excludedNamespaces?: readonly string[]
  readonly labelSelector?: Json
  /** Asked of the object's namespace, which has to be known. */
  readonly namespaceSelector?: Json
  /** The object's name, with a `*` at the start or the end as a wildcard. */
  readonly name?: string
  readonly source?: 'All' | 'Original' | 'Generated'
}

/** What matching knows beside the object. */
export interface MatchContext {
  /** The namespace that the request names, for objects that do not say theirs. */
  readonly namespace?: string
  /** Looks up a namespace object; undefined where it is not known. */
  readonly namespaceObject?: (name: string) => Json | undefined
  readonly source?: 'Original' | 'Generated'
}

/** Whether an object matches: yes, no with the reason, or an error where that cannot be said. */
export type Matching =
  | { readonly matches: true }
  | { readonly matches: false; readonly reason: Reason }
  | { readonly error: Reason }

const yes: Matching = { matches: true }
const no = (code: string, message: string): Matching => ({
  matches: false,
  reason: { code: `match-${code}`, message },
})

/** Applies a match to an object. A look-up that fails is an error, never "no match". */
export function matchObject(match: Match, object: Json, context: MatchContext = {}): Matching {
  for (const step of steps) {
    const answer = step(match, object as ObjectLike, context)
    if (answer !== undefined) return answer
  }
  return yes
}

interface ObjectLike {
  readonly metadata?: {
    readonly name?: Json
    readonly generateName?: Json
    readonly namespace?: Json
    readonly labels?: Json
  }
}

type Step = (match: Match, object: ObjectLike, context: MatchContext) => Matching | undefined

const steps: readonly Step[] = [
  kinds,
  scope,
  namespaces,
  excludedNamespaces,
  labelSelector,
  namespaceSelector,
  name,
  source,
]

function kinds({ kinds: wanted }: Match, object: ObjectLike): Matching | undefined {
  if (wanted === undefined || wanted.length === 0) return undefined
  const kind = kindOf(object as Json)
  if (kind === undefined)
    return { error: { code: 'match-kind', message: 'the object has no `apiVersion` and `kind`' } }
  const found = wanted.some((each) => isAmong(kind.group, each.apiGroups) && isAmong(kind.kind, each.kinds))
  return found ? undefined : no('kinds', `\`${kind.kind}\` is not among the kinds of the match`)
}

const isAmong = (value: string, list: readonly string[] | undefined): boolean =>
  list === undefined || list.length === 0 || list.includes('*') || list.includes(value)

function scope(
  { scope: wanted = '*' }: Match,
  object: ObjectLike,
  context: MatchContext,
): Matching | undefined {
  if (wanted === '*') return undefined
  const namespaced = isNamespaced(object, context)
  return namespaced === (wanted === 'Namespaced')
    ? undefined
    : no('scope', `the object is ${namespaced ? '' : 'not '}namespaced`)
}

function isNamespaced(object: ObjectLike, context: MatchContext): boolean {
  const kind = kindOf(object as Json)
  const served = kind === undefined ? undefined : findResource({ group: kind.group, kind: kind.kind })
  return served?.namespaced ?? namespaceOf(object, context) !== undefined
}

/** The namespace of an object; of a Namespace, its own name; of other objects of the cluster none, whatever they name. */
function namespaceOf(object: ObjectLike, context: MatchContext): string | undefined {
  const kind = kindOf(object as Json)
  if (kind?.kind === 'Namespace' && kind.group === '') return text(object.metadata?.name)
  const served = kind === undefined ? undefined : findResource({ group: kind.group, kind: kind.kind })
  if (served?.namespaced === false) return undefined
  return objectNamespace(object as Json) ?? context.namespace
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

function namespaces(
  { namespaces: wanted }: Match,
  object: ObjectLike,
  context: MatchContext,
): Matching | undefined {
  if (wanted === undefined || wanted.length === 0) return undefined
  const namespace = namespaceOf(object, context)
  if (namespace === undefined || wanted.some((pattern) => isLike(namespace, pattern))) return undefined
  return no('namespaces', `the namespace \`${namespace}\` is not among those of the match`)
}

function excludedNamespaces(
  { excludedNamespaces: excluded = [] }: Match,
  object: ObjectLike,
  context: MatchContext,
): Matching | undefined {
  const namespace = namespaceOf(object, context)
  if (namespace === undefined || !excluded.some((pattern) => isLike(namespace, pattern))) return undefined
  return no('excluded-namespace', `the namespace \`${namespace}\` is excluded`)
}

/** A wildcard stands at the start, at the end, or at both; elsewhere it has no meaning. */
function isLike(value: string, pattern: string): boolean {
  const head = pattern.startsWith('*')
  const tail = pattern.endsWith('*') && pattern.length > 1
  const body = pattern.slice(head ? 1 : 0, tail ? -1 : undefined)
  if (head && tail) return value.includes(body)
  if (head) return value.endsWith(body)
  return tail ? value.startsWith(body) : value === pattern
}

function labelSelector({ labelSelector: selector }: Match, object: ObjectLike): Matching | undefined {
  if (selector === undefined || selector === null) return undefined
  const matches = selectorMatches(selector, object.metadata?.labels ?? {})
  if (matches === undefined)
    return { error: { code: 'match-label-selector', message: 'the label selector cannot be read' } }
  return matches ? undefined : no('label-selector', 'the labels do not match the label selector')
}

function namespaceSelector(
  { namespaceSelector: selector }: Match,
  object: ObjectLike,
  context: MatchContext,
): Matching | undefined {
  if (selector === undefined || selector === null) return undefined
  const kind = kindOf(object as Json)
  const isNamespace = kind?.kind === 'Namespace' && kind.group === ''
  const namespace = namespaceOf(object, context)
  // objects of the cluster have no namespace to ask; Gatekeeper lets them match
  if (!isNamespace && (namespace === undefined || !isNamespaced(object, context))) return undefined
  const found = isNamespace ? (object as Json) : context.namespaceObject?.(namespace as string)
  if (found === undefined) {
    const message = `the namespace \`${String(namespace)}\` is not known, so its labels cannot be asked`
    return { error: { code: 'match-namespace-unknown', message } }
  }
  const labels = (found as ObjectLike).metadata?.labels ?? {}
  const matches = selectorMatches(selector, labels)
  if (matches === undefined) {
    return { error: { code: 'match-namespace-selector', message: 'the namespace selector cannot be read' } }
  }
  return matches
    ? undefined
    : no('namespace-selector', `the namespace \`${String(namespace)}\` does not match the namespace selector`)
}

function name({ name: wanted }: Match, object: ObjectLike): Matching | undefined {
  if (wanted === undefined || wanted === '') return undefined
  const own = text(object.metadata?.name)
  const generated = text(object.metadata?.generateName)
  // a name that is yet to be generated matches by what it will begin with
  const matches =
    own !== undefined ? isLike(own, wanted) : generated !== undefined && isLike(generated, wanted)
  return matches
    ? undefined
    : no('name', `the name \`${own ?? generated ?? ''}\` does not match \`${wanted}\``)
}

function source(
  { source: wanted = 'All' }: Match,
  _: ObjectLike,
  { source: own = 'Original' }: MatchContext,
): Matching | undefined {
  return wanted === 'All' || wanted === own ? undefined : no('source', `the object is ${own.toLowerCase()}`)
}
