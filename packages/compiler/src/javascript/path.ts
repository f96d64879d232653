import type { Node, Path } from '@gatewright/core'
import { condition } from './condition.js'
import { type Compilation, type Frame, type Run, slotOf } from './frame.js'
import { binding, counted, walk } from './list.js'
import { operand } from './value.js'

/** A path, and whether it has ended at a computed key, so that nothing below is part of it (law 8). */
interface Place {
  readonly path: Path | undefined
  readonly ended: boolean
}

const nowhere: Place = { path: undefined, ended: false }

/** Compiles where an expression lies in the judged object; only asked for when a violation is built. */
export function pathOf(node: Node, to: Compilation): Run<Path | undefined> {
  let compiled: Run<Place> | undefined
  return (frame) => (compiled ??= placeOf(node, to))(frame).path
}

function placeOf(node: Node, to: Compilation): Run<Place> {
  switch (node.kind) {
    case 'input': {
      const slot = to.inputNames.indexOf(node.name)
      return (frame) => ({ path: frame.paths[slot], ended: false })
    }
    case 'variable': {
      const slot = slotOf(node)
      return (frame) => elementPlace(frame, slot, to)
    }
    case 'field': {
      const of = placeOf(node.of, to)
      const slot = node.of.kind === 'variable' ? slotOf(node.of) : undefined
      return (frame) => {
        const origin = slot === undefined ? undefined : to.origins[frame.origins[slot] as number]
        const part = origin?.part?.(node.key)
        return part === undefined ? below(of(frame), node.key) : { path: part(frame), ended: false }
      }
    }
    case 'get': {
      const of = placeOf(node.of, to)
      const key = operand(node.key, 'string', to)
      const loop = node.key.kind === 'variable' ? placeOf(node.key, to) : undefined
      return (frame) => {
        const parent = of(frame)
        const own = node.key.kind === 'literal' || isBelow(loop?.(frame).path, parent.path)
        return own ? below(parent, key(frame) as string) : { ...parent, ended: true }
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
  const slot = 1_000_000 + to.origin({ path: () => undefined })
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
  const origin = to.origins[frame.origins[slot] as number]
  return { path: origin?.path(frame, slot), ended: false }
}

function below({ path, ended }: Place, step: string): Place {
  return path === undefined || ended ? { path, ended } : { path: [...path, step], ended }
}

function isBelow(path: Path | undefined, parent: Path | undefined): boolean {
  return (
    path !== undefined &&
    parent !== undefined &&
    path.length === parent.length + 1 &&
    parent.every((step, index) => step === path[index])
  )
}
