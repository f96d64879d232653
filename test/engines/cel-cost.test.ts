import {
  type CelSizes,
  celCapacity,
  celLimits,
  CelUnsupported,
  costedPolicy,
  emitCel,
  emitParametrisedCel,
  usualSizes,
} from '@gatewright/compiler'
import { isObject, type Json, type Policy, policiesOf, readParameters } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { questions } from '../../packages/testing/src/arbitrary/questions.js'
import * as trials from '../language/trial-policies.js'
import { parametrised } from './parametrised-policies.js'
import { admissionSpec, celLibrary, type CelRequest, requestsOf } from './cel-library.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 100)
const library = celLibrary()

type Fields = Readonly<Record<string, Json>>

interface Said {
  readonly policy: Policy
  readonly expressions: ReturnType<typeof emitCel>
}

/** The pack and the trials, each with what its parameters are by themselves, and with others; without what CEL cannot say. */
const policies: readonly Said[] = [
  ...policiesOf([pack.podSecurity]),
  ...Object.values(trials).filter((each): each is Policy => 'ir' in each),
].flatMap((policy, i) => {
  const { builtIn } = policy.ir.target
  if (builtIn !== true) return []
  const others = fc.sample(questions(policy, { mode: 'valid' }), { numRuns: 1, seed: seed + i })
  return [{}, ...others.map(({ parameters }) => parameters as Fields)].flatMap((given) => {
    const read = readParameters(policy, given)
    if ('problems' in read) return []
    try {
      return [{ policy, expressions: emitCel(checkedIr(policy), read.parameters) }]
    } catch (error) {
      if (error instanceof CelUnsupported) return []
      throw error
    }
  })
})

const text = (i: number, length = usualSizes.text): string => `${i}`.padEnd(length, 'x')
const several = <T>(make: (i: number) => T, count: number = usualSizes.nested): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i))

/** A Pod as large as a bound says, of which every part is bad in every way that the pack knows. */
function largePod(elements: number, image: string): Json {
  const container = (i: number): Json => ({
    name: text(i),
    image: `${i}/${image}`.slice(0, usualSizes.text),
    tty: true,
    stdin: true,
    ports: several((n) => ({ name: text(n), containerPort: 1000 + n, hostPort: 1000 + n })),
    volumeMounts: several((n) => ({ name: text(n), mountPath: text(n) })),
    livenessProbe: { httpGet: { port: 80, host: text(i) } },
    resources: { limits: { cpu: '1', memory: '1Gi' } },
    securityContext: {
      privileged: true,
      runAsUser: 0,
      procMount: 'Unmasked',
      allowPrivilegeEscalation: true,
      capabilities: { add: several((n) => text(n)), drop: several((n) => text(n)) },
      seccompProfile: { type: 'Unconfined' },
      appArmorProfile: { type: 'Unconfined' },
      seLinuxOptions: { type: text(i), user: text(i), role: text(i) },
      windowsOptions: { hostProcess: true },
    },
  })
  const labels = Object.fromEntries(several((i) => [text(i, 60), text(i, 60)]))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: text(0), labels, annotations: labels },
    spec: { hostNetwork: true, hostPID: true, containers: several(container, elements) },
  }
}

/** A Pod all of whose elements are volumes, or sysctls. */
const podOf = (part: Fields): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'large' },
  spec: part,
})
const volumePod = (elements: number): Json =>
  podOf({
    containers: [],
    volumes: several(
      (i) => ({ name: text(i), hostPath: { path: text(i) }, flexVolume: { driver: text(i) } }),
      elements,
    ),
  })
const sysctlPod = (elements: number): Json =>
  podOf({
    containers: [],
    securityContext: {
      sysctls: several((i) => ({ name: `a.b/${text(i)}`.slice(0, 128), value: '1' }), elements),
    },
  })

/** What is asked of a bound: large objects of all sorts, made anew and changed. */
function largeRequests(elements: number): readonly CelRequest[] {
  const longImage = `${'registry.example.com/'.padEnd(90, 'a')}:1.0@sha256`
  const pod = largePod(elements, longImage)
  return [
    { object: pod },
    { object: pod, oldObject: largePod(elements, 'another/image:2'), operation: 'UPDATE' },
    { object: pod, oldObject: pod, operation: 'UPDATE' },
    { object: volumePod(elements) },
    { object: sysctlPod(elements) },
  ]
}

