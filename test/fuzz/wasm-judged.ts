import { emitWasm, type WasmModule, WasmUnsupported } from '@gatewright/compiler'
import {
  check,
  type CheckedPolicy,
  judge,
  type Json,
  type PolicyIr,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import { normalizeJson } from '../../packages/evaluator/src/normalize.js'
import { ModuleInstance, type RawVerdict } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'
import { type Decision, decisionOf, differenceOf } from '../engines/decisions.js'
import { exactJson, spellings } from '../engines/opa.js'
import { inputOf, inventoryData } from '../engines/rego-judged.js'

/** What a policy is asked with: parameters as given and as rules see them, the other objects, and how numbers are spelled. */
export interface AskedWasm {
  readonly given: Readonly<Record<string, Json>>
  readonly parameters: Json
  readonly objects: readonly Json[]
  readonly complete: boolean
  readonly spelling: number
}

function checkedPolicy(policy: PolicyIr): CheckedPolicy {
  const result = check(policy)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

/** A module of one policy; undefined where it is refused. */
export function moduleOf(policy: PolicyIr): WasmModule | undefined {
  try {
    return emitWasm([{ ir: checkedPolicy(policy) }])
  } catch (error) {
    if (error instanceof WasmUnsupported) return undefined
    throw error
  }
}

/** The data document that a host has. */
export const dataOf = (policy: PolicyIr, { given, objects, complete }: AskedWasm): Json => ({
  gatewright: { parameters: { [policy.id]: given }, inventory: { complete } },
  inventory: inventoryData(objects),
})

/** A module of one policy with its data, ready to judge; undefined where it is refused. */
export function instanceOf(policy: PolicyIr, asked: AskedWasm): ModuleInstance | undefined {
  const module = moduleOf(policy)
  if (module === undefined) return undefined
  const instance = new ModuleInstance(new webAssembly.Module(module.bytes))
  instance.setData(exactJson(dataOf(policy, asked)))
  return instance
}

/** The text of the document that stands for a review. */
export const documentOf = (review: Review, { spelling }: AskedWasm): string =>
  exactJson(inputOf(review), spellings(spelling))

/** What a module says of a document, and where that is not what the reference says. */
export function compared(
  policy: PolicyIr,
  asked: AskedWasm,
  review: Review,
  instance: ModuleInstance | undefined = instanceOf(policy, asked),
): { readonly verdict: string; readonly difference?: string | undefined; readonly actual?: Decision } {
  const expected = expectedOf(policy, asked, review)
  if (instance === undefined) return { verdict: expected.verdict }
  const actual = decisionFrom(instance.judge(documentOf(review, asked))[0] as RawVerdict)
  return { verdict: expected.verdict, difference: differenceOf(expected, actual), actual }
}

/** A verdict of our loader as hosts of OPA see it. */
export const decisionFrom = (answer: RawVerdict): Decision =>
  answer === 0
    ? { verdict: 'allowed', violations: [], reasons: [] }
    : {
        ...answer,
        violations: answer.violations.map(({ at, code, details, message }) => ({
          at,
          code,
          details,
          message,
        })),
      }

/** What the reference says of the input that the module is given. */
export function expectedOf(policy: PolicyIr, asked: AskedWasm, review: Review): Verdict {
  const normalized = normalizeJson(inputOf(review))
  if ('problem' in normalized) return { verdict: 'error', violations: [], reasons: [normalized.problem] }
  return judge(policy, asked.parameters, {
    ...normalized.review,
    inventory: inventoryOf(asked.objects, asked),
  })
}

/** A difference as a person can read it. */
export function report(policy: PolicyIr, asked: AskedWasm, review: Review): string {
  const { difference, actual } = compared(policy, asked, review)
  const expected = expectedOf(policy, asked, review)
  return [
    difference,
    `reference   ${exactJson(decisionOf(expected) as never)}`,
    `WebAssembly ${exactJson((actual ?? null) as never)}`,
    `input       ${documentOf(review, asked)}`,
    `parameters  ${exactJson(asked.given)}`,
    `policy      ${exactJson({ when: (policy.when ?? null) as never, rules: policy.rules as never })}`,
  ].join('\n')
}
