import { Fault, type FilterNode, type Lambda, type Node, type Reference as Value } from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { conditionOf } from './condition.js'
import { literal } from './literal.js'
import { ofVariables, type Scope } from './scope.js'
import { bound, valueOf } from './value.js'

/** A list that CEL makes, or one whose elements are known before, each with the condition under which it is there. */
export type List = { readonly cel: string } | { readonly items: readonly Item[] }

export interface Item {
  readonly value: Value
  /** Absent where it is always there. */
  readonly if?: string
}

export const isUnrolled = (list: List): list is { readonly items: readonly Item[] } => 'items' in list

/** Most elements that are written out, each with what hangs on it. */
const mostItems = 200

/** The list that an expression is; a missing one is empty. */
export function listOf(node: Node, scope: Scope, to: Compilation): List {
  if (to.isConstant(node, scope)) {
    const elements = to.constants.elements(node, scope.known)
    if (elements instanceof Fault)
      throw to.refuse(node, `with these parameters it is an error: ${elements.message}`)
    if (elements.length > mostItems)
      throw to.refuse(node, `it has more than ${mostItems} elements, which are written out`)
    return { items: elements.map((value) => ({ value })) }
  }
  switch (node.kind) {
    case 'filter':
      return filtered(node, scope, to)
    case 'map': {
      const list = listOf(node.list, scope, to)
      const { element, index, body } = node.lambda
      if (!isUnrolled(list)) {
        const { name, inside } = to.bind(element, node.list, scope)
        return { cel: `${list.cel}.map(${name}, dyn(${valueOf(body, inside, to)}))` }
      }
      const parts = unrolled(list.items, element.id, index.id, scope, (inside, item) => {
        const made = `[dyn(${valueOf(body, inside, to)})]`
        return item.if === undefined ? made : `(${item.if} ? ${made} : [])`
      })
      return { cel: parts.length === 0 ? '[]' : `(${parts.join(' + ')})` }
    }
    case 'concat': {
      const within = to.isOpen(node) ? scope : ofVariables(scope)
      const lists = node.lists.map((each) => listOf(each, within, to))
      if (lists.every(isUnrolled)) return { items: lists.flatMap(({ items }) => items) }
      const printed = (): string =>
        lists.map((each, i) => printedList(each, node.lists[i] ?? node, to)).join(' + ')
      // lists of the whole object are looked at by each rule: they are made once
      return { cel: to.isOpen(node) ? `(${printed()})` : to.shared(node, nameOf(node), printed) }
    }
    case 'list':
      return { cel: `[${node.items.map((each) => `dyn(${valueOf(each, scope, to)})`).join(', ')}]` }
    case 'keys': {
      const k = to.fresh('k')
      const keys = (m: string): string =>
        `type(${m}) == map ? ${m}.map(${k}, ${m}[${k}] != null, dyn(${k})) : []`
      return { cel: bound(valueOf(node.of, scope, to), to, keys, 'm') }
    }
    case 'flatMap':
    case 'distinct':
    case 'duplicates':
      throw to.refuse(
        node,
        'older API servers have nothing for lists of lists, and for what stands in a list twice',
      )
    case 'inventory':
      throw to.refuse(node, 'an admission policy sees no other objects')
    default: {
      return { cel: bound(valueOf(node, scope, to), to, (v) => `type(${v}) == list ? ${v} : []`) }
    }
  }
}

/** A list with all filters that stand one after the other as one. */
function filtered(node: FilterNode, outside: Scope, to: Compilation): List {
  const scope = to.isOpen(node) ? outside : ofVariables(outside)
  const lambdas: Lambda[] = []
  let base: Node = node
  for (; base.kind === 'filter' && !to.isConstant(base, scope); base = base.list) lambdas.unshift(base.lambda)
  const list = listOf(base, scope, to)
  if (isUnrolled(list)) {
    let { items } = list
    for (const { element, index, body } of lambdas)
      items = unrolled(items, element.id, index.id, scope, (inside, item): Item => ({
        value: item.value,
        if: both(item.if, conditionOf(body, inside, to)),
      })).filter((item) => item.if !== 'false')
    return {
      items: items.map(({ value, if: condition }) =>
        condition === 'true' ? { value } : { value, if: condition as string },
      ),
    }
  }
  const name = to.fresh(node.lambda.element.name)
  const elements = lambdas.map(({ element }) => element.id)
  const inside = to.named(name, elements, base, scope)
  const conditions = lambdas
    .map(({ body }) => conditionOf(body, inside, to))
    .filter((each) => each !== 'true')
  if (conditions.includes('false')) return { items: [] }
  if (conditions.length === 0) return list
  const joined =
    conditions.length === 1 ? conditions.join('') : conditions.map((each) => `(${each})`).join(' && ')
  const cel = `${list.cel}.filter(${name}, ${joined})`
  return { cel: to.isOpen(node) ? cel : to.shared(node, `chosen ${node.lambda.element.name}s`, () => cel) }
}

/** What a list may be called: the fields that it is read of. */
function nameOf(node: Node): string {
  if (node.kind === 'field') return node.key
  if (node.kind === 'concat') return node.lists[0] === undefined ? 'list' : `all ${nameOf(node.lists[0])}`
  return 'list'
}

/** A list as an expression. */
export function printedList(list: List, node: Node, to: Compilation): string {
  if (!isUnrolled(list)) return list.cel
  const parts = list.items.map(({ value, if: condition }) => {
    const printed = value === undefined ? 'dyn(null)' : literal(value as Parameters<typeof literal>[0])
    if (printed === undefined) throw to.refuse(node, 'CEL does not hold one of its elements exactly')
    return { printed, condition }
  })
  if (parts.every(({ condition }) => condition === undefined))
    return `[${parts.map(({ printed }) => printed).join(', ')}]`
  return `(${parts.map(({ printed, condition }) => (condition === undefined ? `[${printed}]` : `(${condition} ? [${printed}] : [])`)).join(' + ')})`
}

/** Goes over elements that are known, with the variables bound to each; positions are known where all are there. */
export function unrolled<T>(
  items: readonly Item[],
  element: number,
  index: number,
  scope: Scope,
  make: (inside: Scope, item: Item) => T,
): readonly T[] {
  const isWhole = items.every((each) => each.if === undefined)
  return items.map((item, i) => {
    const known = new Map<number, Value>([...scope.known, [element, item.value]])
    if (isWhole) known.set(index, i)
    return make({ ...scope, known }, item)
  })
}

/** Two conditions, the first of which may not be there. */
export const both = (a: string | undefined, b: string): string => (a === undefined ? b : `${a} && ${b}`)
