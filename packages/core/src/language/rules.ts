import type { RuleNode } from '../ir/node.js'
import { DefinitionError } from './definition-error.js'
import { subjectOf } from './proxy.js'
import { consumed } from './recording.js'
import { copySource } from './source-location.js'
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
    if (rule.kind !== 'deny') return copySource(rule, { ...rule, rules: rule.rules.map(number) })
    place++
    const { violation } = rule
    return violation.code === ''
      ? copySource(rule, { ...rule, violation: { ...violation, code: String(place) } })
      : rule
  }
  return rules.map(number)
}
