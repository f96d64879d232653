import { check, isObject, type Json, type Node, type PolicyIr, type Review, typeOf } from '@gatewright/core'

/** A rule and an object that engines differ on. */
export interface Case {
  readonly policy: PolicyIr
  readonly review: Review
}

/** Makes a case smaller as long as it stays one: each round asks which of all that are a step smaller are still one. */
export function shrunk(of: Case, firstThatDiffers: (cases: readonly Case[]) => Case | undefined): Case {
  let least = of
  for (;;) {
    const smaller = firstThatDiffers(smallerCases(least))
    if (smaller === undefined) return least
    least = smaller
  }
}

function smallerCases({ policy, review }: Case): readonly Case[] {
  const size = JSON.stringify(policy, plainly).length
  const policies = [...smallerValues(policy as unknown as Json, 'policy')]
    .map((each) => each as unknown as PolicyIr)
    .filter((each) => JSON.stringify(each, plainly).length < size && isRight(each))
  const { operation, ...rest } = review
  const reviews = [...smallerValues(rest as unknown as Json)].map((each): Review => ({
    ...(each as Review),
    ...(operation === undefined ? {} : { operation }),
  }))
  return [
    ...policies.map((each) => ({ policy: each, review })),
    ...reviews.filter((each) => fits(each)).map((each) => ({ policy, review: each })),
  ]
}

const plainly = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

const fits = ({ object, oldObject, operation }: Review): boolean =>
  (isObject(object) || (object === undefined && (operation === 'DELETE' || operation === 'CONNECT'))) &&
  (isObject(oldObject) || (oldObject === undefined && operation !== 'DELETE'))

function isRight(policy: PolicyIr): boolean {
  try {
    return policy.rules.length > 0 && !('problems' in check(policy))
  } catch {
    return false
  }
}

/** Values that are one step smaller: a part taken out, or a node replaced by one below it, or by a constant of its type. */
function* smallerValues(value: Json, under = 'value'): Generator<Json> {
  if (Array.isArray(value)) {
    const list = value as readonly Json[]
    for (const i of list.keys()) yield list.filter((_, j) => j !== i)
    for (const [i, each] of list.entries())
      for (const smaller of smallerValues(each, under)) yield list.with(i, smaller)
    return
  }
  if (!isObject(value)) return
  if (under !== 'value' && 'kind' in value && typeof value['kind'] === 'string')
    yield* replacements(value as unknown as Node)
  const isData = under === 'value'
  for (const [key, each] of Object.entries(value)) {
    if (['target', 'parameters', 'element', 'index', 'resource'].includes(key)) continue
    if (['when', 'at', 'details', 'severity'].includes(key) || ['details', 'fields', 'value'].includes(under))
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
    const inner = isData ? 'value' : key
    for (const smaller of smallerValues(each, inner))
      if (value['kind'] !== 'decide' || key !== 'of' || (isObject(smaller) && smaller['kind'] === 'call'))
        yield { ...value, [key]: smaller }
  }
}

const constants: readonly Json[] = ['', 'a', 0, 1, true, false, [], {}]

function* replacements(node: Node): Generator<Json> {
  if ('rules' in (node as object)) {
    yield* (node as unknown as { readonly rules: readonly Json[] }).rules
    return
  }
  const type = safeType(node)
  if (type === undefined) return
  for (const inner of nodesBelow(node)) if (safeType(inner) === type) yield inner as unknown as Json
  for (const value of constants)
    if (node.kind !== 'literal' && safeType({ kind: 'literal', value }) === type)
      yield { kind: 'literal', value }
}

function safeType(node: Node): string | undefined {
  try {
    return typeOf(node)
  } catch {
    return undefined
  }
}

function nodesBelow(node: Node): readonly Node[] {
  const found: Node[] = []
  const walk = (value: unknown, depth: number): void => {
    if (depth > 8 || typeof value !== 'object' || value === null) return
    if (depth > 0 && 'kind' in value && safeType(value as Node) !== undefined) found.push(value as Node)
    for (const each of Object.values(value)) walk(each, depth + 1)
  }
  walk(node, 0)
  return found
}
