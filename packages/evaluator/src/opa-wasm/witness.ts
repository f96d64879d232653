import { emitWasm, type WasmModule, WasmUnsupported } from '@gatewright/compiler/wasm'
import {
  canonicalText,
  type CheckedPolicy,
  defaultBudget,
  type Json,
  type Review,
  type Verdict,
} from '@gatewright/core'
import type { Engine, Prepared } from '../engine.js'
import { javascriptEngine } from '../javascript-engine.js'
import { DataDocument } from '../wasm/data-document.js'
import { reviewText } from '../wasm/engine.js'
import { exactText } from '../wasm/exact-json.js'
import { OpaModule } from './opa-module.js'
import { failure } from './read-answer.js'

/**
 * Judges by JavaScript, and by the WebAssembly module of the policy through OPA's own loader. A verdict that the module does not
 * confirm to the letter (verdict, codes, places, messages, details) becomes an error: one of the two must be wrong.
 */
export class OpaWasmWitness {
  /** Verdicts that the module was asked about. */
  asked = 0
  /** Verdicts that it does not confirm. */
  denied = 0
  /** Why it was not asked, by policy. */
  readonly notAsked: Map<string, string> = new Map()

  readonly engine: Engine = { name: 'opa-wasm', prepare: (policy) => this.#prepare(policy) }

  #prepare(policy: CheckedPolicy): Prepared {
    const { judge } = javascriptEngine.prepare(policy)
    const module = opaModuleJudge(policy)
    if ('refused' in module) {
      this.notAsked.set(policy.id, module.refused)
      return { judge }
    }
    return {
      judge: (parameters, review, options = {}) => {
        const verdict = judge(parameters, review, options)
        const isTold = (options.budget ?? defaultBudget) === defaultBudget
        const said = isTold ? module.judge(parameters, review) : { untold: 'a budget of its own' }
        if ('untold' in said) {
          this.notAsked.set(policy.id, `policy \`${policy.id}\`: ${said.untold}`)
          return verdict
        }
        this.asked++
        if (decisionText(said) === decisionText(verdict)) return verdict
        this.denied++
        return failure(
          'engines-disagree',
          `OPA's WebAssembly does not confirm the verdict \`${verdict.verdict}\`: it says \`${said.verdict}\``,
        )
      },
    }
  }
}

/** Judges by OPA's own loader and by nothing else; or says what a module cannot be told. */
export interface OpaModuleJudge {
  judge(parameters: Json, review: Review): Verdict | { readonly untold: string }
}

/** The module of a policy in OPA's own loader by itself; or why the back end refuses the policy. */
export function opaModuleJudge(policy: CheckedPolicy): OpaModuleJudge | { readonly refused: string } {
  let made: WasmModule
  try {
    made = emitWasm([{ ir: policy }])
  } catch (error) {
    if (error instanceof WasmUnsupported) return { refused: error.message }
    throw error
  }
  const module = new OpaModule(made.bytes, { entrypoint: made.entryPoints[1] as string, policy: policy.id })
  const data = new DataDocument([policy])
  let current: string | undefined
  return {
    judge: (parameters, review) => {
      const given = data.text([parameters], review.inventory)
      if (given === undefined) return { untold: lookedUp }
      const text = reviewText(review)
      if (text === undefined) return { untold: 'an object that a module cannot be given' }
      if (given !== current) {
        module.setData(given)
        current = given
      }
      return module.evaluate(text)
    },
  }
}

const lookedUp =
  'what is known of the objects that it looks up cannot be said in `data.inventory`: not all are known (--inventory-complete says they are), or a look-up failed'

/** What a decision says, its numbers as opa-wasm reads them, and its reasons in one order. */
function decisionText({ verdict, violations, reasons }: Verdict): string {
  const decision = {
    verdict,
    violations: violations.map(({ at, code, details, message }) => ({ at, code, details, message })),
    reasons: reasons.map((each) => canonicalText(each as unknown as Json)).toSorted(),
  }
  return canonicalText(JSON.parse(exactText(decision as unknown as Json) ?? 'null') as Json)
}
