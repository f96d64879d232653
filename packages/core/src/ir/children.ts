import type { Node } from './node.js'

/** The children of a node, each with the variables that the node binds for it. */
export function childrenOf(node: Node): readonly (readonly [child: Node, bound: readonly number[]])[] {
  const free = (children: readonly Node[]): readonly (readonly [Node, readonly number[]])[] =>
    children.map((child) => [child, []] as const)
  switch (node.kind) {
    case 'literal':
    case 'input':
    case 'variable':
      return []
    case 'field':
    case 'narrow':
    case 'keys':
    case 'not':
    case 'decide':
      return free([node.of])
    case 'get':
      return free([node.of, node.key])
    case 'at':
    case 'distinct':
    case 'duplicates':
      return free([node.list])
    case 'call':
      return free(node.arguments)
    case 'default':
      return free([node.of, node.otherwise])
    case 'when':
      return free([...node.cases.flatMap((each) => [each.if, each.then]), node.otherwise])
    case 'list':
      return free(node.items)
    case 'record':
      return free(Object.values(node.fields))
    case 'concat':
      return free(node.lists)
    case 'inventory':
      return free(node.namespace === undefined ? [] : [node.namespace])
    case 'and':
      return free(node.all)
    case 'or':
      return free(node.any)
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'find':
    case 'some':
    case 'every':
      return [
        [node.list, []],
        [node.lambda.body, [node.lambda.element.id, node.lambda.index.id]],
      ]
  }
}
