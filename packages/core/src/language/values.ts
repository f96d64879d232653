import type { Json } from '../json.js'
import { cloneJson } from '../json.js'
import { describe } from '../ir/describe.js'
import type { CallNode, Lambda, LiteralNode, Node, ReadType, VariableNode } from '../ir/node.js'
import { operatorOf, type OperatorName } from '../ir/operators.js'
import type { ObjectSchema, Schema } from '../schema.js'
import { isNumber } from '../values/decimal.js'
import { DefinitionError } from './definition-error.js'
import { expressionOf, subjectOf } from './proxy.js'
import { consumed, isOpen, made, withVariable } from './recording.js'
import type { ConditionSubject, Presence, Subject, UndecidedSubject, ValueSubject } from './subject.js'

export const unknownSchema: Schema = { type: 'unknown' }
export const stringSchema: Schema = { type: 'string' }
export const numberSchema: Schema = { type: 'number' }
export const booleanSchema: Schema = { type: 'boolean' }

/** What a read of a value with this schema declares. */
export function readTypeOf(schema: Schema): ReadType {
  switch (schema.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'list':
    case 'unknown':
      return schema.type
    case 'scalar':
      return schema.of.includes('boolean') ? 'scalar' : 'string-or-number'
    case 'map':
    case 'object':
    case 'union':
      return 'object'
  }
}

/** A subject that stands for a value an operation gave. */
export function valueSubject(node: Node, schema: Schema, presence: Presence): ValueSubject {
  return { is: 'value', node, schema, presence, vouched: false }
}

export function literalNode(value: Json): LiteralNode {
  return { kind: 'literal', value }
}

/** A plain value that an author gave, as a literal. */
export function literalSubject(value: Json): ValueSubject {
  return valueSubject(literalNode(value), schemaOfLiteral(value), 'present')
}

function schemaOfLiteral(value: Json): Schema {
  if (typeof value === 'string') return stringSchema
  if (typeof value === 'boolean') return booleanSchema
  if (isNumber(value)) return numberSchema
  if (Array.isArray(value)) {
    return { type: 'list', items: value.length === 0 ? unknownSchema : schemaOfLiteral(value[0] as Json) }
  }
  return unknownSchema
}

/** An argument that is a value: an expression, or a plain JSON value. */
export function valueArgument(given: unknown, what: string): ValueSubject {
  const subject = subjectOf(given)
  if (subject === undefined) return literalSubject(plainValue(given, what))
  consumed(subject)
  checkScope(subject)
  if (subject.is === 'value') return subject
  throw new DefinitionError(
    'not-a-value',
    `${what} is ${kindName(subject)}, not a value`,
    subject.is === 'undecided' || subject.is === 'condition'
      ? 'a condition goes into .filter(), .and() or .deny(); for a value that depends on one, use when(…).otherwise(…)'
      : undefined,
  )
}

/** A plain value that an author gave, checked to be JSON. */
export function plainValue(given: unknown, what: string): Json {
  if (Array.isArray(given)) {
    const items = given.map((item) => plainValue(item, what))
    return items
  }
  const cloned = cloneJson(given instanceof RegExp ? given.source : given)
  if ('problem' in cloned) {
    throw new DefinitionError('not-json', `${what} is not a JSON value: ${cloned.problem.message}`)
  }
  return cloned.value
}

export function kindName(subject: Subject): string {
  switch (subject.is) {
    case 'value':
      return 'a value'
    case 'condition':
      return 'a condition'
    case 'undecided':
      return 'an undecided test'
    case 'ratio':
      return 'a ratio, which can only be compared'
    case 'rule':
      return 'a rule'
    case 'fix':
      return 'a fix'
  }
}

