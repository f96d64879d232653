import type { Node } from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { condition } from './condition.js'
import { bind, isPlain, materialise, walk } from './list.js'
import { value } from './value.js'

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
      const fields = Object.entries(node.fields)
      const at = code.local()
      code.constant(8 * fields.length)
      to.call('allocate')
      code.set(at)
      for (const [i, [key, field]] of fields.entries()) {
        code.get(at)
        code.constant(layout.text(key))
        code.store(8 * i)
        code.get(at)
        place(field, to)
        code.store(8 * i + 4)
      }
      code.get(at)
      code.constant(fields.length)
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
      return code.block(true, (end) => {
        const bound = bind(node.lambda, to)
        walk(node.list, to, (item) => {
          bound(item, () => {
            condition(node.lambda.body, to)
            const holds = code.local()
            if (to.mayFail(node.lambda.body)) {
              code.tee(holds)
              code.constant(1)
              code.op('greaterUnsigned')
              code.if(false, () => {
                code.constant(0)
                code.leave(end)
              })
              code.get(holds)
            }
            code.if(false, () => {
              item.place()
              code.leave(end)
            })
          })
        })
        code.constant(0)
      })
    default:
      return code.constant(0)
  }
}
