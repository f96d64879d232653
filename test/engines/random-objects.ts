import { isObject, type Json, kindOf } from '@gatewright/core'
import { seeded } from '../fuzz/random-policies.js'
import { RandomPods } from './random-pods.js'

/**
 * Workloads of all kinds, one in four with a value of a wrong type somewhere, some in a request. All have a kind: of one without the
 * evaluator says that it is invalid, a policy by itself that it is about another.
 */
export function randomObjects(seed: number, count: number): readonly Json[] {
  const random = new RandomPods(seed)
  const chance = seeded(seed + 1)
  const one = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T
  const spoilt = (value: Json): Json => {
    if (typeof value !== 'object' || value === null || chance() < 0.15)
      return one<Json>([7, 'text', true, null, [], {}, ['x'], { a: 1 }])
    if (Array.isArray(value)) {
      const at = Math.floor(chance() * value.length)
      return value.map((each: Json, i) => (i === at ? spoilt(each) : each))
    }
    const key = one(Object.keys(value))
    return key === undefined || key === 'kind' || key === 'apiVersion'
      ? value
      : { ...value, [key]: spoilt((value as Readonly<Record<string, Json>>)[key] as Json) }
  }
  const workload = (): Json => {
    const object = JSON.parse(JSON.stringify(random.wrapped(random.template()))) as Json
    return chance() < 0.25 ? spoilt(object) : object
  }
  const ofKind = (): Json => {
    const object = workload()
    return isObject(object) && kindOf(object) !== undefined ? object : ofKind()
  }
  return Array.from({ length: count }, () => {
    const object = ofKind()
    if (chance() < 0.7) return object
    const operation = one(['CREATE', 'UPDATE', 'UPDATE', 'DELETE'])
    return {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        operation,
        subResource: one(['', 'ephemeralcontainers']),
        ...(operation === 'DELETE' ? {} : { object }),
        ...(operation === 'CREATE' ? {} : { oldObject: chance() < 0.5 ? object : ofKind() }),
      },
    }
  })
}

/** The review that Gatekeeper makes of an object or takes of a request. */
export function reviewOf(input: Json): Json {
  const { kind, request } = input as {
    readonly kind?: Json
    readonly request?: Readonly<Record<string, Json>>
  }
  const review =
    kind === 'AdmissionReview' && request !== undefined ? request : { object: input, operation: 'CREATE' }
  const judged = (isObject(review['object']) ? review['object'] : review['oldObject']) as Json
  return { ...review, kind: (kindOf(judged) ?? { group: '', version: '', kind: '' }) as unknown as Json }
}