/** How large an object is, by the measures that a bound is stated in. */
function sizesOf(...objects: readonly (Json | undefined)[]): CelSizes {
  const found = { elements: 0, nested: 0, text: 24, parts: 1 }
  const look = (value: Json, depth: number, count: { lists: number; maps: number }): void => {
    if (typeof value === 'string') {
      found.text = Math.max(found.text, [...value].length)
      found.parts = Math.max(found.parts, value.split('.').length, value.split('/').length)
    } else if (Array.isArray(value)) {
      if (depth === 0) count.lists += value.length
      else found.nested = Math.max(found.nested, value.length)
      for (const each of value as readonly Json[]) look(each, depth + 1, count)
    } else if (isObject(value)) {
      const keys = Object.keys(value)
      if (depth === 0) count.maps = Math.max(count.maps, keys.length)
      else found.nested = Math.max(found.nested, keys.length)
      for (const key of keys) {
        found.text = Math.max(found.text, [...key].length)
        look(value[key] as Json, depth, count)
      }
    }
  }
  for (const object of objects) {
    if (object === undefined) continue
    const count = { lists: 0, maps: 0 }
    look(object, 0, count)
    found.elements = Math.max(found.elements, count.lists, count.maps)
    found.nested = Math.max(found.nested, count.maps)
  }
  return { ...found, parameters: 0, parameterText: 0 }
}

it('compiles on the oldest API server that policies are for', () => {
  const answers = library(
    policies.map(({ expressions }) => ({ policy: admissionSpec(expressions), requests: [] })),
  )
  expect(
    answers.flatMap(({ errors }, i) => errors.map((error) => `${policies[i]?.policy.id}: ${error}`)),
  ).toEqual([])
})

it('costs no more than is worked out', () => {
  const asked = policies.map(({ policy, expressions }, i) => {
    const random = fc
      .sample(questions(policy, { mode: 'valid', size: 'large' }), { numRuns: runs, seed: seed + i })
      .flatMap(({ object }) => requestsOf(object))
    return { policy, expressions, requests: [...random, ...largeRequests(7)] }
  })
  const answers = asked.flatMap(({ expressions, requests }) =>
    library([{ policy: admissionSpec(expressions), requests }]),
  )
  let compared = 0
  for (const [i, { policy, expressions, requests }] of asked.entries()) {
    const bound = costedPolicy(expressions)
    for (const [n, request] of requests.entries()) {
      const verdict = answers[i]?.verdicts[n]
      if (verdict === undefined) throw new Error('it is not answered')
      const { total } = bound(sizesOf(request.object, request.oldObject))
      const cost = verdict.cost + verdict.messageCost
      expect(Math.min(verdict.cost, verdict.messageCost), policy.id).toBeGreaterThanOrEqual(0)
      expect(cost, `${policy.id} ${JSON.stringify(request)}`).toBeLessThanOrEqual(total)
      compared++
    }
  }
  expect(compared).toBeGreaterThan(policies.length * runs)
})

it('costs no more than is worked out with parameters in the cluster', () => {
  let compared = 0
  for (const [i, policy] of [...policiesOf([pack.podSecurity]), ...Object.values(parametrised)].entries()) {
    const expressions = emitParametrisedCel(checkedIr(policy), {
      root: 'params.?spec',
      values: policy.values as Fields,
    })
    const bound = costedPolicy(expressions)
    const requests = fc
      .sample(questions(policy, { mode: 'valid', size: 'large' }), { numRuns: runs, seed: seed + 500 + i })
      .flatMap(({ object, parameters }) =>
        requestsOf(object).map((each) => ({ ...each, params: { spec: parameters as Fields } })),
      )
    const [answer] = library([{ policy: admissionSpec(expressions, true), requests }])
    for (const [n, { object, oldObject, params }] of requests.entries()) {
      const verdict = answer?.verdicts[n]
      if (verdict === undefined) throw new Error('it is not answered')
      const given = sizesOf(params)
      const sizes = {
        ...sizesOf(object, oldObject),
        parameters: Math.max(given.elements, given.nested),
        parameterText: given.text,
      }
      const { total } = bound({ ...sizes, parts: Math.max(sizes.parts, given.parts) })
      expect(
        verdict.cost + verdict.messageCost,
        `${policy.id} ${JSON.stringify(requests[n])}`,
      ).toBeLessThanOrEqual(total)
      compared++
    }
  }
  expect(compared).toBeGreaterThan(15 * runs)
})

it.each(['api-server', 'gatekeeper'] as const)('judges what it holds to: %s', (by) => {
  const told: string[] = []
  // one of each policy: what its parameters change is small
  const ones = new Map(policies.map((each) => [each.policy, each]))
  for (const { policy, expressions } of ones.values()) {
    const { elements = 1000, cost } = celCapacity(expressions, by)
    const requests = largeRequests(Math.min(elements, 1000))
    const [answer] = library([
      {
        policy: admissionSpec(expressions),
        requests: requests.map((each) => ({ ...each, budget: celLimits[by].total })),
      },
    ])
    const { verdicts = [] } = answer ?? {}
    expect(verdicts.length).toBe(requests.length)
    expect(
      verdicts.filter(({ evaluation }) => evaluation === 'error'),
      policy.id,
    ).toEqual([])
    const most = Math.max(...verdicts.map((each) => each.cost + each.messageCost))
    told.push(
      `${policy.id}: ${elements} elements, bound ${Math.round(cost.total)}, at most ${most} seen (${(cost.total / most).toFixed(1)})`,
    )
  }
  console.log(told.join('\n'))
})
