import { isObject, type Json, message, policy, type Policy, policiesOf } from '@gatewright/core'
import { evaluator, type Judgement } from '@gatewright/evaluator'
import { celOf, constraintKind, templateOf } from '@gatewright/gatekeeper'
import { deployments } from '@gatewright/kubernetes'
import * as pack from '@gatewright/pod-security'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { questions } from '../../packages/testing/src/arbitrary/questions.js'
import { celAlone } from '../cel-alone.js'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import { saysViolations } from '../cluster/said-violations.js'
import { constraintOf, tested, verified } from './gator.js'
import { parametrised } from './parametrised-policies.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 60)

type Fields = Readonly<Record<string, Json>>

const policies: readonly Policy[] = [
  ...policiesOf([pack.podSecurity]),
  ...policiesOf([pack.restricted({ version: 'latest' })]),
  ...Object.values(parametrised),
]

/** Policies that go over a list in a list in a list: Gatekeeper lets CEL cost too little for more than a few elements. */
const costly = ['pod-security/capabilities', 'pod-security/host-path-volumes']

it('the pack has CEL beside its Rego, but for what would cost too much', () => {
  for (const policy of policies) {
    const cel = celOf(policy)
    const reason = 'reason' in cel ? cel.reason : undefined
    if (costly.includes(policy.id))
      expect(reason).toMatch(/costs too much in CEL: Gatekeeper would judge no object/)
    else expect([policy.id, reason]).toEqual([policy.id, undefined])
  }
})

it.each(policies.map((policy, i) => [policy.id, policy, i] as const))(
  '%s: gator judges by CEL, and says what we say',
  (_, policy, i) => {
    let denied = 0
    const asked = fc
      .sample(questions(policy, { mode: 'valid' }), { numRuns: 3 * runs, seed: seed + i })
      .flatMap(({ object, parameters }, n) =>
        isObject(object) && object['kind'] !== 'AdmissionReview'
          ? [{ object: named(object, `object-${n}`), parameters: parameters as Fields }]
          : [],
      )
    const sets = [
      ...new Map(asked.map((each) => [JSON.stringify(each.parameters), each.parameters])).values(),
    ].slice(0, 3)
    for (const parameters of sets) {
      const results = tested([
        celAlone(policy) as unknown as Json,
        constraintOf(policy, parameters),
        ...asked.map(({ object }) => object),
      ])
      const judge = evaluator([policy], { parameters: { [policy.id]: parameters } })
      for (const { object } of asked) {
        const [judgement] = judge.evaluateJson(object).judgements
        const { violations, verdict } = (judgement as Judgement).verdict
        const { name } = (object as unknown as { readonly metadata: { readonly name: string } }).metadata
        const said = results.filter((each) => each.violatingObject.metadata.name === name)
        expect(['allowed', 'denied', 'not-applicable']).toContain(verdict)
        if (verdict === 'denied') {
          denied++
          expect(said.length, JSON.stringify(object)).toBe(1)
          expect(
            saysViolations(said[0]?.msg ?? '', violations),
            `${said[0]?.msg} ${JSON.stringify(violations)}`,
          ).toBe(true)
        } else
          expect(
            said.map(({ msg }) => msg),
            JSON.stringify(object),
          ).toEqual([])
      }
    }
    expect(denied).toBeGreaterThan(0)
  },
)

it("the cases of Gatekeeper's library", () => {
  let held = 0
  for (const { id, group, parameters, objects, expect: expected } of libraryCases) {
    const policy = libraryPolicies[group] as Policy
    const [object] = objects as readonly [Json]
    if (!isObject(object) || object['kind'] === 'AdmissionReview') continue
    const results = tested([
      celAlone(policy) as unknown as Json,
      constraintOf(policy, (parameters ?? {}) as Json),
      object,
    ])
    expect([id, results.length > 0]).toEqual([id, expected === 'fail'])
    held++
  }
  expect(held).toBeGreaterThan(40)
})

it('is about the operations and the kinds of its policy alone, whatever it is asked', () => {
  const labelled = policy({
    id: 'test/labelled',
    title: 'Labelled',
    severity: 'low',
    target: deployments,
    rule: ({ object }) =>
      object.metadata.labels
        .get('app')
        .missing()
        .deny({ message: message`no app` }),
  })
  const kept = policy({
    id: 'test/kept',
    title: 'Kept',
    severity: 'low',
    target: deployments.on('DELETE'),
    rule: ({ oldObject }) => oldObject.metadata.name.is('a').deny({ message: message`it is kept` }),
  })
  const object = (kind: string, apiVersion: string): Json => ({
    apiVersion,
    kind,
    metadata: { name: 'a', namespace: 'b' },
  })
  const deployment = object('Deployment', 'apps/v1')
  const review = (operation: string): Json => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'a',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      operation,
      name: 'a',
      namespace: 'b',
      userInfo: { username: 'someone' },
      ...(operation !== 'DELETE' && { object: deployment }),
      ...(operation !== 'CREATE' && { oldObject: deployment }),
    },
  })
  const asked = [
    ...['CREATE', 'UPDATE', 'DELETE'].map((each) => [each, review(each)] as const),
    ['a manifest', deployment] as const,
    ['another kind', object('Pod', 'v1')] as const,
    ['another group', object('Deployment', 'apps.example.com/v1')] as const,
  ]
  const expected: Readonly<Record<string, readonly string[]>> = {
    'test/labelled': ['CREATE', 'UPDATE', 'a manifest'],
    'test/kept': ['DELETE'],
  }
  const cases = [labelled, kept].flatMap((each) =>
    asked.map(([what, of]) => ({
      name: `${each.id} of ${what}`,
      policy: each,
      parameters: {},
      object: of,
      violations: expected[each.id]?.includes(what) === true ? ('yes' as const) : ('no' as const),
    })),
  )
  for (const templateFor of [celAlone, (of: Policy) => templateOf(of)])
    expect(
      [...verified(cases, 'v1', templateFor)].filter(([, complaint]) => complaint !== undefined),
    ).toEqual([])
})

function named(object: Fields, name: string): Json {
  const metadata = isObject(object['metadata'] ?? null) ? (object['metadata'] as Fields) : {}
  return { ...object, metadata: { ...metadata, name } }
}

it('refuses where parameters are missing that are needed', () => {
  const { registries } = parametrised
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] } }
  expect(constraintKind(registries)).toBe('ParametersRegistries')
  expect(() => tested([celAlone(registries) as unknown as Json, constraintOf(registries), object])).toThrow(
    /allowed.*[Rr]equired/s,
  )
})
