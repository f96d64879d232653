import type { Lambda, Node } from '@gatewright/core'
import type { Binding, Compilation } from './compilation.js'
import { tags } from './layout.js'
import { condition } from './condition.js'
import { place } from './place.js'
import { use, value } from './value.js'

/** An element of a list that is walked: each leaves it on the stack. */
export interface Item {
  readonly value: () => void
  readonly place: () => void
}

type Visit = (item: Item) => void

/** Whether an expression's elements are those of its value, as it stands in the document. */
export function isPlain(node: Node): boolean {
  switch (node.kind) {
    case 'list':
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'concat':
    case 'distinct':
    case 'duplicates':
    case 'keys':
    case 'inventory':
      return false
    default:
      return true
  }
}

/**
 * Prepares a variable of an iteration; what it gives binds an element of it while a body is compiled. Positions count the elements
 * that are bound, from 0.
 */
export function bind(
  { element, index }: Pick<Lambda, 'element' | 'index'>,
  to: Compilation,
): (item: Item, body: () => void) => void {
  const { code } = to
  const local = code.local()
  const position = to.isCounted(index) ? code.local() : undefined
  if (position !== undefined) {
    code.constant(-1)
    code.set(position)
  }
  if (index.id !== element.id + 1) throw new TypeError('an index is numbered after its element')
  return (item, body) => {
    to.call('step')
    code.leaveIf(to.end)
    item.value()
    code.set(local)
    if (position !== undefined) {
      code.get(position)
      code.constant(1)
      code.op('add')
      code.set(position)
    }
    const binding: Binding = { value: local, index: position ?? local, place: item.place }
    const outer = to.bound.get(element.id)
    to.bound.set(element.id, binding)
    body()
    if (outer === undefined) to.bound.delete(element.id)
    else to.bound.set(element.id, outer)
  }
}

/**
 * Compiles a walk over the elements of a list, which are visited one by one. Gives the local of the fault that stands for elements
 * that cannot be had, 0 where all could; undefined where none can fail.
 */
export function walk(node: Node, to: Compilation, visit: Visit): number | undefined {
  const { code } = to
  switch (node.kind) {
    case 'filter': {
      const own = to.mayFail(node.lambda.body) ? zero(to) : undefined
      const bound = bind(node.lambda, to)
      const rest = walk(node.list, to, (item) => {
        bound(item, () => {
          condition(node.lambda.body, to)
          if (own !== undefined) {
            const holds = code.local()
            code.set(holds)
            code.get(own)
            code.get(holds)
            to.call('graverAnswer')
            code.set(own)
            code.get(holds)
            code.constant(1)
            code.op('equal')
          }
          code.if(false, () =>
            visit({ value: () => code.get(to.binding(node.lambda.element).value), place: item.place }),
          )
        })
      })
      return graver(rest, own, to)
    }
    case 'map': {
      const bound = bind(node.lambda, to)
      const result = code.local()
      return walk(node.list, to, (item) => {
        bound(item, () => {
          value(node.lambda.body, to)
          code.set(result)
          visit({ value: () => code.get(result), place: () => place(node.lambda.body, to) })
        })
      })
    }
    case 'flatMap': {
      const own = to.mayFail(node.lambda.body) ? zero(to) : undefined
      const bound = bind(node.lambda, to)
      const rest = walk(node.list, to, (item) => {
        bound(item, () => {
          const inner = walk(node.lambda.body, to, visit)
          if (inner === undefined || own === undefined) return
          code.get(own)
          code.get(inner)
          to.call('graver')
          code.set(own)
        })
      })
      return graver(own, rest, to)
    }
    case 'concat':
      if (node.lists.every(isPlain) && node.lists.length > 0) return walkPlain(node.lists, to, visit)
      break
    default:
      if (isPlain(node)) return walkPlain([node], to, visit)
  }
  const elements = materialise(node, to)
  const index = code.local()
  loop(
    index,
    () => {
      code.get(elements)
      code.load()
    },
    to,
    () => {
      const get = (name: string) => (): void => {
        code.get(elements)
        code.get(index)
        to.call(name)
      }
      const item = code.local()
      get('itemValue')()
      code.set(item)
      visit({ value: () => code.get(item), place: get('itemPlace') })
    },
  )
  if (!to.mayFail(node)) return undefined
  const rest = code.local()
  code.get(elements)
  to.call('restOf')
  code.set(rest)
  return rest
}

/** A local that begins with 0. */
export function zero(to: Compilation): number {
  const local = to.code.local()
  to.code.constant(0)
  to.code.set(local)
  return local
}

/** A local with the graver of the faults of two locals. */
export function graver(
  first: number | undefined,
  second: number | undefined,
  to: Compilation,
): number | undefined {
  const { code } = to
  if (first === undefined || second === undefined) return first ?? second
  const fault = code.local()
  code.get(first)
  code.get(second)
  to.call('graver')
  code.set(fault)
  return fault
}

/** Counts from 0 to below what `end` leaves on the stack. */
function loop(index: number, end: () => void, to: Compilation, body: () => void): void {
  const { code } = to
  code.constant(0)
  code.set(index)
  code.block(false, (done) => {
    code.loop((next) => {
      code.get(index)
      end()
      code.op('atLeastUnsigned')
      code.leaveIf(done)
      body()
      code.get(index)
      code.constant(1)
      code.op('add')
      code.set(index)
      code.leave(next)
    })
  })
}

