import { type CallNode, definedName, type Node } from '@gatewright/core'

/** A name for what an expression is: the last field on its way. */
export function nameOf(node: Node): string {
  const defined = definedName(node)
  if (defined !== undefined) return defined
  switch (node.kind) {
    case 'field':
      return node.key
    case 'get':
      return node.key.kind === 'literal' && typeof node.key.value === 'string'
        ? nameOfKey(node.key.value)
        : nameOf(node.of)
    case 'input':
    case 'variable':
      return node.name
    case 'narrow':
      return nameOf(node.of)
    case 'default':
      return nameOf(node.of)
    case 'when':
      return nameOf(node.cases[0]?.then ?? node.otherwise)
    case 'call': {
      const [first] = node.arguments
      const suffix = node.operator.replaceAll('.', '_')
      return first === undefined || first.kind === 'literal'
        ? suffix
        : `${nameOf(first)}_${suffix}`.slice(0, 40)
    }
    case 'at':
    case 'find':
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'some':
    case 'every':
    case 'distinct':
    case 'duplicates':
      return nameOf(node.list)
    case 'keys':
      return `${nameOf(node.of)}_keys`
    case 'concat':
      return nameOf(node.lists[0] ?? { kind: 'literal', value: null })
    case 'inventory':
      return node.resource.kind
    case 'decide':
    case 'not':
      return nameOf(node.of)
    case 'and':
      return nameOf(node.all[0] ?? { kind: 'literal', value: null })
    case 'or':
      return nameOf(node.any[0] ?? { kind: 'literal', value: null })
    default:
      return 'value'
  }
}

/** What stands behind the last slash: an annotation's name without its domain. */
const nameOfKey = (key: string): string => key.slice(key.lastIndexOf('/') + 1) || 'value'

/** A name for what a condition says. */
export function conditionName(node: Node): string {
  const defined = definedName(node)
  if (defined !== undefined) return defined
  switch (node.kind) {
    case 'call':
      return callName(node)
    case 'decide':
      return conditionName(node.of)
    case 'not':
      return `${conditionName(node.of)}_fails`
    case 'some':
      return `any_${conditionName(node.lambda.body)}`
    case 'every':
      return `all_${conditionName(node.lambda.body)}`
    case 'and':
      return joinedName(node.all, 'and')
    case 'or':
      return joinedName(node.any, 'or')
    default:
      return `is_${nameOf(node)}`
  }
}

function callName({ operator, arguments: [first, second] }: CallNode): string {
  const subject = nameOf(first as Node)
  if (operator === 'exists') return `has_${subject}`
  if (operator !== 'is') return `${subject}_${words[operator] ?? operator.replaceAll('.', '_')}`
  const value = second?.kind === 'literal' ? second.value : undefined
  if (value === true) return `is_${subject}`
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9-]{0,19}$/.test(value)
    ? `${subject}_is_${value}`
    : `${subject}_is`
}

const words: Readonly<Record<string, string>> = { in: 'listed', sameAs: 'same' }

/** The names of the parts where they are short, else that of the first. */
function joinedName(parts: readonly Node[], word: 'and' | 'or'): string {
  const names = parts.map(conditionName)
  const name = names.join(`_${word}_`)
  return name.length <= 48 ? name : `${(names[0] ?? 'value').slice(0, 40)}_${word}_more`
}
