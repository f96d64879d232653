import {
  canonicalText,
  compareText,
  Fault,
  isObject,
  type Json,
  type Lambda,
  type Node,
} from '@gatewright/core'
import { condition } from './condition.js'
import {
  bail,
  below,
  bindElement,
  type Compilation,
  type Frame,
  nowhere,
  type Run,
  type Visit,
} from './frame.js'
import { placeOf } from './path.js'
import { use, value } from './value.js'

/**
 * Compiles a list to a walk over its elements: filters, maps and concatenations become part of one loop, and no list is built.
 * The walk ends early, with true, when the visitor says so.
 */
export function walk(node: Node, to: Compilation, visit: Visit): Run<boolean> {
  switch (node.kind) {
    case 'filter': {
      const holds = condition(node.lambda.body, to)
      const bound = binding(node.lambda)
      const inner = walk(node.list, to, (frame, element, position, origin) => {
        bound(frame, element, position, origin)
        return holds(frame) && visit(frame, element, position, origin)
      })
      return counted(node.lambda, inner)
    }
    case 'map': {
      const body = value(node.lambda.body, to)
      const bound = binding(node.lambda)
      const origin = to.origin(placeOf(node.lambda.body, to))
      const inner = walk(node.list, to, (frame, element, position, from) => {
        bound(frame, element, position, from)
        return visit(frame, known(body(frame)), position, origin)
      })
      return counted(node.lambda, inner)
    }
    case 'flatMap': {
      const body = walk(node.lambda.body, to, visit)
      const bound = binding(node.lambda)
      const inner = walk(node.list, to, (frame, element, position, origin) => {
        bound(frame, element, position, origin)
        return body(frame)
      })
      return counted(node.lambda, inner)
    }
    case 'concat': {
      const lists = node.lists.map((list) => walk(list, to, visit))
      return (frame) => {
        for (const list of lists) if (list(frame)) return true
        return false
      }
    }
    case 'list': {
      const items = node.items.map((item) => ({
        value: value(item, to),
        origin: to.origin(placeOf(item, to)),
      }))
      return (frame) => {
        for (const [index, item] of items.entries()) {
          if (visit(frame, known(item.value(frame)), index, item.origin)) return true
        }
        return false
      }
    }
    case 'distinct':
    case 'duplicates':
      return occurrences(node.list, node.kind === 'duplicates', to, visit)
    case 'keys':
      return keys(node.of, to, visit)
    case 'inventory':
      return inventory(node, to, visit)
    default:
      return elements(node, to, visit)
  }
}

/** The elements of a value that is a list. */
function elements(node: Node, to: Compilation, visit: Visit): Run<boolean> {
  const read = value(node, to)
  const parent = placeOf(node, to)
  const origin = to.origin((frame, variable) => below(parent(frame), frame.positions[variable] as number))
  return (frame) => {
    const list = read(frame)
    if (list === undefined) return false
    if (!Array.isArray(list)) {
      if (list instanceof Fault) throw bail
      return false
    }
    for (let index = 0; index < list.length; index++) {
      if (visit(frame, known(list[index]), index, origin)) return true
    }
    return false
  }
}

/** What is unknown or failed may decide or not; the reference weighs it. */
function known(element: unknown): unknown {
  if (element instanceof Fault) throw bail
  return element
}

type Bind = (frame: Frame, element: unknown, position: number, origin: number) => void

/** Binds the element of a function, and how many came before it. */
export function binding({ element, index }: Pick<Lambda, 'element' | 'index'>): Bind {
  return (frame, item, position, origin) => {
    bindElement(frame, element.id, item, position, origin)
    const count = (frame.positions[index.id] as number) + 1
    frame.positions[index.id] = count
    frame.elements[index.id] = count
  }
}

/** Starts a function's count of elements anew for each walk. */
export function counted({ index }: Pick<Lambda, 'index'>, run: Run<boolean>): Run<boolean> {
  return (frame) => {
    frame.positions[index.id] = -1
    return run(frame)
  }
}

function occurrences(list: Node, repeated: boolean, to: Compilation, visit: Visit): Run<boolean> {
  // by text, so that no list makes it slow
  let seen = new Set<string>()
  const inner = walk(list, to, (frame, element, position, origin) => {
    if (element === undefined || element === null) return false
    const known = seen.size
    seen.add(typeof element === 'string' ? `"${element}` : canonicalText(element as Json))
    const isRepeated = seen.size === known
    return isRepeated === repeated && visit(frame, element, position, origin)
  })
  return (frame) => {
    const outer = seen
    seen = new Set()
    const ended = inner(frame)
    seen = outer
    return ended
  }
}

function keys(of: Node, to: Compilation, visit: Visit): Run<boolean> {
  const read = value(of, to)
  const parent = placeOf(of, to)
  const origin = to.origin((frame, variable) => below(parent(frame), frame.elements[variable] as string))
  return (frame) => {
    const object = read(frame)
    if (object instanceof Fault) throw bail
    if (!isObject(object as Json)) return false
    const map = object as Readonly<Record<string, unknown>>
    const present = Object.keys(map).filter((key) => map[key] !== null)
    if (present.length > 1) present.sort(compareText)
    for (const [index, key] of present.entries()) if (visit(frame, key, index, origin)) return true
    return false
  }
}

function inventory(node: Extract<Node, { kind: 'inventory' }>, to: Compilation, visit: Visit): Run<boolean> {
  const namespace = node.namespace === undefined ? undefined : use(node.namespace, to)
  const origin = to.origin(() => nowhere)
  return (frame) => {
    const name = namespace?.(frame)
    if (frame.inventory === undefined) throw bail
    let answer: ReturnType<NonNullable<Frame['inventory']>['list']>
    try {
      const wanted = namespace === undefined ? undefined : typeof name === 'string' ? name : null
      answer = frame.inventory.list(node.resource, wanted)
    } catch {
      throw bail
    }
    // what is not known of an incomplete inventory may decide, so the reference weighs it
    if (!answer.complete) throw bail
    for (const [index, item] of answer.items.entries()) if (visit(frame, item, index, origin)) return true
    return false
  }
}