/** The node of a list argument: a list expression, or a plain array that may hold expressions. */
export function listArgument(given: unknown, what: string): ValueSubject {
  if (Array.isArray(given) && given.some((item) => subjectOf(item) !== undefined)) {
    const items = given.map((item) => valueArgument(item, what))
    const schema: Schema = { type: 'list', items: items[0]?.schema ?? unknownSchema }
    return valueSubject({ kind: 'list', items: items.map((item) => item.node) }, schema, 'present')
  }
  const subject = valueArgument(given, what)
  if (subject.schema.type !== 'list' && subject.schema.type !== 'unknown') {
    throw new DefinitionError('not-a-list', `${what} \`${describe(subject.node)}\` is not a list`)
  }
  return subject
}

/** The node of a condition that an author gave; an undecided test is decided here where its operands are surely there. */
export function conditionArgument(given: unknown, what: string): Node {
  const subject = subjectOf(given)
  if (subject === undefined) {
    if (typeof given === 'boolean') {
      throw new DefinitionError(
        'plain-boolean',
        `${what} is the plain boolean \`${given}\`, which no input can change`,
        'compare expressions with .is() and .isNot(), and negate conditions with .not(); `===` and `!` do not see the input',
      )
    }
    if (given === undefined) {
      throw new DefinitionError(
        'no-condition',
        `${what} gave nothing`,
        'return the condition: `(c) => c.x.is(…)`',
      )
    }
    throw new DefinitionError('not-a-condition', `${what} is no condition`)
  }
  consumed(subject)
  checkScope(subject)
  return conditionNode(subject, what)
}

/** A subject as a condition. */
export function conditionNode(subject: Subject, what: string): Node {
  switch (subject.is) {
    case 'condition':
      return subject.node
    case 'undecided':
      if (subject.mustDecide) {
        throw new DefinitionError(
          'undecided',
          `${what} is undecided when \`${describe(subject.call)}\` meets a missing value`,
          'add .ifMissing(true) or .ifMissing(false), or .default(…) before the test',
        )
      }
      return subject.whenMissing === undefined
        ? decided(subject, false, true)
        : decided(subject, subject.whenMissing, false)
    case 'value':
      if (subject.schema.type !== 'boolean' && subject.schema.type !== 'unknown') break
      if (subject.presence === 'maybe') {
        throw new DefinitionError(
          'undecided',
          `${what} is undecided when \`${describe(subject.node)}\` is missing`,
          'say .is(true), or .default(false) or .ifMissing(…)',
        )
      }
      return { kind: 'call', operator: 'is', arguments: [subject.node, literalNode(true)] }
  }
  throw new DefinitionError(
    'not-a-condition',
    `${what} is ${kindName(subject)}, not a condition`,
    subject.is === 'value' ? 'ask something of it: .exists(), .is(…)' : undefined,
  )
}

/** A predicate with its answer for a missing operand. The complement of one that is missing is missing too. */
export function decided(subject: UndecidedSubject, missing: boolean, assumed: boolean): Node {
  const { call, negated } = subject
  const node: Node = { kind: 'decide', of: call, missing: assumed ? false : missing !== negated, assumed }
  return negated ? { kind: 'not', of: node } : node
}

/** A new condition, which has to reach the result. */
export function condition(node: Node): ConditionSubject {
  return made({ is: 'condition', node }, () => describe(node))
}

/**
 * A test of equality with an expression. Missing equals nothing, so that what may be missing can be compared with what is surely
 * there; where the other may be missing too, the author decides.
 */
export function equalityTest(
  operator: OperatorName,
  [subject, other]: readonly [ValueSubject, ValueSubject],
  negated: boolean,
): UndecidedSubject {
  const call = callNode(operator, [subject, other])
  const mustDecide = other.presence === 'maybe'
  const whenMissing = subject.presence === 'maybe' ? { whenMissing: negated } : {}
  return made({ is: 'undecided', call, negated, mustDecide, ...whenMissing }, () => describe(call))
}

/** A call of a predicate, to be decided when its operands can be missing. */
export function predicate(
  operator: OperatorName,
  operands: readonly ValueSubject[],
  negated = false,
): UndecidedSubject {
  const call = callNode(operator, operands)
  const mustDecide = operands.some((operand) => operand.presence === 'maybe')
  return made({ is: 'undecided', call, negated, mustDecide }, () => describe(call))
}

