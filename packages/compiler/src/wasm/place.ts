import type { Node } from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { isPlain, materialise } from './list.js'
import { entries, search, value } from './value.js'

/** Leaves the place of an expression in the judged object on the stack: 0 where it has none. */
export function place(node: Node, to: Compilation): void {
  const { code, layout } = to
  switch (node.kind) {
    case 'input': {
      const input = to.inputs.get(node.name)
      code.constant(input?.table ?? 0)
      return to.call('inputPlace')
    }
    case 'variable':
      return node.index ? code.constant(0) : to.binding(node).place()
    case 'field':
      place(node.of, to)
      code.constant(layout.text(node.key))
      return to.call('keyPlace')
    case 'get': {
      place(node.of, to)
      value(node.key, to)
      to.call('sureText')
      if (node.key.kind === 'literal') code.constant(1)
      else if (node.key.kind === 'variable' && !node.key.index) {
        place(node.key, to)
        place(node.of, to)
        to.call('isDirectlyUnder')
      } else code.constant(0)
      return to.call('computedPlace')
    }
    case 'record': {
      entries(node.fields, (field) => place(field, to), to)
      return to.call('partsPlace')
    }
    case 'narrow':
      return place(node.of, to)
    case 'at':
      if (isPlain(node.list)) {
        place(node.list, to)
        value(node.list, to)
        code.constant(node.index)
        return to.call('elementPlace')
      }
      code.get(materialise(node.list, to))
      code.constant(node.index)
      return to.call('itemPlaceAt')
    case 'find':
      // where nothing is found, or nobody knows, there is no place
      return search(
        node,
        to,
        (item) => item.place(),
        () => code.constant(0),
        () => code.constant(0),
      )
    default:
      return code.constant(0)
  }
}
