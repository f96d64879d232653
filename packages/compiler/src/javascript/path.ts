import type { Node, Path } from '@gatewright/core'
import { condition } from './condition.js'
import { below, type Compilation, type Frame, nowhere, type Place, type Run, slotOf } from './frame.js'
import { binding, counted, walk } from './list.js'
import { operand } from './value.js'

/** Compiles where an expression lies in the judged object; only asked for when a violation is built. */
export function pathOf(node: Node, to: Compilation): Run<Path | undefined> {
  const place = placeOf(node, to)
  return (frame) => place(frame).path
}

/** As `pathOf`, with what stands below. */
export function placeOf(node: Node, to: Compilation): Run<Place> {
  let compiled: Run<Place> | undefined
  return (frame) => (compiled ??= compiledPlace(node, to))(frame)
}

function compiledPlace(node: Node, to: Compilation): Run<Place> {
  switch (node.kind) {
    case 'input': {
      const slot = to.inputNames.indexOf(node.name)
      return (frame) => ({ path: frame.paths[slot], ended: false })
    }
    case 'variable': {
      if (node.index) return () => nowhere
      const slot = slotOf(node)
      return (frame) => elementPlace(frame, slot, to)
    }
    case 'field': {
      const of = placeOf(node.of, to)
      return (frame) => {
        const parent = of(frame)
        return parent.parts?.get(node.key) ?? below(parent, node.key)
      }
    }
    case 'record': {
      const parts = Object.entries(node.fields).map(([key, field]) => [key, placeOf(field, to)] as const)
      return (frame) => ({
        ...nowhere,
        parts: new Map(parts.map(([key, place]) => [key, place(frame)])),
      })
    }
    case 'get': {
      const of = placeOf(node.of, to)
      const key = operand(node.key, 'string', to)
      const loop = node.key.kind === 'variable' ? placeOf(node.key, to) : undefined
      return (frame) => {
        const parent = of(frame)
        const step = key(frame)
        const part = typeof step === 'string' ? parent.parts?.get(step) : undefined
        if (part !== undefined) return part
        const own = node.key.kind === 'literal' || isBelow(loop?.(frame).path, parent.path)
        return own && typeof step === 'string' ? below(parent, step) : { path: parent.path, ended: true }
      }
    }
    case 'narrow':
      return placeOf(node.of, to)
    case 'at':
      return foundPlace(node.list, to, node.index)
    case 'find': {
      const holds = condition(node.lambda.body, to)
      const bound = binding(node.lambda)
      let place = nowhere
      const search = walk(node.list, to, (frame, element, position, origin) => {
        bound(frame, element, position, origin)
        if (!holds(frame)) return false
        place = elementPlace(frame, node.lambda.element.id, to)
        return true
      })
      const run = counted(node.lambda, search)
      return (frame) => {
        place = nowhere
        run(frame)
        return place
      }
    }
    default:
      return () => nowhere
  }
}

function foundPlace(list: Node, to: Compilation, index: number): Run<Place> {
  // a slot of its own, past those of the policy's variables
  const slot = 1_000_000 + to.origin(() => nowhere)
  let places: Place[] = []
  const collect = walk(list, to, (frame, element, position, origin) => {
    frame.elements[slot] = element
    frame.positions[slot] = position
    frame.origins[slot] = origin
    places.push(elementPlace(frame, slot, to))
    return false
  })
  return (frame) => {
    places = []
    collect(frame)
    return places.at(index) ?? nowhere
  }
}

function elementPlace(frame: Frame, slot: number, to: Compilation): Place {
  return to.origins[frame.origins[slot] as number]?.(frame, slot) ?? nowhere
}

function isBelow(path: Path | undefined, parent: Path | undefined): boolean {
  return (
    path !== undefined &&
    parent !== undefined &&
    path.length === parent.length + 1 &&
    parent.every((step, index) => step === path[index])
  )
}
