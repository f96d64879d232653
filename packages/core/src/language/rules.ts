import type { RuleNode } from '../ir/node.js'
import { DefinitionError } from './definition-error.js'
import { subjectOf } from './proxy.js'
import { consumed } from './recording.js'
import { kindName } from './values.js'

/** The rules that a function gave: one, or arrays of them. */
export function ruleNodes(given: unknown, what: string): readonly RuleNode[] {
  if (given instanceof Promise) {
    throw new DefinitionError('async-rule', `the function given to ${what} is async`, 'rules are synchronous')
  }
  if (Array.isArray(given)) return given.flatMap((each) => ruleNodes(each, what))
  const subject = subjectOf(given)
  if (subject?.is === 'rule') {
    consumed(subject)
    return subject.rules
  }
  if (given === undefined) {
    throw new DefinitionError('no-rule', `the function given to ${what} gives nothing`, 'return the rule')
  }
  throw new DefinitionError(
    'not-a-rule',
    `the function given to ${what} gives ${subject === undefined ? 'something that is no rule' : kindName(subject)}`,
    'end the chain with .deny(…)',
  )
}

/** Gives each deny without a code of its own the number of its place (law 8). */
export function numbered(rules: readonly RuleNode[]): readonly RuleNode[] {
  let place = 0
  const number = (rule: RuleNode): RuleNode => {
    switch (rule.kind) {
      case 'deny': {
        place++
        return rule.violation.code === ''
          ? { ...rule, violation: { ...rule.violation, code: String(place) } }
          : rule
      }
      case 'each':
      case 'onlyIf':
        return { ...rule, rules: rule.rules.map(number) }
    }
  }
  return rules.map(number)
}