/** Walks the elements of one value after the other. */
function walkPlain(nodes: readonly Node[], to: Compilation, visit: Visit): number | undefined {
  const { code } = to
  const fails = nodes.some((node) => to.mayFail(node))
  const fault = fails ? zero(to) : undefined
  const lists = nodes.map((node) => {
    const list = code.local()
    value(node, to)
    code.set(list)
    if (fault !== undefined && to.mayFail(node)) {
      code.get(fault)
      code.get(list)
      to.call('graverOf')
      code.set(fault)
    }
    return list
  })
  const index = code.local()
  const each = (list: number, placeOfList: () => void): void => {
    const count = code.local()
    // a value that is no list has no elements
    code.get(list)
    code.load(8)
    code.constant(0)
    code.get(list)
    code.loadByte()
    code.constant(tags.list)
    code.op('equal')
    code.op('select')
    code.set(count)
    loop(
      index,
      () => code.get(count),
      to,
      () => {
        const item = code.local()
        code.get(list)
        code.load(4)
        code.get(index)
        code.constant(2)
        code.op('shiftLeft')
        code.op('add')
        code.load()
        code.set(item)
        visit({
          value: () => code.get(item),
          place: () => {
            placeOfList()
            code.get(index)
            to.call('indexPlace')
          },
        })
      },
    )
  }
  const [only] = lists
  if (lists.length === 1) {
    each(only as number, () => place(nodes[0] as Node, to))
    return fault
  }
  const current = code.local()
  const which = code.local()
  loop(
    which,
    () => code.constant(lists.length),
    to,
    () => {
      choose(
        lists.map((list) => () => code.get(list)),
        which,
        to,
      )
      code.set(current)
      each(current, () =>
        choose(
          nodes.map((node) => () => place(node, to)),
          which,
          to,
        ),
      )
    },
  )
  return fault
}

/** Leaves the one of several whose number a local holds. */
function choose(ways: readonly (() => void)[], which: number, to: Compilation): void {
  const { code } = to
  const [first, ...others] = ways as readonly [() => void, ...(() => void)[]]
  if (others.length === 0) return first()
  code.get(which)
  code.constant(ways.length - 1)
  code.op('equal')
  code.if(true, ways[ways.length - 1] as () => void, () => choose(ways.slice(0, -1), which, to))
}

const incomplete = (kind: string): string => `the inventory does not hold every ${kind}`

/** Compiles a list to its elements; the local of their address. */
export function materialise(node: Node, to: Compilation): number {
  const { code } = to
  const elements = code.local()
  const collect = (fill: () => number | undefined): void => {
    code.constant(8)
    to.call('newElements')
    code.set(elements)
    const rest = fill()
    if (rest === undefined) return
    code.get(elements)
    code.get(rest)
    to.call('setRest')
  }
  const push = (item: Item): void => {
    code.get(elements)
    item.value()
    item.place()
    to.call('push')
  }
  switch (node.kind) {
    case 'list':
      collect(() => {
        for (const item of node.items) push({ value: () => value(item, to), place: () => place(item, to) })
        return undefined
      })
      break
    case 'concat':
      collect(() => {
        let rest: number | undefined
        for (const list of node.lists) rest = graver(rest, walk(list, to, push), to)
        return rest
      })
      break
    case 'distinct':
    case 'duplicates':
      code.get(materialise(node.list, to))
      code.constant(node.kind === 'duplicates' ? 1 : 0)
      to.call('occurrences')
      code.set(elements)
      break
    case 'keys':
      value(node.of, to)
      place(node.of, to)
      to.call('keysOf')
      code.set(elements)
      break
    case 'inventory':
      code.constant(to.layout.text(node.resource.group))
      code.constant(to.layout.text(node.resource.kind))
      code.constant(node.namespace === undefined ? 0 : 1)
      if (node.namespace === undefined) code.constant(0)
      else use(node.namespace, to)
      code.constant(to.layout.fault('inventory-incomplete', incomplete(node.resource.kind), tags.unknown))
      to.call('inventory')
      code.set(elements)
      break
    case 'filter':
    case 'map':
    case 'flatMap':
      collect(() => walk(node, to, push))
      break
    default:
      value(node, to)
      place(node, to)
      to.call('elementsOf')
      code.set(elements)
  }
  return elements
}

/** Leaves the number of a list's elements. */
export function count(list: Node, to: Compilation): void {
  const { code } = to
  if (isPlain(list)) {
    value(list, to)
    return to.call('countOfList')
  }
  if (
    list.kind === 'distinct' ||
    list.kind === 'duplicates' ||
    list.kind === 'keys' ||
    list.kind === 'list'
  ) {
    code.get(materialise(list, to))
    return to.call('countOfElements')
  }
  const number = code.local()
  code.constant(0)
  code.set(number)
  const rest = walk(list, to, () => {
    code.get(number)
    code.constant(1)
    code.op('add')
    code.set(number)
  })
  if (rest !== undefined) {
    code.get(rest)
    code.if(
      true,
      () => code.get(rest),
      () => {
        code.get(number)
        to.call('integer')
      },
    )
    return
  }
  code.get(number)
  to.call('integer')
}
