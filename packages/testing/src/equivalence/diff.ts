import {
  canonicalText,
  distinctPolicies,
  type Json,
  type Policy,
  type Profile,
  type Verdict,
} from '@gatewright/core'
import type { Candidate } from '../search/candidates.js'
import { askGenerated } from '../search/generated.js'
import { type Parts, questionOf, storedOf, type Stored } from '../search/parts.js'
import { smallestParts } from '../search/smallest.js'
import { type Deciding, decidedBy } from './deciding.js'
import type { GivenQuestion } from '../cases.js'
import { questionsFrom } from './given-questions.js'
import { isSamePolicy } from './same-policy.js'
import { type StaticChange, staticChanges } from './static-changes.js'
import { type ChangeClass, changeClasses, changeOf } from './verdict-changes.js'
import { Version } from './version.js'

export interface DiffOptions {
  /** How many questions are made up for each policy; 5,000 by default. Others are the same for another `seed`. */
  readonly runs?: number
  /** What the questions are made from; 1 by default. The same gives the same. */
  readonly seed?: number
  /** Questions to try as they are, and to make others from. */
  readonly objects?: readonly GivenQuestion[]
}

/** What one version says, and what decided it. */
export interface Said {
  readonly verdict: Verdict
  readonly decidedBy: Deciding
}

/** An object of which two versions say different things. */
export interface VerdictChange {
  readonly change: ChangeClass
  readonly old: Said
  readonly new: Said
  /** The smallest that was found: an object, or an AdmissionReview where there is more to it. */
  readonly object: Json
  /** Parameters that have to be given for it; each version is given those that it knows. */
  readonly parameters: Readonly<Record<string, Json>>
  /** The other objects, where they are of the search's own making. */
  readonly inventory?: Stored
  /** Of how many questions the verdicts change like this. */
  readonly questions: number
}

/** What was found of two versions of a policy. */
export interface PolicyDiff {
  readonly old: string
  readonly new: string
  /** They are the same but for names and words, so that nothing was asked. */
  readonly same: boolean
  readonly statics: readonly StaticChange[]
  /** What was found, the dangerous first: newly allowed, newly denied, and the rest. */
  readonly changes: readonly VerdictChange[]
  /** How many questions both versions answered. */
  readonly questions: number
  /** How many had parameters that one version or both refuse, so that there is nothing to compare. */
  readonly refused: number
  /** What the old version said, by verdict. */
  readonly verdicts: Readonly<Partial<Record<Verdict['verdict'], number>>>
}

