import {
  emitRego,
  emitRegoFiles,
  type RegoFile,
  type RegoPolicy,
  RegoUnsupported,
} from '@gatewright/compiler'
import {
  canonicalText,
  isObject,
  type Json,
  kindOf,
  type Policy,
  type Reason,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { checkedIr, type Engine, javascriptEngine } from '@gatewright/evaluator'
import { evaluatedByOpa, OpaFailure, opaVersion } from '@gatewright/testing/opa'
import { UsageError } from './usage-error.js'

/** What else OPA is given: parameters by policy id, and the objects that policies look up. */
export interface WitnessData {
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly objects: readonly Json[]
  readonly inventoryComplete: boolean
}

/** What OPA said of verdicts. */
export interface Testimony {
  readonly version: string
  /** Verdicts that OPA was asked about. */
  readonly asked: number
  /** Verdicts that OPA does not confirm, with those that stand for them. */
  readonly denied: ReadonlyMap<Verdict, Verdict>
  /** Policies that Rego cannot say, with the reason. */
  readonly notAsked: ReadonlyMap<string, string>
}

interface Judged {
  readonly policy: string
  readonly review: Review
  readonly verdict: Verdict
}

/** Objects that one run of OPA is asked about. */
const objectsAtOnce = 1000

/**
 * Judges in process and then has the `opa` on PATH judge the same by the emitted Rego. A verdict that OPA does not confirm to the
 * letter (verdict, codes, places, messages, details) becomes an error: one of the two must be wrong.
 */
export class OpaWitness {
  readonly #judged: Judged[] = []

  /** The engine to scan with; it remembers what it says. */
  readonly engine: Engine = {
    name: javascriptEngine.name,
    prepare: (policy) => {
      const { judge } = javascriptEngine.prepare(policy)
      return {
        judge: (parameters, review, options) => {
          // a verdict of its own, since engines give the same one for all that is plainly allowed
          const verdict = { ...judge(parameters, review, options) }
          this.#judged.push({ policy: policy.id, review, verdict })
          return verdict
        },
      }
    },
  }

  /** Asks OPA about all that was judged. */
  ask(policies: readonly Policy[], data: WitnessData): Testimony {
    const version = byOpa(() => opaVersion())
    const notAsked = new Map<string, string>()
    const printed = policies.flatMap((policy): readonly RegoPolicy[] => {
      const each = { ir: checkedIr(policy), values: policy.values }
      try {
        emitRego(each)
        return [each]
      } catch (error) {
        if (!(error instanceof RegoUnsupported)) throw error
        notAsked.set(policy.id, error.message)
        return []
      }
    })
    const asked = this.#judged.filter(({ policy }) => !notAsked.has(policy))
    const denied = new Map<Verdict, Verdict>()
    const reviews = [...new Set(asked.map(({ review }) => review))]
    const bundle = emitRegoFiles(printed)
    const packages = new Map(printed.map((each) => [each.ir.id, emitRego(each).package] as const))
    for (let from = 0; from < reviews.length; from += objectsAtOnce) {
      const part = reviews.slice(from, from + objectsAtOnce)
      const places = new Map(part.map((review, index) => [review, index] as const))
      const answers = askOpa(bundle, packages, places, asked, data)
      for (const { policy, review, verdict } of asked) {
        const at = places.get(review)
        if (at === undefined) continue
        const other = answers.get(policy)?.get(at)
        if (textOf(other) !== textOf(verdict)) denied.set(verdict, disagreement(verdict, other))
      }
    }
    return { version, asked: asked.length, denied, notAsked }
  }
}

type Decision = Pick<Verdict, 'verdict' | 'violations'>

/** What has to be the same: reasons are worded by each engine for itself. */
function textOf(of: Decision | undefined): string | undefined {
  if (of === undefined) return undefined
  const violations = of.violations.map(({ at, code, details, message }) =>
    canonicalText([at, code, message, details]),
  )
  return [of.verdict, ...violations.toSorted()].join('\n')
}

function disagreement(here: Verdict, there: Decision | undefined): Verdict {
  const said = there === undefined ? 'gives no decision' : `says ${there.verdict}`
  const reason: Reason = {
    code: 'engines-disagree',
    message: `OPA ${said}${there?.verdict === here.verdict ? ' with other violations' : ''}, in process the policy says ${here.verdict}`,
  }
  return { verdict: 'error', violations: here.violations, reasons: [reason, ...here.reasons] }
}

/** The decisions of OPA, by policy and the place of the review. */
function askOpa(
  bundle: readonly RegoFile[],
  packages: ReadonlyMap<string, string>,
  places: ReadonlyMap<Review, number>,
  judged: readonly Judged[],
  data: WitnessData,
): ReadonlyMap<string, ReadonlyMap<number, Decision>> {
  const asked = new Map<string, number[]>()
  for (const { policy, review } of judged) {
    const at = places.get(review)
    if (at === undefined) continue
    const known = asked.get(policy)
    if (known === undefined) asked.set(policy, [at])
    else known.push(at)
  }
  const rules = [...asked.keys()].map(
    (id) =>
      `answers[${JSON.stringify(id)}] := [[i, decision] |\n\tsome i in data.witness.asked[${JSON.stringify(id)}]\n\teach := data.witness.inputs[i]\n\tdecision := data.${packages.get(id) ?? ''}.decision with input as each\n]\n`,
  )
  const document = {
    gatewright: { parameters: data.parameters, inventory: { complete: data.inventoryComplete } },
    inventory: inventoryDocument(data.objects),
    witness: {
      inputs: [...places.keys()].map(admissionReview),
      asked: Object.fromEntries(asked),
    },
  }
  const files = [
    ...bundle,
    { path: 'witness.rego', text: `package witness_answers\n\n${rules.join('\n')}` },
    { path: 'data.json', text: canonicalText(document as unknown as Json) },
  ]
  const answers = byOpa(() => evaluatedByOpa(files, 'data.witness_answers.answers')) as Readonly<
    Record<string, readonly (readonly [number, Decision])[]>
  >
  return new Map(Object.entries(answers).map(([id, each]) => [id, new Map(each)] as const))
}

/** What a run of OPA gives; what it could not do is for whoever called the command. */
function byOpa<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof OpaFailure)) throw error
    throw new UsageError(error.message, 'install OPA, or judge in process')
  }
}

