import { emitWasm, WasmUnsupported } from '@gatewright/compiler'
import {
  type CheckedPolicy,
  isNumber,
  isObject,
  judge,
  type Json,
  numberText,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import { normalizeJson } from '../../packages/evaluator/src/normalize.js'
import { ModuleInstance, type RawVerdict } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'
import { differenceOf } from '../engines/decisions.js'
import { exactJson, spellings } from '../engines/opa.js'
import { checked, inputOf, inventoryData } from '../engines/rego-judged.js'
import { layOut, type Written, WrittenNumber } from '../wasm/documents.js'
import { Dice } from './dice.js'
import type { RandomPolicies, RandomPolicy } from './random-policies.js'
import { type AskedWasm, decisionFrom, moduleOf } from './wasm-judged.js'

/** Policies of one module, each with what it is asked with. */
export interface Together {
  readonly policies: readonly CheckedPolicy[]
  readonly asked: readonly AskedWasm[]
}

/** Random policies that a module can hold together, with ids of their own, and a review for one of them at a time. */
export function randomTogether(
  random: RandomPolicies,
  count: number,
  dice: Dice,
): Together & { readonly next: () => Review } {
  const stored = { objects: random.inventory(), complete: dice.chance(0.5), spelling: 0 }
  const made: RandomPolicy[] = Array.from({ length: count }, () => random.next()).filter(
    ({ policy }) => moduleOf(policy) !== undefined,
  )
  return {
    policies: made.map(({ policy }, i) => checked({ ...policy, id: `fuzz/p${i}` })),
    asked: made.map(({ given, parameters }) => ({ ...stored, given, parameters })),
    next: () => dice.one(made).review(),
  }
}

/** An instance of the module of all with its data; undefined where they are refused together. */
export function instanceOfAll({ policies, asked }: Together): ModuleInstance | undefined {
  try {
    const { bytes } = emitWasm(policies.map((ir) => ({ ir })))
    const instance = new ModuleInstance(new webAssembly.Module(bytes))
    const [{ objects, complete } = { objects: [], complete: true }] = asked
    instance.setData(
      exactJson({
        gatewright: {
          parameters: Object.fromEntries(policies.map(({ id }, i) => [id, asked[i]?.given as Json])),
          inventory: { complete },
        },
        inventory: inventoryData(objects),
      }),
    )
    return instance
  } catch (error) {
    if (error instanceof WasmUnsupported) return undefined
    throw error
  }
}

/**
 * A text of an input that means the same as the plain one: white space, escapes in keys and texts, the order of keys, numbers spelled
 * otherwise, and entries that a later one with the same key replaces.
 */
function respelled(input: Json, dice: Dice): string {
  const spelled = spellings(dice.below(1 << 30))
  const written = (value: Json): Written => {
    if (isNumber(value)) return new WrittenNumber(dice.chance(0.1) ? spelled(value) : numberText(value))
    if (Array.isArray(value)) return value.map((each) => written(each as Json))
    if (!isObject(value)) return value as string
    const entries = Object.entries(value).map(([key, each]) => [key, written(each)] as const)
    return new Map(dice.chance(0.3) ? shuffled(entries, dice) : entries)
  }
  return layOut(dice, written(input))
}

/** A review as policies are asked: as the other tests ask, or as Gatekeeper does. */
function inputFor(review: Review, dice: Dice): Json {
  const input = inputOf(review)
  if (dice.chance(0.7) || !isObject(input)) return input
  const asked: Json =
    input['kind'] === 'AdmissionReview' && isObject(input['request'])
      ? input['request']
      : { object: input, operation: dice.one(['CREATE', '']) }
  return { parameters: {}, review: asked }
}

/** What the reference says of an input. */
function expectedOf(policy: CheckedPolicy, asked: AskedWasm, input: Json): Verdict {
  const normalized = normalizeJson(input)
  return 'problem' in normalized
    ? { verdict: 'error', violations: [], reasons: [normalized.problem] }
    : judge(policy, asked.parameters, { ...normalized.review, inventory: inventoryOf(asked.objects, asked) })
}

function shuffled<T>(list: readonly T[], dice: Dice): readonly T[] {
  const rest = [...list]
  return list.map(() => rest.splice(dice.below(rest.length), 1)[0] as T)
}

/** Where a module says something else of a text than the reference says of the review, by all policies at once and by one. */
export function differenceTogether(
  { policies, asked }: Together,
  instance: ModuleInstance,
  review: Review,
  dice: Dice,
): string | undefined {
  const input = inputFor(review, dice)
  const text = respelled(input, dice)
  const strict = dice.chance(0.5)
  const document = dice.chance(0.5) ? text : new TextEncoder().encode(text)
  const all = instance.judge(document, 0, strict)
  const alone = dice.below(policies.length)
  const [one] = instance.judge(document, alone + 1, strict)
  for (const [i, policy] of policies.entries()) {
    const expected = expectedOf(policy, asked[i] as AskedWasm, input)
    const answers = i === alone ? [all[i], one] : [all[i]]
    for (const answer of answers) {
      const actual = answer === undefined ? undefined : decisionFrom(answer as RawVerdict)
      const difference = differenceOf(expected, actual)
      if (difference === undefined) continue
      return [
        `${difference}: policy ${i} of ${policies.length}${answer === one ? ' alone' : ''}`,
        `reference   ${exactJson(expected as never)}`,
        `WebAssembly ${exactJson((actual ?? null) as never)}`,
        `input       ${text}`,
        `parameters  ${exactJson((asked[i] as AskedWasm).given)}`,
        `policy      ${exactJson({ target: policy.target as never, when: (policy.when ?? null) as never, rules: policy.rules as never })}`,
      ].join('\n')
    }
  }
  return undefined
}
