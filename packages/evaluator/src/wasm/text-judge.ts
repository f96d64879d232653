import type { CheckedPolicy, Inventory, Json, Reason, Verdict } from '@gatewright/core'
import { podTemplatePath } from '@gatewright/kubernetes'
import { DataDocument } from './data-document.js'
import { compiled, failureReason, isUntold } from './engine.js'
import { type RawVerdict, WasmFailure } from './module-instance.js'
import { PolicyModule } from './policy-module.js'
import { VerdictReader } from './verdict.js'

/** A policy with parameters that fit it. */
export interface Judged {
  readonly ir: CheckedPolicy
  readonly parameters: Json
}

/** What a module says of a text. */
export type TextVerdicts =
  | {
      /** The verdicts of the policies that the module has. */
      readonly verdicts: ReadonlyMap<CheckedPolicy, Verdict>
      /** Whether it is sure that the object is of a kind that holds pods. */
      readonly isWorkload: boolean
    }
  | { readonly problem: Reason }
  /** The document has to be parsed to say it. */
  | 'parse'

/** A larger text is parsed: it may have more values than an input may. */
const largestText = 4_000_000

/** Has texts judged by one module with all the policies that the back end does not refuse. */
export class TextJudge {
  readonly #judged: readonly Judged[]
  readonly #readers: readonly VerdictReader[]
  /** Which policies are about kinds, and which of them about those alone that hold pods. */
  readonly #abouts: readonly About[]
  readonly #parameters: readonly Json[]
  readonly #data: DataDocument
  readonly bytes: Uint8Array
  readonly strict: boolean
  readonly #module: PolicyModule

  private constructor(judged: readonly Judged[], bytes: Uint8Array, strict: boolean) {
    this.#judged = judged
    this.#abouts = judged.map(({ ir }) => kindsOf(ir))
    this.#readers = judged.map(({ ir }) => new VerdictReader(ir))
    this.#parameters = judged.map(({ parameters }) => parameters)
    this.#data = new DataDocument(judged.map(({ ir }) => ir))
    this.bytes = bytes
    this.strict = strict
    this.#module = new PolicyModule(bytes)
  }

  /** Makes the module; undefined where none of the policies can be in it, and where the host has no WebAssembly. */
  static of(policies: readonly Judged[], strict: boolean): TextJudge | undefined {
    if (policies.length === 0) return undefined
    try {
      const all = bytesOf(policies)
      if (all !== undefined) return new TextJudge(policies, all, strict)
      const sayable = policies.filter((each) => bytesOf([each]) !== undefined)
      const some = sayable.length === 0 ? undefined : bytesOf(sayable)
      return some === undefined ? undefined : new TextJudge(sayable, some, strict)
    } catch {
      return undefined
    }
  }

  /** The data document that the module is to have for a text; undefined where the text has to be parsed. */
  dataFor(text: string | Uint8Array, inventory: Inventory | undefined): string | undefined {
    return text.length > largestText ? undefined : this.#data.text(this.#parameters, inventory)
  }

  judge(text: string | Uint8Array, data: string): TextVerdicts {
    try {
      return this.read(this.#module.judge(text, data, { strict: this.strict }))
    } catch (error) {
      return failed(error)
    }
  }

  /** What is made of the verdicts as the module writes them. */
  read(raws: readonly RawVerdict[]): TextVerdicts {
    if (raws.length !== this.#judged.length) return { problem: failureReason('verdicts are missing') }
    // bad input is worded by the normaliser
    if (raws.some(isUntold)) return 'parse'
    const about = aboutOf(raws, this.#abouts)
    if (about === undefined) return 'parse'
    try {
      const verdicts = new Map(
        this.#judged.map(({ ir }, i) => [
          ir,
          (this.#readers[i] as VerdictReader).read(raws[i] as RawVerdict),
        ]),
      )
      return { verdicts, isWorkload: about.isWorkload }
    } catch (error) {
      return failed(error)
    }
  }
}

/** What is said where an evaluation broke off. */
export function failed(error: unknown): TextVerdicts {
  const isUnreadable = error instanceof WasmFailure && error.code === 'unreadable'
  return { problem: isUnreadable ? { code: 'bad-input', message: error.message } : failureReason(error) }
}

const bytesOf = (policies: readonly Judged[]): Uint8Array | undefined =>
  compiled(policies.map(({ ir }) => ir))?.bytes

type About = 'anything' | 'kinds' | 'workloads'

function kindsOf({ target: { kinds } }: CheckedPolicy): About {
  if (kinds === undefined) return 'anything'
  return kinds.every((kind) => podTemplatePath(kind) !== undefined) ? 'workloads' : 'kinds'
}

/** What verdicts tell of the object; undefined where they leave open whether it says its kind. */
function aboutOf(
  raws: readonly RawVerdict[],
  abouts: readonly About[],
): { readonly isWorkload: boolean } | undefined {
  let named = abouts.every((each) => each === 'anything')
  let isWorkload = false
  for (const [i, raw] of raws.entries()) {
    const about = abouts[i]
    if (about === 'anything') continue
    const mismatch = raw !== 0 && raw.verdict === 'not-applicable' ? raw.reasons[0] : undefined
    if (mismatch?.code === 'operation') continue
    if (mismatch?.code === 'kind') {
      if (mismatch.message === 'the object has no `apiVersion` and `kind`') return undefined
      named = true
      continue
    }
    named = true
    if (about === 'workloads') isWorkload = true
  }
  return named ? { isWorkload } : undefined
}
