import { emitWasm, type WasmModule, WasmUnsupported } from '@gatewright/compiler/wasm'
import {
  type CheckedPolicy,
  defaultBudget,
  isObject,
  type Json,
  type Reason,
  type Review,
  type Verdict,
} from '@gatewright/core'
import type { Engine, Prepared } from '../engine.js'
import { javascriptEngine } from '../javascript-engine.js'
import { DataDocument } from './data-document.js'
import { exactText } from './exact-json.js'
import { type RawVerdict, WasmFailure } from './module-instance.js'
import { PolicyModule } from './policy-module.js'
import { VerdictReader } from './verdict.js'

const prepared = new WeakMap<CheckedPolicy, Prepared>()

/**
 * WebAssembly, a module for each policy. What a module cannot be told is judged by JavaScript: a policy that the back end refuses,
 * a value that JSON does not have, a budget other than the default.
 */
export const wasmEngine: Engine = {
  name: 'wasm',
  prepare: (policy) => {
    let known = prepared.get(policy)
    if (known === undefined) prepared.set(policy, (known = prepare(policy)))
    return known
  },
}

function prepare(policy: CheckedPolicy): Prepared {
  const module = moduleJudge(policy)
  if ('refused' in module) return javascriptEngine.prepare(policy)
  return {
    judge: (parameters, review, options = {}) => {
      const isTold = (options.budget ?? defaultBudget) === defaultBudget
      const verdict = isTold ? module.judge(parameters, review) : undefined
      return verdict ?? javascriptEngine.prepare(policy).judge(parameters, review, options)
    },
  }
}

/** Judges by a module and by nothing else: undefined where the module cannot be told what is asked. */
export interface ModuleJudge {
  judge(parameters: Json, review: Review): Verdict | undefined
}

/** The module of a policy by itself; or why the back end refuses the policy. */
export function moduleJudge(policy: CheckedPolicy): ModuleJudge | { readonly refused: string } {
  let made: WasmModule
  try {
    made = emitWasm([{ ir: policy }])
  } catch (error) {
    if (error instanceof WasmUnsupported) return { refused: error.message }
    throw error
  }
  const module = new PolicyModule(made.bytes)
  const reader = new VerdictReader(policy)
  const data = new DataDocument([policy])
  return {
    judge: (parameters, review) => {
      const input = reviewText(review)
      const given = input === undefined ? undefined : data.text([parameters], review.inventory)
      if (input === undefined || given === undefined) return undefined
      try {
        const [raw] = module.judge(input, given)
        if (raw === undefined) throw new WasmFailure('aborted', 'the module gave no verdict')
        return isUntold(raw) ? undefined : reader.read(raw)
      } catch (error) {
        return failed(error)
      }
    },
  }
}

/** The module of policies; undefined where the back end refuses one. */
export function compiled(policies: readonly CheckedPolicy[]): WasmModule | undefined {
  try {
    return emitWasm(policies.map((ir) => ({ ir })))
  } catch (error) {
    if (error instanceof WasmUnsupported) return undefined
    throw error
  }
}

/** A review that no document becomes, or parameters that the module does not take although they were checked. */
export const isUntold = (raw: RawVerdict): boolean =>
  raw !== 0 && raw.reasons.some(({ code }) => code === 'bad-input' || code === 'invalid-parameters')

/** Why an evaluation gave nothing. */
export const failureReason = (error: unknown): Reason => ({
  code: 'engine-failed',
  message: `WebAssembly did not judge it: ${error instanceof Error ? error.message : String(error)}`,
})

const failed = (error: unknown): Verdict => ({
  verdict: 'error',
  violations: [],
  reasons: [failureReason(error)],
})

const operations: readonly string[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']
const requestFields: readonly string[] = [
  'operation',
  'name',
  'namespace',
  'subResource',
  'dryRun',
  'userInfo',
]

/** A review as the AdmissionReview that modules read it from; undefined where none says the same. */
export function reviewText({ object, oldObject, operation, request = {} }: Review): string | undefined {
  const isRecordOrNone = (value: Json | undefined): boolean => value === undefined || isObject(value)
  if (operation === undefined || !operations.includes(operation)) return undefined
  if (!isRecordOrNone(object) || !isRecordOrNone(oldObject)) return undefined
  if (Object.entries(request).some(([key, value]) => !requestFields.includes(key) || value === null))
    return undefined
  return exactText({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...request,
      operation,
      ...(object === undefined ? {} : { object }),
      ...(oldObject === undefined ? {} : { oldObject }),
    },
  })
}