/** A call node from operands; its own type comes from the operator's row. */
export function callNode(operator: OperatorName, operands: readonly ValueSubject[]): CallNode {
  return { kind: 'call', operator, arguments: operands.map((operand) => operand.node) }
}

/** A call of an operator that gives a value: missing when an operand can be. */
export function valueCall(
  operator: OperatorName,
  operands: readonly ValueSubject[],
  schema: Schema,
): ValueSubject {
  const total = operatorOf(operator).answers === 'total'
  return valueSubject(callNode(operator, operands), schema, total ? 'present' : presenceOfAll(operands))
}

/** Whether something computed from these can be missing. */
export function presenceOfAll(operands: readonly { readonly presence: Presence }[]): Presence {
  if (operands.some(({ presence }) => presence === 'maybe')) return 'maybe'
  return operands.some(({ presence }) => presence === 'unknown') ? 'unknown' : 'present'
}

/** The schema of a list's elements. */
export function itemsOf(list: ValueSubject): Schema {
  return list.schema.type === 'list' ? list.schema.items : unknownSchema
}

/** Records a function over a list's elements. */
export function lambdaOver<T>(
  list: ValueSubject,
  use: unknown,
  operation: string,
  read: (result: unknown) => T,
): { readonly element: VariableNode; readonly index: VariableNode; readonly result: T } {
  if (typeof use !== 'function' || subjectOf(use) !== undefined) {
    throw new DefinitionError('not-a-function', `.${operation}() takes a function over the elements`)
  }
  return withVariable((id) => {
    const items = itemsOf(list)
    const name = list.elementName ?? elementName(items)
    const element: VariableNode = {
      kind: 'variable',
      id,
      name,
      index: false,
      type: readTypeOf(items),
      vouched: list.vouched,
    }
    const index: VariableNode = {
      ...element,
      name: `${name}Index`,
      index: true,
      id: id + 1,
      type: 'number',
      vouched: false,
    }
    const subject: ValueSubject = {
      is: 'value',
      node: element,
      schema: items,
      presence: list.schema.type === 'list' ? 'present' : 'unknown',
      vouched: list.vouched,
    }
    const position = valueSubject(index, numberSchema, 'present')
    const given: unknown = use(expressionOf(subject), expressionOf(position))
    if (given instanceof Promise) {
      throw new DefinitionError(
        'async-rule',
        `the function given to .${operation}() is async`,
        'rules are synchronous',
      )
    }
    return { element, index, result: read(given) }
  })
}

/** Records a condition over a list's elements. */
export function conditionOver(list: ValueSubject, use: unknown, operation: string): Lambda {
  const { element, index, result } = lambdaOver(list, use, operation, (given) =>
    conditionArgument(given, `the function given to .${operation}()`),
  )
  return { element, index, body: result }
}

function elementName(items: Schema): string {
  const name = items.type === 'object' ? items.name : undefined
  return name === undefined ? 'item' : name.charAt(0).toLowerCase() + name.slice(1)
}

/** Refuses an element outside of the function that it was given to. */
export function checkScope(subject: Subject): void {
  const roots: Node[] = subject.is === 'value' || subject.is === 'condition' ? [subject.node] : []
  for (const root of roots) {
    let node: Node | undefined = root
    while (node !== undefined) {
      if (node.kind === 'variable') {
        const id = node.index ? node.id - 1 : node.id
        if (!isOpen(id)) {
          throw new DefinitionError(
            'out-of-scope',
            `\`${node.name}\` is used outside the function that it was given to`,
          )
        }
        return
      }
      node = node.kind === 'field' || node.kind === 'get' || node.kind === 'narrow' ? node.of : undefined
    }
  }
}

/** A copy of an object schema in which a field is there for certain. */
export function withField(schema: ObjectSchema, key: string): ObjectSchema {
  const field = schema.fields[key]
  if (field === undefined) return schema
  return { ...schema, fields: { ...schema.fields, [key]: { schema: field.schema, narrowed: true } } }
}
