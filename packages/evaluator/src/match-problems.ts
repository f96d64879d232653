import { type Json, selectorMatches } from '@gatewright/core'
import { findResource, servedResources } from '@gatewright/kubernetes'
import type { Match } from './match.js'

type Check = (value: Json) => string | undefined

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'is a list of texts'

const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value)
      ? undefined
      : `is one of ${words.map((word) => `\`${word}\``).join(', ')}`

const pattern: Check = (value) => {
  if (typeof value !== 'string') return 'is a text'
  return /^\*?[^*]*\*?$/.test(value) ? undefined : `has \`${value}\`: a \`*\` stands at the start or the end`
}

const patterns: Check = (value) =>
  texts(value) ?? (value as readonly string[]).map(pattern).find((problem) => problem !== undefined)

const selector: Check = (value) =>
  value === null || selectorMatches(value, {}) !== undefined ? undefined : 'is no label selector'

const kinds: Check = (value) => {
  if (!Array.isArray(value)) return 'is a list of `{ apiGroups, kinds }`'
  for (const each of value as readonly Json[]) {
    if (!isObject(each)) return 'is a list of `{ apiGroups, kinds }`'
    for (const [key, list] of Object.entries(each)) {
      if (key !== 'apiGroups' && key !== 'kinds')
        return `has no \`${key}\`; write \`apiGroups\` and \`kinds\``
      if (list !== undefined && texts(list) !== undefined) return `has \`${key}\`, which is a list of texts`
    }
  }
  return undefined
}

const checks: Readonly<Record<keyof Match, Check>> = {
  kinds,
  scope: oneOf('*', 'Cluster', 'Namespaced'),
  namespaces: patterns,
  excludedNamespaces: patterns,
  labelSelector: selector,
  namespaceSelector: selector,
  name: pattern,
  source: oneOf('All', 'Original', 'Generated'),
}

/** What is wrong with the shape of a match that someone wrote; with one of these no object can be judged. */
export function matchShapeProblems(match: Json): readonly string[] {
  if (!isObject(match)) return ['a match is an object']
  return Object.entries(match).flatMap(([key, value]) => {
    if (value === undefined) return []
    if (!Object.hasOwn(checks, key)) return [`a match has no \`${key}\``]
    const problem = checks[key as keyof Match](value)
    return problem === undefined ? [] : [`\`${key}\` ${problem}`]
  })
}

/** What is wrong with a match that someone wrote: its shape, groups and kinds that no cluster knows and the nearest that one does. */
export function matchProblems(
  match: Json,
  nearestKind: (kind: string) => string | undefined,
): readonly string[] {
  const problems = matchShapeProblems(match)
  if (problems.length > 0) return problems
  return ((match as Match).kinds ?? []).flatMap(({ apiGroups = [], kinds: names = [] }) => {
    const unknown = apiGroups.filter((group) => !isServedGroup(group))
    if (unknown.length > 0) return unknown.map((group) => `no cluster has the group \`${group}\``)
    const builtIn =
      apiGroups.length === 0 || apiGroups.some((group) => group === '*' || !isCustomGroup(group))
    return builtIn ? names.flatMap((kind) => kindProblem(kind, apiGroups, nearestKind)) : []
  })
}

function kindProblem(
  kind: string,
  groups: readonly string[],
  nearestKind: (kind: string) => string | undefined,
): readonly string[] {
  const anyGroup = groups.length === 0 || groups.includes('*')
  const known =
    kind === '*' ||
    (anyGroup
      ? servedResources().some((each) => each.kind === kind)
      : groups.some((group) => isCustomGroup(group) || findResource({ group, kind }) !== undefined))
  if (known) return []
  const near = nearestKind(kind)
  if (near === kind) {
    const named = groups.map((group) => `\`${group}\``).join(', ')
    return [`the kind \`${kind}\` is not in the group ${named}`]
  }
  return [`no cluster has the kind \`${kind}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`]
}

/** Groups of custom resources are domains. */
const isCustomGroup = (group: string): boolean => group.includes('.') && !group.endsWith('.k8s.io')

/** Manifests still name `extensions`, which no known version serves. */
const isServedGroup = (group: string): boolean =>
  group === '*' ||
  group === 'extensions' ||
  group.includes('.') ||
  servedResources().some((each) => each.group === group)
