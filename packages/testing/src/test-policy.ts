import { kindOf, type Json, type Policy } from '@gatewright/core'
import { type Context, contextKeys, only } from './judging.js'
import { type DenyOptions, denies, hasVerdict, type Result } from './matchers.js'
import { expectedKeys } from './expected-violation.js'

/** An object with what the policy is told when it judges that one. */
export interface Case<P = Readonly<Record<string, unknown>>> extends Context<P> {
  readonly object: object
}

/** An object that is denied, and how. */
export interface DenyCase<P = Readonly<Record<string, unknown>>> extends DenyOptions<P> {
  readonly object: object
}

/** Objects by what is tested with them; each an object, or a case with an `object` and more. */
export type Cases<C extends object> = Readonly<Record<string, object | C>>

/** A table of tests. What the policy is told stands above the cases, or in one of them, where it goes before. */
export interface PolicyTests<P = Readonly<Record<string, unknown>>> extends Context<P> {
  readonly allows?: Cases<Case<P>>
  readonly denies?: Cases<DenyCase<P>>
  readonly invalid?: Cases<Case<P>>
  readonly undetermined?: Cases<Case<P>>
  readonly notApplicable?: Cases<Case<P>>
}

const sections = {
  allows: 'allowed',
  denies: 'denied',
  invalid: 'invalid',
  undetermined: 'undetermined',
  notApplicable: 'not-applicable',
} as const

type Section = keyof typeof sections

/** The tests of a table: a name and what is found when it runs. Throws a `TypeError` for a table without any, and for unknown keys. */
export function testsOf(
  policy: Policy,
  table: object,
): readonly { readonly name: string; readonly run: () => Result }[] {
  const known = Object.keys(sections) as Section[]
  const given = only(table, [...known, ...contextKeys], 'the table of testPolicy()') as PolicyTests
  const shared = Object.fromEntries(contextKeys.flatMap((key) => (key in given ? [[key, given[key]]] : [])))
  const tests = known.flatMap((section) =>
    Object.entries(given[section] ?? {}).map(([name, value]) => {
      const { object, options } = caseOf(section, name, value)
      const all = { ...shared, ...options }
      return {
        name: `${section === 'notApplicable' ? 'not applicable' : section}: ${name}`,
        run: () =>
          section === 'denies'
            ? denies(policy, object, all)
            : hasVerdict(policy, object, sections[section], all),
      }
    }),
  )
  if (tests.length === 0) throw new TypeError(`the table of policy \`${policy.id}\` has no case`)
  return tests
}

/** A manifest has a kind; a case has an `object` instead. */
function caseOf(section: Section, name: string, value: unknown): { object: object; options: object } {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(
      `case \`${name}\` of \`${section}\` is no object, but ${value === null ? 'null' : typeof value}`,
    )
  if (kindOf(value as Json) !== undefined || !('object' in value) || 'kind' in value)
    return { object: value, options: {} }
  const keys = section === 'denies' ? [...expectedKeys, ...contextKeys] : contextKeys
  const { object, ...options } = only(value, ['object', ...keys], `case \`${name}\``) as Case
  return { object, options }
}
