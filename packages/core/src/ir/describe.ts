import { canonicalText } from '../json.js'
import { childrenOf } from './children.js'
import type { Lambda, Node, RuleNode } from './node.js'

/** What variables are called, where an outer one has their name already. */
type Names = ReadonlyMap<number, string>
const none: Names = new Map()

/** An expression as its author might have written it; for messages, never for machines. */
export function describe(node: Node, names: Names = none): string {
  const text = (each: Node): string => describe(each, names)
  /** What an operation stands behind. */
  const subject = (each: Node): string => (loose.has(each.kind) ? `(${text(each)})` : text(each))
  const grouped = (each: Node, kind: Node['kind']): string =>
    each.kind === kind ? `(${text(each)})` : text(each)
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? `'${node.value}'` : canonicalText(node.value)
    case 'input':
      return node.name
    case 'variable':
      return names.get(node.id) ?? node.name
    case 'field':
      return /^[A-Za-z_$][\w$]*$/.test(node.key)
        ? `${subject(node.of)}.${node.key}`
        : `${subject(node.of)}.get('${node.key}')`
    case 'get':
      return `${subject(node.of)}.get(${text(node.key)})`
    case 'at':
      return `${subject(node.list)}.at(${node.index})`
    case 'narrow':
      return node.type === 'unknown' ? text(node.of) : `${text(node.of)} as ${node.type}`
    case 'call': {
      const { operator, arguments: operands } = node
      if (operator === 'message' || operator === 'text') return templateText(operator, operands, names)
      const [first, ...others] = operands
      const name = operator.slice(operator.indexOf('.') + 1)
      return `${first === undefined ? '' : subject(first)}.${name}(${others.map(text).join(', ')})`
    }
    case 'default':
      return `${subject(node.of)}.default(${text(node.otherwise)})`
    case 'when': {
      const cases = node.cases.map((each) => `when(${text(each.if)}, ${text(each.then)})`)
      return `${cases.join('.')}.otherwise(${text(node.otherwise)})`
    }
    case 'list':
      return `[${node.items.map(text).join(', ')}]`
    case 'record':
      return `{ ${Object.entries(node.fields)
        .map(([key, field]) => `${key}: ${text(field)}`)
        .join(', ')} }`
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'find':
    case 'some':
    case 'every':
      return `${subject(node.list)}.${node.kind}(${lambdaText(node.lambda, names)})`
    case 'concat':
      return node.lists.map(text).join(' + ')
    case 'distinct':
    case 'duplicates':
      return `${subject(node.list)}.${node.kind}()`
    case 'keys':
      return `${subject(node.of)}.keys()`
    case 'inventory':
      return `cluster.list(${node.resource.kind})`
    case 'and':
      return node.all.map((each) => grouped(each, 'or')).join(' and ')
    case 'or':
      return node.any.map((each) => grouped(each, 'and')).join(' or ')
    case 'not':
      return `not (${text(node.of)})`
    case 'decide':
      return node.assumed ? text(node.of) : `${subject(node.of)}.ifMissing(${node.missing})`
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

/** What is written with spaces, so that an operation behind it would seem to be that of its last part. */
const loose: ReadonlySet<Node['kind']> = new Set(['concat', 'and', 'or', 'not', 'narrow'])

function templateText(tag: string, parts: readonly Node[], names: Names): string {
  const inner = parts.map((part) =>
    part.kind === 'literal' ? String(part.value) : `\${${describe(part, names)}}`,
  )
  return parts.every(({ kind }) => kind === 'literal') ? `'${inner.join('')}'` : `${tag}\`${inner.join('')}\``
}

/** A function, its element named so that it hides none of the variables that it reads from outside. */
function lambdaText({ element, index, body }: Lambda, names: Names): string {
  const outer = new Set<string>()
  collectOuter(body, [element.id, index.id], (id, name) => outer.add(names.get(id) ?? name))
  let name = element.name
  for (let n = 2; outer.has(name); n++) name = `${element.name}${n}`
  return `${name} => ${describe(body, new Map(names).set(element.id, name))}`
}

/** Tells of the variables that a node reads and that are bound outside of it. */
function collectOuter(node: Node, bound: readonly number[], tell: (id: number, name: string) => void): void {
  if (node.kind === 'variable' && !bound.includes(node.id)) tell(node.id, node.name)
  for (const [child, more] of childrenOf(node)) collectOuter(child, [...bound, ...more], tell)
}
