import { canonicalText } from '../json.js'
import type { Lambda, Node, RuleNode } from './node.js'

/** An expression as its author might have written it; for messages, never for machines. */
export function describe(node: Node): string {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? `'${node.value}'` : canonicalText(node.value)
    case 'input':
      return node.name
    case 'variable':
      return node.name
    case 'field':
      return `${describe(node.of)}.${node.key}`
    case 'get':
      return `${describe(node.of)}.get(${describe(node.key)})`
    case 'at':
      return `${describe(node.list)}.at(${node.index})`
    case 'narrow':
      return node.type === 'unknown' ? describe(node.of) : `${describe(node.of)} as ${node.type}`
    case 'call':
      return describeCall(node.operator, node.arguments.map(describe))
    case 'default':
      return `${describe(node.of)}.default(${describe(node.otherwise)})`
    case 'when': {
      const cases = node.cases.map((each) => `when(${describe(each.if)}, ${describe(each.then)})`)
      return `${cases.join('.')}.otherwise(${describe(node.otherwise)})`
    }
    case 'list':
      return `[${node.items.map(describe).join(', ')}]`
    case 'record':
      return `{ ${Object.entries(node.fields)
        .map(([key, field]) => `${key}: ${describe(field)}`)
        .join(', ')} }`
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'find':
    case 'some':
    case 'every':
      return `${describe(node.list)}.${node.kind}(${describeLambda(node.lambda)})`
    case 'concat':
      return `${node.lists.map(describe).join(' + ')}`
    case 'distinct':
    case 'duplicates':
      return `${describe(node.list)}.${node.kind}()`
    case 'keys':
      return `${describe(node.of)}.keys()`
    case 'inventory':
      return `cluster.list(${node.resource.kind})`
    case 'and':
      return node.all.map((each) => grouped(each, 'or')).join(' and ')
    case 'or':
      return node.any.map((each) => grouped(each, 'and')).join(' or ')
    case 'not':
      return `not (${describe(node.of)})`
    case 'decide':
      return node.assumed ? describe(node.of) : `${describe(node.of)}.ifMissing(${node.missing})`
  }
}

/** A rule, as `describe` does it. */
export function describeRule(rule: RuleNode): string {
  switch (rule.kind) {
    case 'deny':
      return `${describe(rule.if)}.deny(…)`
    case 'each':
      return `${describe(rule.list)}.each(${rule.element.name} => …)`
    case 'onlyIf':
      return `onlyIf(${describe(rule.if)}, …)`
  }
}

const grouped = (node: Node, kind: Node['kind']): string =>
  node.kind === kind ? `(${describe(node)})` : describe(node)

const describeLambda = ({ element, body }: Lambda): string => `${element.name} => ${describe(body)}`

function describeCall(operator: string, [subject = '', ...others]: readonly string[]): string {
  const name = operator.slice(operator.indexOf('.') + 1)
  if (operator === 'message' || operator === 'text') return `${operator}\`${[subject, ...others].join('')}\``
  return `${subject}.${name}(${others.join(', ')})`
}
