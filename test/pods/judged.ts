import { pathText, type Policy } from '@gatewright/core'
import { evaluate, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import { expect } from 'vitest'
import type { Field, Fields } from './random-values.js'

/** What a policy says of an object: the verdict, or of a denied one each violation as `code path: message`. */
export function judged(policy: Policy, object: unknown, parameters: Fields = {}): string | string[] {
  const [first, second] = [javascriptEngine, referenceEngine].map((engine) => {
    const verdict = evaluate([policy], object, { engine, parameters: { [policy.id]: parameters } })
      .judgements[0]?.verdict
    return verdict?.verdict === 'denied'
      ? verdict.violations.map(({ code, at, message }) => `${code} ${pathText(at)}: ${message}`)
      : `${verdict?.verdict}`
  })
  expect(second).toEqual(first)
  return first as string | string[]
}

/** A Pod. */
export const pod = (spec: Fields, annotations?: Fields): Fields =>
  written({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', annotations }, spec })

export const deployment = (spec: Fields): Fields =>
  written({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec } },
  })

export const cronJob = (spec: Fields): Fields =>
  written({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly' },
    spec: { jobTemplate: { spec: { template: { spec } } } },
  })

/** The update of an object. */
export const update = (object: Field, oldObject: Field, subResource?: string): Fields =>
  written({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: '1', operation: 'UPDATE', object, oldObject, subResource },
  })

const written = (object: Fields): Fields => JSON.parse(JSON.stringify(object)) as Fields
