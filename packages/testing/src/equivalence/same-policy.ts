import { canonicalText, encodeIr, isObject, type Json, type Policy, withoutSources } from '@gatewright/core'

/** What a policy says of itself and no verdict hangs on. */
const words = ['id', 'title', 'description', 'topic', 'controls']

/** Whether two policies are the same but for their names and words, the names of variables, and where they were written. */
export function isSamePolicy(a: Policy, b: Policy): boolean {
  return meaningOf(a) === meaningOf(b)
}

function meaningOf({ ir, values }: Policy): string {
  const encoded = withoutSources(encodeIr(ir)) as Readonly<Record<string, Json>>
  const { nodes, target, ...rest } = encoded
  const meant = Object.entries(rest).filter(([key]) => !words.includes(key))
  const { name: _, ...taken } = target as Readonly<Record<string, Json>>
  return canonicalText({
    ...Object.fromEntries(meant),
    target: taken,
    nodes: (nodes as readonly Json[]).map(unnamed),
    values: values as Json,
  })
}

/** A node without names: an input's is no name, since the target binds it. */
function unnamed(node: Json): Json {
  if (!isObject(node)) return node
  const isVariable = node['kind'] === 'variable'
  return Object.fromEntries(
    Object.entries(node).filter(([key]) => key !== 'defined' && !(isVariable && key === 'name')),
  )
}
