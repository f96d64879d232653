import type { Schema } from '../../schema.js'
import { DefinitionError, nearest } from '../definition-error.js'
import type { Operation, Operations } from '../members.js'
import type { ConditionSubject, UndecidedSubject, ValueSubject } from '../subject.js'
import {
  booleanSchema,
  callNode,
  condition,
  conditionNode,
  equalityTest,
  listArgument,
  numberSchema,
  plainValue,
  stringSchema,
  valueArgument,
  valueSubject,
} from '../values.js'
import { subjectOf } from '../proxy.js'
import { describe } from '../../ir/describe.js'

/** What texts, numbers, booleans and values of several of these types share. */
export const scalarOperations: Operations = {
  is: (subject, [other]) => equality(subject, other, false),
  isNot: (subject, [other]) => equality(subject, other, true),
  in: (subject, [list]) => condition(membership(subject, list, '.in()')),
  notIn: (subject, [list]) => condition({ kind: 'not', of: membership(subject, list, '.notIn()') }),
  default: (subject, [otherwise]) => defaulted(subject, otherwise),
  asString: (subject) => narrowed(subject, stringSchema),
  asNumber: (subject) => narrowed(subject, numberSchema),
  asBoolean: (subject) => narrowed(subject, booleanSchema),
  ifMissing: (subject, given) => decideBoolean(subject, given),
}

/** Equality: with a plain value decided, with an expression undecided when that may be missing. */
export function equality(
  subject: ValueSubject,
  other: unknown,
  negated: boolean,
): ConditionSubject | UndecidedSubject {
  const operation = negated ? '.isNot()' : '.is()'
  if (subjectOf(other) !== undefined) {
    const operand = valueArgument(other, `the operand of ${operation}`)
    return equalityTest('equals', [subject, operand], negated)
  }
  const literal = plainValue(other, `the operand of ${operation}`)
  if (literal === null) {
    throw new DefinitionError(
      'null-literal',
      `${operation} was given null`,
      'null is missing: ask .missing() or .exists()',
    )
  }
  checkLiteral(subject.schema, literal, operation)
  const call = callNode('is', [
    subject,
    valueSubject({ kind: 'literal', value: literal }, subject.schema, 'present'),
  ])
  return condition(negated ? { kind: 'not', of: call } : call)
}

/** Refuses a literal that no value of the schema can equal. */
export function checkLiteral(schema: Schema, literal: unknown, operation: string): void {
  const kind = typeof literal === 'bigint' ? 'number' : typeof literal
  const allowed =
    schema.type === 'scalar'
      ? schema.of
      : schema.type === 'string' || schema.type === 'number' || schema.type === 'boolean'
        ? [schema.type]
        : undefined
  if (allowed !== undefined && !allowed.some((type) => type === kind)) {
    throw new DefinitionError(
      'wrong-literal',
      `${operation} compares a ${allowed.join(' or ')} with \`${String(literal)}\`, a ${kind}: it would never hold`,
    )
  }
  if (schema.type !== 'string' || schema.values === undefined || typeof literal !== 'string') return
  if (schema.values.includes(literal)) return
  const near = nearest(literal, schema.values)
  throw new DefinitionError(
    'wrong-literal',
    `${operation} compares with \`${literal}\`, which is none of ${schema.values.join(', ')}`,
    near === undefined ? undefined : `did you mean \`${near}\`?`,
  )
}

function membership(subject: ValueSubject, list: unknown, operation: string): ReturnType<typeof callNode> {
  const operand = listArgument(list, `the operand of ${operation}`)
  if (operand.node.kind === 'literal' && Array.isArray(operand.node.value)) {
    for (const literal of operand.node.value) checkLiteral(subject.schema, literal, operation)
  }
  return callNode('in', [subject, operand])
}

/** The value, or another where it is missing; it cannot be missing when the other cannot. */
export function defaulted(subject: ValueSubject, otherwise: unknown): ValueSubject {
  const operand = valueArgument(otherwise, 'the operand of .default()')
  const same = operand.schema.type === subject.schema.type
  const schema: Schema = same
    ? withoutLiterals(subject.schema)
    : subject.schema.type === 'unknown'
      ? operand.schema
      : operand.schema.type === 'unknown'
        ? subject.schema
        : { type: 'unknown' }
  return valueSubject(
    { kind: 'default', of: subject.node, otherwise: operand.node },
    schema,
    operand.presence,
  )
}

/** The schema of a text that may be more than its enumeration. */
const withoutLiterals = (schema: Schema): Schema => (schema.type === 'string' ? stringSchema : schema)

/** The value as another type; missing where it is not of it. */
export function narrowed(subject: ValueSubject, schema: Schema): ValueSubject {
  const type =
    schema.type === 'string' ||
    schema.type === 'number' ||
    schema.type === 'boolean' ||
    schema.type === 'list'
      ? schema.type
      : 'object'
  return valueSubject({ kind: 'narrow', of: subject.node, type }, schema, 'maybe')
}

const decideBoolean: Operation = (subject, [value]) => {
  if (typeof value !== 'boolean')
    throw new DefinitionError('not-a-boolean', '.ifMissing() takes true or false')
  if (subject.schema.type !== 'boolean' && subject.schema.type !== 'unknown') {
    throw new DefinitionError('not-a-condition', `\`${describe(subject.node)}\` is not a condition`)
  }
  return condition(conditionNode({ ...defaulted(subject, value), schema: booleanSchema }, 'it'))
}
