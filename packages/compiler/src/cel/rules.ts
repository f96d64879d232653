import type { RuleNode } from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { conditionOf } from './condition.js'
import { isUnrolled, listOf, unrolled } from './list.js'
import type { Scope } from './scope.js'
import { messageOf } from './value.js'

/** Whether a rule denies, as a condition: verdicts hang on it alone, and never on what a message says. */
export function deniesOf(rule: RuleNode, scope: Scope, to: Compilation): string {
  switch (rule.kind) {
    case 'deny':
      return conditionOf(rule.if, scope, to)
    case 'onlyIf': {
      const inner = anyOf(rule.rules.map((each) => deniesOf(each, scope, to)))
      const holds = conditionOf(rule.if, scope, to)
      if (holds === 'false' || inner === 'false') return 'false'
      return holds === 'true' ? inner : `(${holds}) && (${inner})`
    }
    case 'each': {
      const list = listOf(rule.list, scope, to)
      if (isUnrolled(list))
        return anyOf(
          unrolled(list.items, rule.element.id, rule.index.id, scope, (inside, item) => {
            const inner = anyOf(rule.rules.map((each) => deniesOf(each, inside, to)))
            return item.if === undefined || inner === 'false' ? inner : `(${item.if}) && (${inner})`
          }),
        )
      const { name, inside } = to.bind(rule.element, rule.list, scope)
      const inner = anyOf(rule.rules.map((each) => deniesOf(each, inside, to)))
      if (inner === 'true') return `size(${list.cel}) > 0`
      return inner === 'false' ? 'false' : `${list.cel}.exists(${name}, ${inner})`
    }
  }
}

export function anyOf(conditions: readonly string[]): string {
  if (conditions.includes('true')) return 'true'
  const left = conditions.filter((each) => each !== 'false')
  if (left.length === 0) return 'false'
  return left.length === 1 ? (left[0] ?? 'false') : left.map((each) => `(${each})`).join(' || ')
}

/** The messages of a rule as a list of texts, in the order of rules and lists. */
export function messagesOf(rule: RuleNode, scope: Scope, to: Compilation): string {
  switch (rule.kind) {
    case 'deny': {
      const holds = conditionOf(rule.if, scope, to)
      const message = messageOf(rule.violation.message, scope, to)
      return holds === 'true' ? `[${message}]` : holds === 'false' ? '[]' : `(${holds} ? [${message}] : [])`
    }
    case 'onlyIf': {
      const inner = concatenated(rule.rules.map((each) => messagesOf(each, scope, to)))
      const holds = conditionOf(rule.if, scope, to)
      if (holds === 'false' || inner === '[]') return '[]'
      return holds === 'true' ? inner : `(${holds} ? ${inner} : [])`
    }
    case 'each': {
      const list = listOf(rule.list, scope, to)
      if (isUnrolled(list))
        return concatenated(
          unrolled(list.items, rule.element.id, rule.index.id, scope, (inside, item) => {
            const inner = concatenated(rule.rules.map((each) => messagesOf(each, inside, to)))
            return item.if === undefined || inner === '[]' ? inner : `(${item.if} ? ${inner} : [])`
          }),
        )
      const { name, inside } = to.bind(rule.element, rule.list, scope)
      const [only, ...more] = rule.rules
      if (only?.kind === 'deny' && more.length === 0) {
        const holds = conditionOf(only.if, inside, to)
        const message = messageOf(only.violation.message, inside, to)
        if (holds === 'false') return '[]'
        return `${list.cel}.map(${name}, ${holds === 'true' ? '' : `${holds}, `}${message})`
      }
      // lists of lists: the messages of each element are joined as all are in the end
      const inner = concatenated(rule.rules.map((each) => messagesOf(each, inside, to)))
      if (inner === '[]') return '[]'
      const denies = anyOf(rule.rules.map((each) => deniesOf(each, inside, to)))
      return `${list.cel}.map(${name}, ${denies === 'true' ? '' : `${denies}, `}${inner}.join("; "))`
    }
  }
}

export function concatenated(lists: readonly string[]): string {
  const left = lists.filter((each) => each !== '[]')
  if (left.length === 0) return '[]'
  return left.length === 1 ? (left[0] ?? '[]') : `(${left.join(' + ')})`
}
