import { type Path, pathText, type Policy, type Verdict } from '@gatewright/core'
import { evaluator, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import { expect } from 'vitest'
import { type RandomParts, type Read, type RandomReview, randomReview } from './random-reviews.js'
import { type Fields, RandomValues } from './random-values.js'
import { fitsWildcard } from './wildcard.js'
import { containerLists, type WrittenContainer, type WrittenPod } from './written-pod.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 10_000)
const parameterSets = 100
const imagePatterns = ['nginx', 'nginx:*', 'registry.example.com/*', '*/db:?', '*', 'ginx', ''] as const

const imageRead: Read = ['text', 'image']

/** Where a rule is broken: the code, and the path in the container or in the pod. */
export type Broken = readonly [code: string, ...at: Path]

/** What a rule asks, said again in plain code. */
export interface Oracle<P extends Fields> extends RandomParts {
  /** The codes of the rule's violations; each has to be seen. */
  readonly codes: readonly string[]
  readonly parameters?: (random: RandomValues) => P
  /** Whether images can be exempt; then the containers whose image an update of a Pod changes are judged too. */
  readonly hasExemptImages?: boolean
  readonly brokenByContainer?: (
    container: WrittenContainer,
    pod: WrittenPod,
    parameters: P,
  ) => readonly Broken[]
  readonly brokenByPod?: (pod: WrittenPod, parameters: P) => readonly Broken[]
}

/** Holds a policy against an oracle on random workloads, in either engine by turns. */
export function expectAgreement<P extends Fields>(policy: Policy, oracle: Oracle<P>): void {
  const random = new RandomValues(seed)
  const { containerReads = [], hasExemptImages = false } = oracle
  const parts = hasExemptImages ? { ...oracle, containerReads: [...containerReads, imageRead] } : oracle
  const verdicts: Record<string, number> = {}
  const codes = new Set<string>()
  for (let set = 0; set < parameterSets; set++) {
    const exemptImages = random.chance(0.5) ? [] : random.list(2, () => random.one(imagePatterns))
    const parameters = oracle.parameters?.(random) ?? ({} as P)
    const given = hasExemptImages ? { ...parameters, exemptImages } : parameters
    const judges = [javascriptEngine, referenceEngine].map((engine) =>
      evaluator([policy], { engine, parameters: { [policy.id]: given } }),
    )
    for (let run = 0; run < runs / parameterSets; run++) {
      const review = randomReview(random, parts)
      const verdict = judges[run % 2]?.evaluateJson(review.input).judgements[0]?.verdict as Verdict
      verdicts[verdict.verdict] = (verdicts[verdict.verdict] ?? 0) + 1
      const broken = brokenIn(review, oracle, parameters, exemptImages)
      for (const [code] of broken) codes.add(code)
      const expected = expectedOf(review, broken)
      const actual = review.spoiltAt === undefined ? found(verdict) : misfits(verdict)
      if (actual.join('\n') !== expected.join('\n'))
        throw new Error(
          `expected ${expected.join('; ')}\ngot ${actual.join('; ')}\nparameters ${JSON.stringify(given)}\n${JSON.stringify(review.input)}`,
        )
    }
  }
  expect([...codes].toSorted()).toEqual(oracle.codes.toSorted())
  // a run that knows one verdict only shows little
  for (const verdict of ['allowed', 'denied', 'invalid', 'not-applicable'])
    expect(verdicts[verdict] ?? 0, verdict).toBeGreaterThan(runs / 100)
}

/** The verdict and the places of violations; of an object that is spoilt the place where it is. */
function expectedOf({ path, spoiltAt, isDeletion }: RandomReview, broken: readonly Broken[]): string[] {
  if (spoiltAt !== undefined) return [pathText([...path, ...spoiltAt])]
  if (isDeletion) return ['not-applicable']
  const places = broken.map(([code, ...at]) => `${code} ${pathText([...path, ...at])}`)
  return [broken.length > 0 ? 'denied' : 'allowed', ...places.toSorted()]
}

const found = ({ verdict, violations }: Verdict): string[] => [
  verdict,
  ...violations.map(({ code, at }) => `${code} ${pathText(at)}`).toSorted(),
]

/** Where an object does not fit its schema; a denial may rest on the rest of it, but a pass counts for nothing. */
const misfits = ({ verdict, reasons }: Verdict): string[] =>
  verdict === 'allowed' ? ['allowed'] : reasons.map(({ at }) => pathText(at ?? []))

function brokenIn<P extends Fields>(
  { pod, oldPod, isDeletion, spoiltAt }: RandomReview,
  { brokenByContainer, brokenByPod, hasExemptImages = false }: Oracle<P>,
  parameters: P,
  exemptImages: readonly string[],
): Broken[] {
  if (isDeletion || spoiltAt !== undefined) return []
  const byPod = oldPod === undefined ? (brokenByPod?.(pod, parameters) ?? []) : []
  const byContainer = containersOf(pod).flatMap(({ container, at }) => {
    const { name, image } = container
    const isExempt =
      hasExemptImages &&
      typeof image === 'string' &&
      exemptImages.some((pattern) => fitsWildcard(image, pattern))
    const isChanged =
      oldPod === undefined ||
      (hasExemptImages &&
        typeof name === 'string' &&
        containersOf(oldPod).some((old) => old.container.name === name && old.container.image !== image))
    if (isExempt || !isChanged) return []
    const broken = brokenByContainer?.(container, pod, parameters) ?? []
    return broken.map(([code, ...path]): Broken => [code, ...at, ...path])
  })
  return [...byPod, ...byContainer]
}

const containersOf = (pod: WrittenPod): { container: WrittenContainer; at: Path }[] =>
  containerLists.flatMap((list) =>
    (pod.spec[list] ?? []).map((container, i) => ({ container: container ?? {}, at: ['spec', list, i] })),
  )
