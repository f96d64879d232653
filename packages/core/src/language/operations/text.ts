import { DefinitionError } from '../definition-error.js'
import type { OperatorName } from '../../ir/operators.js'
import { patternProblem } from '../../values/pattern.js'
import { wildcardProblem } from '../../values/wildcard.js'
import type { Operation, Operations } from '../members.js'
import type { ValueSubject } from '../subject.js'
import {
  callNode,
  condition,
  literalSubject,
  numberSchema,
  predicate,
  stringSchema,
  valueArgument,
  valueCall,
} from '../values.js'

const test =
  (operator: OperatorName): Operation =>
  (subject, [other]) =>
    predicate(operator, [subject, textArgument(other, `the operand of .${operator}()`)])

/** What a text can be asked. */
export const textOperations: Operations = {
  startsWith: test('startsWith'),
  endsWith: test('endsWith'),
  includes: test('includes'),
  like: (subject, [pattern]) => predicate('like', [subject, wildcardArgument(pattern)]),
  matches: (subject, [pattern]) => predicate('matches', [subject, patternArgument(pattern)]),
  isEmpty: (subject) =>
    condition({
      kind: 'or',
      any: [
        { kind: 'not', of: callNode('exists', [subject]) },
        callNode('is', [subject, literalSubject('')]),
      ],
    }),
  lower: (subject) => valueCall('lower', [subject], stringSchema),
  length: (subject) => valueCall('length', [subject], numberSchema),
  split: (subject, [separator]) =>
    valueCall('split', [subject, textArgument(separator, 'the separator of .split()')], {
      type: 'list',
      items: stringSchema,
    }),
  trimPrefix: (subject, [prefix]) =>
    valueCall('trimPrefix', [subject, textArgument(prefix, 'the operand of .trimPrefix()')], stringSchema),
  toNumber: (subject) => ({ ...valueCall('toNumber', [subject], numberSchema), presence: 'maybe' }),
}

/** An argument that is a text. */
export function textArgument(given: unknown, what: string): ValueSubject {
  const operand = valueArgument(given, what)
  if (operand.schema.type === 'string' || operand.schema.type === 'unknown') return operand
  throw new DefinitionError('not-a-text', `${what} is no text`)
}

/** A wildcard pattern; a constant one is checked here. */
export function wildcardArgument(given: unknown): ValueSubject {
  const operand = textArgument(given, 'the pattern of .like()')
  if (operand.node.kind === 'literal') {
    const problem = wildcardProblem(String(operand.node.value))
    if (problem !== undefined) throw new DefinitionError('invalid-pattern', problem)
  }
  return operand
}

/** An RE2 pattern; a constant one is checked here. A regular expression may have the flags i, m and s. */
function patternArgument(given: unknown): ValueSubject {
  const operand = textArgument(given instanceof RegExp ? sourceOf(given) : given, 'the pattern of .matches()')
  if (operand.node.kind === 'literal') {
    const problem = patternProblem(String(operand.node.value))
    if (problem !== undefined) throw new DefinitionError('invalid-pattern', problem)
  }
  return operand
}

function sourceOf({ source, flags }: RegExp): string {
  const kept = flags.replace(/[uv]/g, '')
  if (/[^ims]/.test(kept)) {
    throw new DefinitionError(
      'invalid-pattern',
      `the flags \`${flags}\` cannot be kept`,
      'only i, m and s have a meaning in RE2',
    )
  }
  return kept === '' ? source : `(?${kept})${source}`
}
