import { canonicalText, cloneJson, pathText, type Policy, type Verdict } from '@gatewright/core'
import type { Expected, PolicyCase, Suite } from './cases.js'
import { type ExpectedViolation, expectedKeys, unmet } from './expected-violation.js'
import { only } from './judging.js'
import { quietly } from './recording/asked.js'
import { Asking, type Question, Questions } from './search/questions.js'
import { outcomeText } from './verdict-text.js'

/** A suite as it is put to mutants: the name of the first case that one fails, or undefined. */
export interface ReadySuite {
  readonly firstFailure: (policy: Policy) => string | undefined
  readonly questions: readonly Question[]
  /** Those of which a test does not assert all, so that a mutant that passes may still say something else of them. */
  readonly open: readonly Question[]
}

/** Prepares a suite, which the policy itself has to pass; throws a `TypeError` where it does not. */
export function readySuite(policy: Policy, suite: Suite): ReadySuite {
  const ready = typeof suite === 'function' ? ofAssertions(policy, suite) : ofCases(policy, suite)
  const failed = ready.firstFailure(policy)
  if (failed !== undefined)
    throw new TypeError(
      `the policy \`${policy.id}\` does not pass its own suite, so that nothing can be said of its mutants: ${failed}`,
    )
  return ready
}

function ofAssertions(policy: Policy, suite: (policy: Policy) => void): ReadySuite {
  return {
    questions: [],
    open: [],
    firstFailure: (of) => {
      let given: unknown
      try {
        given = of === policy ? suite(of) : quietly(() => suite(of))
      } catch (error) {
        return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error)
      }
      if (isThenable(given)) {
        Promise.resolve(given).catch(() => undefined)
        throw new TypeError('the suite is asynchronous: give one that has asserted all when it returns')
      }
      return undefined
    },
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

function ofCases(policy: Policy, cases: readonly PolicyCase[]): ReadySuite {
  const ready = new Questions(policy)
  const original = new Asking(policy, ready)
  const prepared = cases.map(({ name, object, parameters = {}, inventory, expected }, i) => {
    const named = name ?? `case ${i + 1}`
    if (expected !== undefined) refuseUnread(expected, named)
    const cloned = cloneJson(object)
    if ('problem' in cloned)
      throw new TypeError(`the object of ${named} is no JSON: ${cloned.problem.message}`)
    const question: Question = { object: cloned.value, parameters, inventory }
    const seen = outcomeText(original.verdict(question))
    const holds = (verdict: Verdict): boolean =>
      expected === undefined ? outcomeText(verdict) === seen : meets(verdict, expected)
    return { named, question, holds, isOpen: expected !== undefined }
  })
  return {
    questions: prepared.map(({ question }) => question),
    open: prepared.flatMap(({ question, isOpen }) => (isOpen ? [question] : [])),
    firstFailure: (of) => {
      const asking = new Asking(of, ready)
      return prepared.find(({ question, holds }) => !holds(asking.verdict(question)))?.named
    },
  }
}

/** Refuses what nobody would look at, so that every mutant would meet it. */
function refuseUnread(expected: Expected, named: string): void {
  const keys = ['verdict', 'codes', 'places', 'messages', 'violation'] as const
  only(expected, keys, `what is expected of ${named}`)
  if (expected.violation !== undefined)
    only(expected.violation, expectedKeys, `the violation that is expected of ${named}`)
}

function meets({ verdict, violations }: Verdict, expected: Expected): boolean {
  const places = expected.places?.map((each) => (typeof each === 'string' ? each : pathText(each)))
  return (
    verdict === expected.verdict &&
    isSame(
      violations.map(({ code }) => code),
      expected.codes,
    ) &&
    isSame(
      violations.map(({ at }) => pathText(at)),
      places,
    ) &&
    isSame(
      violations.map(({ message }) => message),
      expected.messages,
    ) &&
    (expected.violation === undefined || unmet(violations, wantedOf(expected.violation)) === undefined)
  )
}

const wantedOf = ({ message, at, code, count }: ExpectedViolation): Parameters<typeof unmet>[1] => ({
  message,
  at,
  code,
  count,
})

const isSame = (actual: readonly string[], expected: readonly string[] | undefined): boolean =>
  expected === undefined || canonicalText(actual.toSorted()) === canonicalText(expected.toSorted())
