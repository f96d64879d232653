import type { OperatorName } from '../../ir/operators.js'
import { DefinitionError } from '../definition-error.js'
import type { Operation, Operations } from '../members.js'
import type { ValueSubject } from '../subject.js'
import { numberSchema, predicate, valueArgument, valueCall } from '../values.js'

const compare =
  (operator: OperatorName): Operation =>
  (subject, [other]) =>
    predicate(operator, [subject, numberArgument(other, `the operand of .${operator.split('.')[1]}()`)])

const arithmetic =
  (operator: OperatorName): Operation =>
  (subject, [other]) =>
    valueCall(operator, [subject, numberArgument(other, `the operand of .${operator}()`)], numberSchema)

/** What a number can be asked. */
export const numberOperations: Operations = {
  gt: compare('number.gt'),
  gte: compare('number.gte'),
  lt: compare('number.lt'),
  lte: compare('number.lte'),
  between: (subject, [min, max]) =>
    predicate('number.between', [
      subject,
      numberArgument(min, 'the lower bound of .between()'),
      numberArgument(max, 'the upper bound of .between()'),
    ]),
  plus: arithmetic('plus'),
  minus: arithmetic('minus'),
  times: arithmetic('times'),
}

/** An argument that is a number. */
export function numberArgument(given: unknown, what: string): ValueSubject {
  const operand = valueArgument(given, what)
  if (operand.schema.type === 'number' || operand.schema.type === 'unknown') return operand
  throw new DefinitionError('not-a-number', `${what} is no number`)
}