export interface Diff {
  readonly policies: readonly PolicyDiff[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

type Named = Policy | Profile

/**
 * Looks for objects of which two versions of policies say different things. Policies are matched by their ids; one on each side is
 * matched whatever it is called. What is not found may be there all the same, unless a policy is `same`.
 */
export function diffPolicies(
  old: Named | readonly Named[],
  changed: Named | readonly Named[],
  options: DiffOptions = {},
): Diff {
  const before = distinctPolicies([old].flat())
  const after = distinctPolicies([changed].flat())
  const [onlyOld] = before
  const [onlyNew] = after
  if (before.length === 1 && after.length === 1 && onlyOld !== undefined && onlyNew !== undefined)
    return { policies: [diffPolicy(onlyOld, onlyNew, options)], added: [], removed: [] }
  const byId = new Map(after.map((each) => [each.id, each] as const))
  const ids = new Set(before.map(({ id }) => id))
  return {
    policies: before.flatMap((each) => {
      const other = byId.get(each.id)
      return other === undefined ? [] : [diffPolicy(each, other, options)]
    }),
    added: after.flatMap(({ id }) => (ids.has(id) ? [] : [id])),
    removed: before.flatMap(({ id }) => (byId.has(id) ? [] : [id])),
  }
}

/** Whether a difference is found in the budget, without looking further or making a witness small. */
export function isTold(old: Policy, changed: Policy, { runs = 5000, seed = 1 }: DiffOptions = {}): boolean {
  const versions = new Versions(old, changed)
  let isFound = false
  askGenerated([old, changed], [], { runs, seed }, (candidate) => {
    const compared = versions.compared(candidate.parts, candidate)
    isFound = compared?.change !== undefined
    if (isFound) return undefined
    return compared === undefined
      ? 'refused'
      : `${keyOf(compared)} ${shapeOf(compared.old)} ${shapeOf(compared.new)}`
  })
  return isFound
}

function diffPolicy(old: Policy, changed: Policy, options: DiffOptions): PolicyDiff {
  const { runs = 5000, seed = 1, objects = [] } = options
  const told = { old: old.id, new: changed.id, statics: staticChanges(old, changed) }
  if (isSamePolicy(old, changed))
    return { ...told, same: true, changes: [], questions: 0, refused: 0, verdicts: {} }
  const versions = new Versions(old, changed)
  const found = new Map<string, { start: Candidate; size: number; count: number }>()
  const verdicts: Partial<Record<Verdict['verdict'], number>> = {}
  let questions = 0
  let refused = 0
  askGenerated([old, changed], questionsFrom(objects), { runs, seed }, (candidate) => {
    const compared = versions.compared(candidate.parts, candidate)
    if (compared === undefined) {
      refused++
      return 'refused'
    }
    questions++
    verdicts[compared.old.verdict] = (verdicts[compared.old.verdict] ?? 0) + 1
    const key = keyOf(compared)
    if (compared.change !== undefined) {
      const size = canonicalText(candidate.parts).length
      const known = found.get(key) ?? { start: candidate, size, count: 0 }
      found.set(key, known)
      known.count++
      if (size < known.size) Object.assign(known, { start: candidate, size })
    }
    return `${key} ${shapeOf(compared.old)} ${shapeOf(compared.new)}`
  })
  const changes = [...found].map(([key, { start, count }]) => versions.smallest(key, start, count))
  const rank = ({ change, old: { verdict } }: VerdictChange): number =>
    changeClasses.indexOf(change) * 2 + (verdict.verdict === 'denied' ? 0 : 1)
  return {
    ...told,
    same: false,
    changes: changes.toSorted((a, b) => rank(a) - rank(b)),
    questions,
    refused,
    verdicts,
  }
}

interface Compared {
  readonly old: Verdict
  readonly new: Verdict
  readonly change: ChangeClass | undefined
}

/** What is one finding: each pair of verdicts is another. */
const keyOf = ({ old, new: changed, change }: Compared): string =>
  `${change} ${old.verdict} ${changed.verdict}`

/** What is new in a verdict, for a search: the codes, and where, whichever element that is. */
const shapeOf = ({ violations }: Verdict): string =>
  violations
    .map(({ code, at }) => `${code} ${at.filter((step) => typeof step === 'string').join('.')}`)
    .join(';')

/** Two versions, and what they say of the same. */
class Versions {
  readonly #old: Version
  readonly #new: Version

  constructor(old: Policy, changed: Policy) {
    this.#old = new Version(old)
    this.#new = new Version(changed)
  }

  /** What both say of parts; undefined where one does not take the parameters. */
  compared(parts: Parts, { given }: Candidate): Compared | undefined {
    const question = questionOf(parts, given)
    const old = this.#old.verdict(question)
    const changed = this.#new.verdict(question)
    if (old === undefined || changed === undefined) return undefined
    return { old, new: changed, change: changeOf(old, changed) }
  }

  /** What is left of a candidate when all is left out that the change does not hang on. */
  smallest(key: string, candidate: Candidate, questions: number): VerdictChange {
    const parts = smallestParts(candidate.parts, (of) => {
      const compared = this.compared(of, candidate)
      return compared !== undefined && keyOf(compared) === key
    })
    return this.#told(parts, candidate, questions)
  }

  #told(parts: Parts, candidate: Candidate, questions: number): VerdictChange {
    const compared = this.compared(parts, candidate)
    if (compared?.change === undefined) throw new TypeError('a witness tells nothing any more')
    const question = questionOf(parts, candidate.given)
    const code = foundByOne(compared)
    const said = (version: Version, verdict: Verdict): Said => ({
      verdict,
      decidedBy: decidedBy(version.policy, verdict, code, version.asked(question)),
    })
    const stored = storedOf(parts)
    return {
      change: compared.change,
      old: said(this.#old, compared.old),
      new: said(this.#new, compared.new),
      object: question.object,
      parameters: question.parameters as Readonly<Record<string, Json>>,
      ...(stored === undefined ? {} : { inventory: stored }),
      questions,
    }
  }
}

/** The code of a violation that only one version finds, or that both word differently. */
function foundByOne({ old, new: changed }: Compared): string | undefined {
  const texts = (verdict: Verdict): readonly (readonly [string, string])[] =>
    verdict.violations.map((each) => [
      each.code,
      canonicalText([each.code, each.at, each.message, each.details] as unknown as Json),
    ])
  const [before, after] = [texts(old), texts(changed)]
  const only = (of: typeof before, other: typeof before): string | undefined =>
    of.find(([, text]) => other.every(([, each]) => each !== text))?.[0]
  return only(before, after) ?? only(after, before)
}