function admissionReview({ object, oldObject, operation, request }: Review): Json {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...request,
      ...(operation === undefined ? {} : { operation }),
      ...(object === undefined ? {} : { object }),
      ...(oldObject === undefined ? {} : { oldObject }),
    },
  }
}

/** The objects in the shape of Gatekeeper's inventory. */
function inventoryDocument(objects: readonly Json[]): Json {
  const cluster: Nested = {}
  const namespace: Nested = {}
  for (const [index, object] of objects.entries()) {
    const kind = kindOf(object)
    if (kind === undefined || !isObject(object)) continue
    const { name, namespace: within } = (object['metadata'] ?? {}) as Readonly<Record<string, Json>>
    const root = typeof within === 'string' ? below(namespace, within) : cluster
    const kinds = below(below(root, String(object['apiVersion'])), kind.kind)
    // nothing may hide another object of its name
    const key = typeof name === 'string' && !Object.hasOwn(kinds, name) ? name : `${String(name)} ${index}`
    kinds[key] = object
  }
  return { cluster, namespace } as unknown as Json
}

interface Nested {
  [key: string]: Nested | Json
}

function below(of: Nested, key: string): Nested {
  const known = Object.hasOwn(of, key) ? of[key] : undefined
  if (known !== undefined) return known as Nested
  const made: Nested = Object.create(null) as Nested
  of[key] = made
  return made
}
