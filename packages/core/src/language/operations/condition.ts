import type { DenyNode } from '../../ir/node.js'
import { DefinitionError } from '../definition-error.js'
import type { Operations } from '../members.js'
import { made } from '../recording.js'
import type { ConditionSubject, RatioSubject, UndecidedSubject, ValueSubject } from '../subject.js'
import { condition, conditionArgument, conditionNode, decided, predicate } from '../values.js'
import { violationNode } from '../violation.js'
import { numberArgument } from './number.js'

/** What a condition, or a boolean that is surely there, can be asked. */
export const conditionOperations: Operations<ConditionSubject | ValueSubject | UndecidedSubject> = {
  and: (subject, others) =>
    condition({
      kind: 'and',
      all: [
        conditionNode(subject, 'what .and() is called on'),
        ...others.map((other) => conditionArgument(other, 'the operand of .and()')),
      ],
    }),
  or: (subject, others) =>
    condition({
      kind: 'or',
      any: [
        conditionNode(subject, 'what .or() is called on'),
        ...others.map((other) => conditionArgument(other, 'the operand of .or()')),
      ],
    }),
  not: (subject) => condition({ kind: 'not', of: conditionNode(subject, 'what .not() is called on') }),
  ifMissing: (subject) => {
    throw new DefinitionError(
      'already-decided',
      'this condition holds or does not, whatever is missing, so .ifMissing() has nothing to decide',
      subject.is === 'condition' ? 'leave it out' : undefined,
    )
  },
  deny: (subject, [violation]) => {
    const rule: DenyNode = {
      kind: 'deny',
      if: conditionNode(subject, 'what .deny() is called on'),
      violation: violationNode(violation),
    }
    return made({ is: 'rule', rules: [rule] }, () => '….deny(…)')
  },
}

/** What a test of values that may be missing can be asked: to be decided, and what conditions can when it is. */
export const undecidedOperations: Operations<UndecidedSubject> = {
  ...(conditionOperations as Operations<UndecidedSubject>),
  ifMissing: (subject, [value]) => {
    if (typeof value !== 'boolean')
      throw new DefinitionError('not-a-boolean', '.ifMissing() takes true or false')
    return condition(decided(subject, value, false))
  },
}

const compare =
  (operator: 'ratio.gt' | 'ratio.gte' | 'ratio.lt' | 'ratio.lte') =>
  ({ dividend, divisor }: RatioSubject, [other]: readonly unknown[]): UndecidedSubject =>
    predicate(operator, [dividend, divisor, numberArgument(other, 'what a ratio is compared with')])

/** A ratio can only be compared. */
export const ratioOperations: Operations<RatioSubject> = {
  gt: compare('ratio.gt'),
  gte: compare('ratio.gte'),
  lt: compare('ratio.lt'),
  lte: compare('ratio.lte'),
}
