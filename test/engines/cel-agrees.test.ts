import { CelUnsupported, emitCel, emitParametrisedCel } from '@gatewright/compiler'
import { type Json, type Policy, policiesOf, readParameters, type Verdict } from '@gatewright/core'
import { checkedIr, evaluator } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { questions } from '../../packages/testing/src/arbitrary/questions.js'
import { mutantPolicy, mutantsOf } from '../../packages/testing/src/mutation/index.js'
import { saysViolations } from '../cluster/said-violations.js'
import * as trials from '../language/trial-policies.js'
import { admissionSpec, celLibrary, type CelRequest, type CelVerdict, requestsOf } from './cel-library.js'
import { parametrised } from './parametrised-policies.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 100)
const library = celLibrary()

type Fields = Readonly<Record<string, Json>>

interface Asked {
  readonly object: Json
  readonly parameters: Fields
  readonly request: CelRequest
}

const policies: readonly Policy[] = [
  ...policiesOf([pack.podSecurity]),
  ...policiesOf([pack.baseline({ version: 'latest' })]),
  ...policiesOf([pack.restricted({ version: 'latest' })]),
  ...Object.values(trials).filter((each): each is Policy => 'ir' in each),
  ...Object.values(parametrised),
].filter(({ ir }) => ir.target.builtIn === true)

/** Questions of a policy with what the API server is asked for each; parameters that do not fit are no question. */
function askedOf(policy: Policy, count: number, from: number): readonly Asked[] {
  return fc
    .sample(questions(policy, { mode: 'valid' }), { numRuns: count, seed: from })
    .flatMap(({ object, parameters }) =>
      'problems' in readParameters(policy, parameters as Fields)
        ? []
        : requestsOf(object).map((request) => ({ object, parameters: parameters as Fields, request })),
    )
}

/** What CEL says otherwise than the policy. */
function differences(
  policy: Policy,
  asked: readonly Asked[],
  said: readonly CelVerdict[],
): readonly string[] {
  return asked.flatMap(({ object, parameters }, i) => {
    const { action, evaluation, message } = said[i] ?? { action: '', evaluation: '', message: '' }
    const verdict = evaluator([policy], { parameters: { [policy.id]: parameters } }).evaluateJson(object)
      .judgements[0]?.verdict
    const isSame = agrees(verdict, action, evaluation, message)
    const ours = `${verdict?.verdict ?? 'nothing'} ${(verdict?.violations ?? []).map((each) => each.message).join('; ')}`
    return isSame
      ? []
      : [
          `${policy.id} ${JSON.stringify(parameters)}\n  ours ${ours}\n  CEL  ${action} ${evaluation} ${message}\n  ${JSON.stringify(object)}`,
        ]
  })
}

function agrees(verdict: Verdict | undefined, action: string, evaluation: string, message: string): boolean {
  const { verdict: word = 'error', violations = [] } = verdict ?? {}
  if (word === 'denied') return evaluation === 'deny' && saysViolations(message, violations)
  return word === 'allowed' || word === 'not-applicable' ? action === 'admit' : action === 'deny'
}

describe.each(policies.map((policy, i) => [policy.id, policy, i] as const))('%s', (_, policy, i) => {
  it('says the same with its parameters built in', () => {
    const asked = askedOf(policy, 4 * runs, seed + i)
    const sets = [
      ...new Map(asked.map((each) => [JSON.stringify(each.parameters), each.parameters])).values(),
    ].slice(0, 3)
    for (const parameters of sets) {
      const expressions = expressionsOf(() => emitCel(checkedIr(policy), complete(policy, parameters)))
      if (expressions === undefined) continue
      const own = asked.slice(0, runs).map((each) => ({ ...each, parameters }))
      const [answer] = library([
        { policy: admissionSpec(expressions), requests: own.map(({ request }) => request) },
      ])
      expect(answer?.errors).toEqual([])
      expect(differences(policy, own, answer?.verdicts ?? [])).toEqual([])
    }
  })

  it('says the same with its parameters in the cluster', () => {
    const expressions = expressionsOf(() =>
      emitParametrisedCel(checkedIr(policy), { root: 'params.?spec', values: policy.values as Fields }),
    )
    if (expressions === undefined) return
    const asked = askedOf(policy, runs, seed + 1000 + i)
    const [answer] = library([
      {
        policy: admissionSpec(expressions, true),
        requests: asked.map(({ request, parameters }) => ({ ...request, params: { spec: parameters } })),
      },
    ])
    expect(answer?.errors).toEqual([])
    expect(differences(policy, asked, answer?.verdicts ?? [])).toEqual([])
  })
})

/** The expressions of a policy; undefined where CEL cannot say it, which is counted. */
function expressionsOf<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof CelUnsupported)) throw error
    refusals.add(error.message.slice(0, 600))
    return undefined
  }
}

const refusals = new Set<string>()

it('tells what CEL cannot say', () => {
  console.log([...refusals].toSorted().join('\n'))
  expect(refusals.size).toBeLessThan(60)
})

function complete(policy: Policy, given: Fields): Json {
  const read = readParameters(policy, given)
  if ('problems' in read) throw new Error('the parameters do not fit')
  return read.parameters
}

it('mutants of the pack with parameters say the same', () => {
  const found: string[] = []
  for (const [i, policy] of policiesOf([pack.podSecurity]).entries()) {
    if (policy.ir.parameters === undefined) continue
    const mutants = mutantsOf(policy)
    const every = Math.max(1, Math.floor(mutants.length / 2))
    for (const [n, mutant] of mutants.filter((_, at) => (at + seed + i) % every === 0).entries()) {
      const changed = mutantPolicy(policy, mutant)
      const expressions = expressionsOf(() =>
        emitParametrisedCel(checkedIr(changed), { root: 'params.?spec', values: policy.values as Fields }),
      )
      if (expressions === undefined) continue
      const asked = askedOf(changed, runs, seed + 2000 + 10 * i + n)
      const [answer] = library([
        {
          policy: admissionSpec(expressions, true),
          requests: asked.map(({ request, parameters }) => ({ ...request, params: { spec: parameters } })),
        },
      ])
      expect(answer?.errors).toEqual([])
      found.push(...differences(changed, asked, answer?.verdicts ?? []))
    }
  }
  expect(found).toEqual([])
})
