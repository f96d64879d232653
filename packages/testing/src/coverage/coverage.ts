import { nearest, type Policy, type SourceLocation } from '@gatewright/core'
import type { Suite } from '../cases.js'
import type { AtomicCondition } from './conditions.js'
import { type Observation, observations, Probe } from './probe.js'
import { questionsOf } from './questions-of-suite.js'

export interface CoverageOptions {
  /** Why something of a condition cannot be shown, by its id. One that explains nothing is an error. */
  readonly explained?: Readonly<Record<string, string>>
  /** Whether what is written somewhere is the author's own; what is not is tested elsewhere, and explained by that. All is by default. */
  readonly isOwn?: (source: SourceLocation) => boolean
}

/** What a suite shows of an atomic condition. */
export interface JudgedCondition {
  readonly id: string
  readonly text: string
  readonly source: SourceLocation | undefined
  readonly status: 'covered' | 'explained' | 'missed'
  /** By what was shown: the first case that did. */
  readonly shown: Readonly<Partial<Record<Observation, string>>>
  readonly missing: readonly Observation[]
  /** Why what is missing cannot be shown. */
  readonly explanation?: string
}

/** What a suite shows of the conditions of a policy. */
export interface ConditionCoverage {
  readonly policy: string
  /** The part of the conditions that was covered, from 0 to 1, without those that are explained; 1 where there are none. */
  readonly score: number
  readonly covered: number
  readonly explained: number
  readonly missed: number
  readonly conditions: readonly JudgedCondition[]
}

/**
 * Measures which atomic conditions of a policy its tests show to be true, to be false, and to decide alone in both. Throws a
 * `TypeError` where the policy does not pass its own suite, where a suite asks nothing, and for an explanation that explains nothing.
 */
export function conditionCoverage(
  policy: Policy,
  suite: Suite,
  options: CoverageOptions = {},
): ConditionCoverage {
  return coverageOf(policy, observedBy(policy, suite), options)
}

/** The explanation of what `isOwn` says is not the author's. */
export const writtenElsewhere = 'it is written in a package, which is tested there'

/** What was observed of a policy, with what is explained. */
export function coverageOf(
  policy: Policy,
  observed: Observed,
  { explained = {}, isOwn = () => true }: CoverageOptions,
): ConditionCoverage {
  const judged = observed.conditions.map(({ id, text, source, constant }): JudgedCondition => {
    const shown = observed.shown.get(id) ?? {}
    const missing = observations.filter((each) => shown[each] === undefined)
    const elsewhere = source === undefined || isOwn(source) ? undefined : writtenElsewhere
    const explanation = Object.hasOwn(explained, id) ? explained[id] : (constant ?? elsewhere)
    const isExplained = missing.length > 0 && explanation !== undefined
    return {
      id,
      text,
      source,
      status: missing.length === 0 ? 'covered' : isExplained ? 'explained' : 'missed',
      shown,
      missing,
      ...(isExplained ? { explanation } : {}),
    }
  })
  refuseUnused(policy, explained, judged)
  const count = (status: JudgedCondition['status']): number =>
    judged.filter((each) => each.status === status).length
  const [covered, missed] = [count('covered'), count('missed')]
  return {
    policy: policy.id,
    score: covered + missed === 0 ? 1 : covered / (covered + missed),
    covered,
    explained: count('explained'),
    missed,
    conditions: judged,
  }
}

function refuseUnused(
  policy: Policy,
  explained: Readonly<Record<string, string>>,
  judged: readonly JudgedCondition[],
): void {
  for (const [id, reason] of Object.entries(explained)) {
    const of = judged.find((each) => each.id === id)
    if (of === undefined) {
      const near = nearest(
        id,
        judged.map((each) => each.id),
      )
      throw new TypeError(
        `the policy \`${policy.id}\` has no condition \`${id}\` to explain${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
      )
    }
    if (of.status === 'covered')
      throw new TypeError(
        `the condition \`${id}\` of policy \`${policy.id}\` is covered: take its explanation out`,
      )
    if (reason.trim() === '') throw new TypeError(`the explanation of the condition \`${id}\` is empty`)
  }
}

/** The conditions of a policy, with what a suite shows of each and the first case that does. */
export interface Observed {
  readonly conditions: readonly AtomicCondition[]
  readonly shown: ReadonlyMap<string, Readonly<Partial<Record<Observation, string>>>>
  readonly probe: Probe
}

export function observedBy(policy: Policy, suite: Suite): Observed {
  const probe = new Probe(policy)
  const { conditions } = probe
  const shown = new Map<string, Partial<Record<Observation, string>>>(conditions.map(({ id }) => [id, {}]))
  let open = conditions
  for (const { name, question } of questionsOf(policy, suite)) {
    // nothing is left that a case could add
    if (open.length === 0) break
    const seen = probe.seen(question)
    for (const condition of open) {
      const of = shown.get(condition.id) ?? {}
      for (const value of seen.get(condition.node) ?? []) {
        of[`${value}`] ??= name
        const decides = value ? 'decides-when-true' : 'decides-when-false'
        if (of[decides] === undefined && probe.shows(question, condition, decides)) of[decides] = name
      }
    }
    open = open.filter(({ id }) => observations.some((each) => shown.get(id)?.[each] === undefined))
  }
  return { conditions, shown, probe }
}
