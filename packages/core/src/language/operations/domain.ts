import type { Domain, OperatorName } from '../../ir/operators.js'
import { parseDuration } from '../../values/duration.js'
import { parseQuantity } from '../../values/quantity.js'
import { parseVersion } from '../../values/semver.js'
import { parseTimestamp } from '../../values/timestamp.js'
import { DefinitionError } from '../definition-error.js'
import type { Operation, Operations } from '../members.js'
import { subjectOf } from '../proxy.js'
import type { ValueSubject } from '../subject.js'
import {
  callNode,
  condition,
  literalSubject,
  equalityTest,
  predicate,
  presenceOfAll,
  unknownSchema,
  valueArgument,
  valueSubject,
} from '../values.js'
import type { Node } from '../../ir/node.js'

const readable: Readonly<Record<Domain, (text: string) => unknown>> = {
  quantity: parseQuantity,
  duration: parseDuration,
  timestamp: parseTimestamp,
  semver: parseVersion,
}

/** A value of a domain, as its operators take it: parsed. A text that cannot be read is missing, so it may always be. */
export function parsed(subject: ValueSubject): ValueSubject {
  const { domain } = subject
  if (domain === undefined || domain.parsed) return subject
  const literal = subject.node.kind === 'literal'
  return {
    ...valueSubject(
      callNode(domain.name, [subject]),
      unknownSchema,
      literal ? 'present' : domainPresence(subject),
    ),
    domain: { name: domain.name, parsed: true },
  }
}

/** A field whose schema gives the unit is there where the schema says so; a text that an author claims to be one may not be readable. */
const domainPresence = (subject: ValueSubject): ValueSubject['presence'] => subject.presence

/** A text or number as a value of a domain. */
export function inDomain(name: Domain, given: unknown, what: string): ValueSubject {
  if (typeof given === 'string') {
    checkReadable(name, given, what)
    return { ...literalSubject(given), domain: { name, parsed: false } }
  }
  const subject = valueArgument(given, what)
  if (subject.domain?.name === name) return subject
  const { schema } = subject
  const fits =
    schema.type === 'string' ||
    schema.type === 'unknown' ||
    (name === 'quantity' && (schema.type === 'scalar' || schema.type === 'number'))
  if (!fits) throw new DefinitionError('not-a-text', `${what} is no text that could be a ${name}`)
  return { ...subject, presence: 'maybe', domain: { name, parsed: false } }
}

function checkReadable(name: Domain, text: string, what: string): void {
  if (readable[name](text) !== undefined) return
  throw new DefinitionError('unreadable-literal', `${what}: \`${text}\` is no ${name}`)
}

/** The other side of a comparison: a literal of the same syntax, or an expression of the same domain. */
function operand(subject: ValueSubject, given: unknown, operation: string): ValueSubject {
  const name = subject.domain?.name as Domain
  const other = subjectOf(given)
  if (other?.is === 'value' && other.domain?.name !== name) {
    throw new DefinitionError(
      'wrong-unit',
      `.${operation}() compares a ${name} with ${other.domain === undefined ? 'a value that is none' : `a ${other.domain.name}`}`,
      `wrap it: ${name}(…)`,
    )
  }
  if (typeof given === 'number')
    return parsed(inDomain(name, String(given), `the operand of .${operation}()`))
  return parsed(inDomain(name, given, `the operand of .${operation}()`))
}

const compare =
  (comparison: 'gt' | 'gte' | 'lt' | 'lte'): Operation =>
  (subject, [other]) =>
    predicate(`${subject.domain?.name as Domain}.${comparison}`, [
      parsed(subject),
      operand(subject, other, comparison),
    ])

const equals =
  (negated: boolean): Operation =>
  (subject, [other]) => {
    const operator: OperatorName = `${subject.domain?.name as Domain}.equals`
    const operands = [parsed(subject), operand(subject, other, negated ? 'isNot' : 'is')] as const
    if (subjectOf(other) !== undefined) return equalityTest(operator, operands, negated)
    const decided: Node = { kind: 'decide', of: callNode(operator, operands), missing: false, assumed: false }
    return condition(negated ? { kind: 'not', of: decided } : decided)
  }

const computed =
  (
    operator: (name: Domain) => OperatorName,
    other: (name: Domain) => Domain,
    gives: (name: Domain) => Domain,
    operation: string,
  ): Operation =>
  (subject, [given]) => {
    const name = subject.domain?.name as Domain
    const right = parsed(inDomain(other(name), given, `the operand of .${operation}()`))
    const left = parsed(subject)
    return {
      ...valueSubject(callNode(operator(name), [left, right]), unknownSchema, presenceOfAll([left, right])),
      domain: { name: gives(name), parsed: true },
    }
  }

/** What quantities, durations, times and versions can be asked. Their texts are what messages show. */
export const domainOperations: Operations = {
  is: equals(false),
  isNot: equals(true),
  gt: compare('gt'),
  gte: compare('gte'),
  lt: compare('lt'),
  lte: compare('lte'),
  exists: (subject) => condition(callNode('exists', [parsed(subject)])),
  missing: (subject) => condition({ kind: 'not', of: callNode('exists', [parsed(subject)]) }),
  plus: (subject, given) => {
    const name = subject.domain?.name
    if (name === 'quantity')
      return computed(
        () => 'quantity.plus',
        () => 'quantity',
        () => 'quantity',
        'plus',
      )(subject, given)
    if (name === 'timestamp')
      return computed(
        () => 'timestamp.plus',
        () => 'duration',
        () => 'timestamp',
        'plus',
      )(subject, given)
    throw new DefinitionError('unknown-operation', `a ${String(name)} has no .plus()`)
  },
  minus: (subject, given) => {
    if (subject.domain?.name === 'timestamp')
      return computed(
        () => 'timestamp.minus',
        () => 'timestamp',
        () => 'duration',
        'minus',
      )(subject, given)
    throw new DefinitionError('unknown-operation', `a ${String(subject.domain?.name)} has no .minus()`)
  },
  default: (subject, [otherwise]) => {
    const left = parsed(subject)
    const right = operand(subject, otherwise, 'default')
    return {
      ...valueSubject(
        { kind: 'default', of: left.node, otherwise: right.node },
        unknownSchema,
        right.presence,
      ),
      domain: { name: subject.domain?.name as Domain, parsed: true },
    }
  },
}
