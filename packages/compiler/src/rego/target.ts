import { defaultOperations, type KindPattern } from '@gatewright/core'
import { type Compilation, forked, type Scope } from './compilation.js'
import { holdsNot, holdsPlainly, negated } from './condition.js'
import { call, compare, holds, type Line, list, literal, not, type Term } from './syntax.js'

/** What stands before every rule of a policy: that it is about the object, and where it has a `when`, how that came out. */
export interface Applicability {
  /** The policy is about the object. */
  readonly takes: readonly Line[]
  /** The `when` holds too. */
  readonly applies: readonly Line[]
  /** The `when` holds or failed. */
  readonly mayApply: readonly Line[]
  /** The `when` does not hold. */
  readonly isLeftOut: readonly Line[] | undefined
}

export function applicability(scope: Scope, to: Compilation): Applicability {
  const takes = targetLines(to)
  const { when } = to.policy
  if (when === undefined) {
    const applies = named('applies', takes, to)
    return { takes: applies, applies, mayApply: applies, isLeftOut: undefined }
  }
  const about = named('is_about', takes, to)
  const applies = named('applies', [...about, ...holdsPlainly(when, forked(scope), to)], to)
  const fails = [...about, to.condition('is_left_out', when, [holdsNot(when, forked(scope), to)])]
  const mayApply = to.mayFail
    ? [...about, ...negated('is_left_out', when, to, [holdsNot(when, forked(scope), to)])]
    : applies
  return { takes: about, applies, mayApply, isLeftOut: fails }
}

/** Lines under a name; where there are none, none. */
function named(name: string, lines: readonly Line[], to: Compilation): readonly Line[] {
  return lines.length === 0 ? [] : [to.condition(name, undefined, [lines])]
}

function targetLines(to: Compilation): readonly Line[] {
  const { kinds, operations = defaultOperations } = to.policy.target
  if (kinds === undefined) return []
  return [...kindLines(kinds, to), isOneOf(to.library('operation'), operations)]
}

function kindLines(kinds: readonly KindPattern[], to: Compilation): readonly Line[] {
  const name = to.library('group_and_kind')
  if (kinds.some(({ group, kind, versions }) => group === '*' && kind === '*' && versions === undefined))
    return [holds(name)]
  const isPlain = (each: KindPattern): boolean =>
    each.group !== '*' && each.kind !== '*' && each.versions === undefined
  const plain = kinds.filter(isPlain).map(({ group, kind }) => (group === '' ? kind : `${group}/${kind}`))
  const others = kinds.filter((each) => !isPlain(each)).map((each) => patternLines(each, to))
  if (others.length === 0) return [isOneOf(name, plain)]
  return [
    to.condition('is_of_kind', undefined, [
      ...(plain.length === 0 ? [] : [[isOneOf(name, plain)]]),
      ...others,
    ]),
  ]
}

function patternLines({ group, kind, versions }: KindPattern, to: Compilation): readonly Line[] {
  const name = to.library('group_and_kind')
  const isKind: Line =
    group === '*'
      ? holds(call('endswith', call('concat', literal(''), list([literal('/'), name])), literal(`/${kind}`)))
      : kind === '*'
        ? compare(to.library('group'), '==', literal(group))
        : compare(name, '==', literal(group === '' ? kind : `${group}/${kind}`))
  return [
    ...(group === '*' && kind === '*' ? [] : [isKind]),
    ...(versions === undefined ? [] : [isOneOf(to.library('version'), versions)]),
  ]
}

function isOneOf(term: Term, values: readonly string[]): Line {
  const [only] = values
  return values.length === 1
    ? compare(term, '==', literal(only as string))
    : compare(term, 'in', { kind: 'set', items: values.map(literal) })
}

/** Why a policy is not about an object, as rules of the set `skip`. */
export function addSkips({ takes, isLeftOut }: Applicability, to: Compilation): void {
  const { kinds, operations = defaultOperations } = to.policy.target
  const skip = (code: string, message: Term, body: readonly Line[]): void =>
    to.add({
      name: 'skip',
      contains: {
        kind: 'record',
        fields: [
          ['code', literal(code)],
          ['message', message],
        ],
      },
      body,
    })
  if (kinds !== undefined) {
    const takesOperation = isOneOf(to.library('operation'), operations)
    const about = `the policy is about ${operations.join(', ')}, not \`%s\``
    skip('operation', call('sprintf', literal(about), list([to.library('operation')])), [not(takesOperation)])
    skip('kind', literal('the policy is not about objects of this kind'), [takesOperation, ...takes.map(not)])
  }
  if (isLeftOut !== undefined)
    skip('when', literal("the policy's `when` does not hold"), [
      ...isLeftOut,
      compare(call('count', { kind: 'rule', name: 'misfit' }), '==', literal(0)),
    ])
}
