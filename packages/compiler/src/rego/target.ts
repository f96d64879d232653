import { defaultOperations, type KindPattern } from '@gatewright/core'
import { conjunction } from './body.js'
import type { Compilation } from './compilation.js'
import { holdsNot, holdsPlainly, negated } from './condition.js'
import { judgedKind, kindPaths, ofKind, pathTerm } from './input.js'
import { forked, type Scope } from './scope.js'
import { call, compare, holds, type Line, list, literal, not, rule, syntaxKey, type Term } from './syntax.js'

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
    const applies = takenBy('applies', takes, to)
    return { takes: applies, applies, mayApply: applies, isLeftOut: undefined }
  }
  const about = takenBy('is_about', takes, to)
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

/**
 * That the policy is about the object, under a name. What Gatekeeper is asked by the API server says its operation, which it takes
 * less to compare than to work out; only where it is none of the policy's is it worked out, since what is audited has none.
 */
function takenBy(name: string, lines: readonly Line[], to: Compilation): readonly Line[] {
  const { kinds, operations = defaultOperations } = to.policy.target
  if (to.entry === 'opa' || kinds === undefined) return named(name, lines, to)
  const derived = syntaxKey(isOneOf(to.library('operation'), operations))
  const stated = lines.map((line) =>
    syntaxKey(line) === derived ? isOneOf(to.request('operation'), operations) : line,
  )
  const line = to.condition(name, undefined, [stated, lines])
  // a constraint matches the kinds of its policy, and is about little else
  return [line.kind === 'holds' ? { ...line, isExpected: true } : line]
}

function targetLines(to: Compilation): readonly Line[] {
  const { kinds, operations = defaultOperations } = to.policy.target
  if (kinds === undefined) return []
  return [...kindLines(kinds, to), isOneOf(to.library('operation'), operations)]
}

function kindLines(kinds: readonly KindPattern[], to: Compilation): readonly Line[] {
  if (kinds.some(({ group, kind, versions }) => group === '*' && kind === '*' && versions === undefined))
    return [holds(judgedKind('kind', to))]
  const isPlain = (each: KindPattern): boolean =>
    each.group !== '*' && each.kind !== '*' && each.versions === undefined
  const plain = kinds.filter(isPlain)
  const others = kinds.filter((each) => !isPlain(each)).map((each) => patternLines(each, to))
  if (others.length === 0) return plainLines(plain, to)
  return [
    to.condition('is_of_kind', undefined, [
      ...(plain.length === 0 ? [] : [plainLines(plain, to)]),
      ...others,
    ]),
  ]
}

function plainLines(kinds: readonly KindPattern[], to: Compilation): readonly Line[] {
  const [only] = kinds
  if (kinds.length === 1 && only !== undefined)
    return [
      compare(judgedKind('kind', to), '==', literal(only.kind)),
      compare(judgedKind('group', to), '==', literal(only.group)),
    ]
  // where an input lies elsewhere in each of these kinds, the table of its paths says which they are
  for (const [name, binding] of Object.entries(to.policy.target.inputs)) {
    const paths = kindPaths(binding)
    const names = (of: readonly Pick<KindPattern, 'group' | 'kind'>[]): string =>
      of.map(({ group, kind }) => `${group}/${kind}`).join()
    if (paths !== undefined && names(paths) === names(kinds)) return [holds(pathTerm(binding, name, to))]
  }
  const table = to.name('kinds')
  const groups = [...new Set(kinds.map(({ group }) => group))]
  const fields = groups.map((group): [string, Term] => {
    const items = kinds.filter((each) => each.group === group).map(({ kind }) => literal(kind))
    return [group, { kind: 'set', items }]
  })
  to.add({ name: table, value: { kind: 'record', fields }, body: [] })
  return [holds(ofKind(rule(table), to))]
}

function patternLines({ group, kind, versions }: KindPattern, to: Compilation): readonly Line[] {
  return [
    ...(kind === '*' ? [] : [compare(judgedKind('kind', to), '==', literal(kind))]),
    ...(group === '*' ? [] : [compare(judgedKind('group', to), '==', literal(group))]),
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
    skip(
      'when',
      literal("the policy's `when` does not hold"),
      conjunction([
        ...isLeftOut,
        ...(to.rules('misfit').length === 0
          ? []
          : [compare(call('count', rule('misfit')), '==', literal(0))]),
      ]),
    )
}
