import { spawnSync } from 'node:child_process'
import { isObject, type Json, type Policy, policiesOf, type Verdict } from '@gatewright/core'
import { evaluator, type Judgement } from '@gatewright/evaluator'
import { kyvernoPolicyOf } from '@gatewright/gatekeeper'
import * as pack from '@gatewright/pod-security'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { questions } from '../../packages/testing/src/arbitrary/questions.js'
import { binaries } from '../binaries.js'
import { saysViolations } from '../cluster/said-violations.js'
import { packCases, packPod } from '../cluster/pod-security-cases.js'
import { exactJson, withFiles } from './opa.js'
import { parametrised } from './parametrised-policies.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 30)
const { kyverno } = binaries('kyverno')

type Fields = Readonly<Record<string, Json>>

interface Result {
  readonly policy: string
  readonly result: 'pass' | 'fail' | 'error' | 'skip' | 'warn'
  readonly message: string
  readonly resources: readonly [{ readonly name: string; readonly namespace?: string }]
}

/** Judges objects by policies with `kyverno apply`; an object that no policy is about has no result. */
function applied(policies: readonly Json[], objects: readonly Json[]): readonly Result[] {
  const stream = (all: readonly Json[]): string => all.map((each) => exactJson(each)).join('\n---\n')
  const files = [
    { path: 'policies.yaml', text: stream(policies) },
    { path: 'objects.yaml', text: stream(objects) },
  ]
  return withFiles(files, (folder) => {
    const options = ['--policy-report', '--output-format', 'json', '--remove-color']
    const { stdout, stderr } = spawnSync(
      kyverno,
      ['apply', `${folder}/policies.yaml`, '--resource', `${folder}/objects.yaml`, ...options],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    )
    const start = stdout.indexOf('{')
    if (start < 0) throw new Error(`kyverno apply gives no report: ${stdout}${stderr}`)
    return (JSON.parse(stdout.slice(start)) as { readonly results?: readonly Result[] }).results ?? []
  })
}

const manifest = (policy: Policy, parameters: Fields): Json =>
  kyvernoPolicyOf(policy, { name: 'tried', parameters, holdsTo: 1 }).policy as unknown as Json

function named(object: Fields, name: string): Json {
  const metadata = isObject(object['metadata'] ?? null) ? (object['metadata'] as Fields) : {}
  return { ...object, metadata: { ...metadata, name, namespace: 'shop' } }
}

const policies: readonly Policy[] = [
  ...policiesOf([pack.podSecurity]),
  ...policiesOf([pack.restricted({ version: 'latest' })]),
  ...Object.values(parametrised),
]

let denied = 0
it.each(policies.map((policy, i) => [policy.id, policy, i] as const))(
  '%s: Kyverno says what we say',
  (_, policy, i) => {
    const asked = fc
      .sample(questions(policy, { mode: 'valid' }), { numRuns: 2 * runs, seed: seed + i })
      .flatMap(({ object, parameters }, n) =>
        isObject(object) && object['kind'] !== 'AdmissionReview'
          ? [{ object: named(object, `object-${n}`), parameters: parameters as Fields }]
          : [],
      )
    const sets = [
      ...new Map(asked.map((each) => [JSON.stringify(each.parameters), each.parameters])).values(),
    ]
    for (const parameters of sets.slice(0, 2)) {
      const results = applied(
        [manifest(policy, parameters)],
        asked.map(({ object }) => object),
      )
      const judge = evaluator([policy], { parameters: { [policy.id]: parameters } })
      for (const { object } of asked) {
        const [judgement] = judge.evaluateJson(object).judgements
        const { verdict, violations } = (judgement as Judgement).verdict
        const { name } = (object as unknown as { readonly metadata: { readonly name: string } }).metadata
        const [result] = results.filter(({ resources }) => resources[0].name === name)
        expect(
          isSame(verdict, violations, result),
          `${verdict} ${JSON.stringify([result, violations, object])}`,
        ).toBe(true)
        if (verdict === 'denied') denied++
      }
    }
  },
  60_000,
)

it('denies some of what it is asked', () => {
  expect(denied).toBeGreaterThan(policies.length)
})

function isSame(
  verdict: Verdict['verdict'],
  violations: Verdict['violations'],
  result: Result | undefined,
): boolean {
  if (verdict === 'denied') return result?.result === 'fail' && saysViolations(result.message, violations)
  if (verdict === 'not-applicable') return result === undefined || result.result === 'pass'
  return verdict === 'allowed' && result?.result === 'pass'
}

it('is asked about what the match says, in no namespace that is left out', () => {
  const [of] = packCases.filter(({ policy }) => policy.id === 'pod-security/privileged-containers')
  if (of === undefined) throw new Error('it is gone')
  const { policy: made } = kyvernoPolicyOf(of.policy, {
    match: { excludedNamespaces: ['*-system', 'lab'], labelSelector: { matchLabels: { team: 'shop' } } },
  })
  const pod = (name: string, namespace: string, labels: Fields): Json => ({
    ...(packPod(name, 'x', of.bad as never) as Fields),
    metadata: { name, namespace, labels },
  })
  const judged = applied(
    [made as unknown as Json],
    [
      pod('judged', 'shop', { team: 'shop' }),
      pod('of-others', 'shop', { team: 'lab' }),
      pod('in-lab', 'lab', { team: 'shop' }),
      pod('in-system', 'own-system', { team: 'shop' }),
      pod('in-kube', 'kube-system', { team: 'shop' }),
    ],
  )
  const asked = judged.filter(({ result }) => result !== 'skip')
  expect(asked.map(({ resources, result }) => [resources[0].name, result])).toEqual([['judged', 'fail']])
})
