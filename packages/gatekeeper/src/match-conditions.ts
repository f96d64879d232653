import { celText } from '@gatewright/compiler'
import { isObject, type Json, type Policy, selectorMatches } from '@gatewright/core'
import type { Match } from '@gatewright/evaluator'
import { GatekeeperError } from './gatekeeper-error.js'

/** A condition under which the API server asks a policy at all, in CEL. */
export interface MatchCondition {
  readonly name: string
  readonly expression: string
}

/** The namespace of the request, which for a Namespace is its own name, and empty for other objects of the cluster. */
const namespace = 'request.?namespace.orValue("")'

/**
 * The parts of a match that no selector of an admission policy says alike, as conditions: wildcards in namespaces, the scope, the name and
 * labels. The last two have to match together: in what the object becomes, or in what it was.
 *
 * Throws a `GatekeeperError` for a selector that cannot be read.
 */
export function matchConditions(id: string, match: Match): readonly MatchCondition[] {
  const { namespaces = [], excludedNamespaces = [], scope = '*', name, labelSelector } = match
  const conditions: readonly (readonly [string, string | undefined])[] = [
    [
      'namespaces',
      hasWildcard(namespaces) ? `${namespace} == "" || ${anyLike(namespaces, namespace)}` : undefined,
    ],
    [
      'excluded-namespaces',
      // what is in no namespace is in none that is excluded
      hasWildcard(excludedNamespaces)
        ? `${namespace} == "" || !(${anyLike(excludedNamespaces, namespace)})`
        : undefined,
    ],
    ['scope', scopeCondition(scope)],
    [
      'object',
      objectCondition([
        ...(name === undefined || name === '' ? [] : [nameCondition(name)]),
        ...(isGiven(labelSelector) ? labelConditions(id, labelSelector) : []),
      ]),
    ],
  ]
  return conditions.flatMap(([key, expression]) =>
    expression === undefined ? [] : [{ name: key, expression }],
  )
}

/**
 * Refuses a selector of namespaces for Namespaces themselves: of one that changes the API server asks it of what it becomes alone, so that
 * one that loses the label would not be judged.
 */
export function refuseSelectorOfNamespaces(
  { id, ir }: Policy,
  { namespaceSelector: selector, kinds }: Match,
): void {
  const { kinds: own = [], operations = ['UPDATE'] } = ir.target
  const isOfNamespaces = own.some(({ group, kind }) => kind === 'Namespace' && isMeant(kinds, group, kind))
  if (selector === undefined || selector === null || !isOfNamespaces || !operations.includes('UPDATE')) return
  throw new GatekeeperError(
    'match-not-carried',
    `the match of \`${id}\` has a \`namespaceSelector\`, and of a Namespace that changes the API server asks it of what it becomes alone`,
    'say it of Namespaces with a `labelSelector`, apart from the others',
  )
}

/** Whether `kinds` of a match take a kind; an empty list takes any, as in Gatekeeper. */
export const isMeant = (kinds: Match['kinds'] = [], group: string, kind: string): boolean =>
  kinds.length === 0 || kinds.some((each) => isAmong(group, each.apiGroups) && isAmong(kind, each.kinds))

const isAmong = (value: string, list: readonly string[] = []): boolean =>
  list.length === 0 || list.includes('*') || list.includes(value)

export const hasWildcard = (patterns: readonly string[]): boolean =>
  patterns.some((pattern) => pattern.includes('*'))

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null

const anyLike = (patterns: readonly string[], value: string): string =>
  patterns.map((pattern) => like(pattern, value)).join(' || ')

/** A wildcard stands at the start, at the end, or at both; elsewhere it has no meaning. */
function like(pattern: string, value: string): string {
  const head = pattern.startsWith('*')
  const tail = pattern.endsWith('*') && pattern.length > 1
  const body = celText(pattern.slice(head ? 1 : 0, tail ? -1 : undefined))
  if (head && tail) return `${value}.contains(${body})`
  if (head) return `${value}.endsWith(${body})`
  return tail ? `${value}.startsWith(${body})` : `${value} == ${body}`
}

function scopeCondition(scope: NonNullable<Match['scope']>): string | undefined {
  if (scope === '*') return undefined
  const isNamespaced = `${namespace} != "" && !(request.kind.group == "" && request.kind.kind == "Namespace")`
  return scope === 'Namespaced' ? isNamespaced : `!(${isNamespaced})`
}

/** What is not there is null for an API server, and an object without anything for Kyverno. */
const objectCondition = (parts: readonly string[]): string | undefined =>
  parts.length === 0
    ? undefined
    : `[object, oldObject].exists(o, o.?metadata.hasValue() && ${parts.join(' && ')})`

/** A name that was generated also matches by what it begins with, as it does where it is not generated yet. */
function nameCondition(name: string): string {
  const text = (field: string): string =>
    `o.metadata.?${field}.optMap(n, type(n) == string && n != "" && (${like(name, 'n')})).orValue(false)`
  return `(${text('name')} || ${text('generateName')})`
}

function labelConditions(id: string, selector: Json): readonly string[] {
  if (selectorMatches(selector, {}) === undefined || !isObject(selector))
    throw new GatekeeperError(
      'invalid-match',
      `the \`labelSelector\` of the match of \`${id}\` cannot be read`,
      'give `matchLabels` and `matchExpressions`',
    )
  const { matchLabels = {}, matchExpressions = [] } = selector as {
    readonly matchLabels?: Readonly<Record<string, string>> | null
    readonly matchExpressions?: readonly LabelExpression[] | null
  }
  return [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => isIn(key, [value])),
    ...(matchExpressions ?? []).map(expression),
  ]
}

interface LabelExpression {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values?: readonly string[] | null
}

function expression({ key, operator, values }: LabelExpression): string {
  switch (operator) {
    case 'In':
      return isIn(key, values ?? [])
    case 'NotIn':
      return `!${isIn(key, values ?? [])}`
    case 'Exists':
      return `${label(key)}.hasValue()`
    case 'DoesNotExist':
      return `!${label(key)}.hasValue()`
  }
}

const label = (key: string): string => `o.metadata.?labels[?${celText(key)}]`

const isIn = (key: string, values: readonly string[]): string =>
  `${label(key)}.optMap(v, v in [${values.map((value) => `dyn(${celText(value)})`).join(', ')}]).orValue(false)`
