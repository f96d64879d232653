import { canonicalText, type Json } from './json.js'
import type { ViolationNode } from './ir/node.js'
import type { PolicyIr } from './ir/policy.js'
import { holeText } from './reference/call.js'
import { Fault } from './reference/fault.js'
import { isObject, type Value } from './reference/value.js'
import { wellFormed } from './values/text.js'
import {
  compareViolations,
  type Fix,
  type Path,
  type Reason,
  type Verdict,
  type Violation,
} from './verdict.js'

/** What an engine found for a deny, before it is made a violation. */
export interface Found {
  readonly node: ViolationNode
  readonly at: Path
  readonly message: Value
  readonly details: readonly (readonly [key: string, value: Value])[]
  readonly fix: readonly { readonly kind: 'set' | 'remove'; readonly at: Path; readonly value: Value }[]
}

/** Collects what the rules of a policy find, and gives the verdict. Violations are a set: equal ones count once (law 8). */
export class Findings {
  readonly #policy: PolicyIr
  readonly #violations = new Map<string, Violation>()
  readonly #faults = new Map<string, Fault>()

  constructor(policy: PolicyIr) {
    this.#policy = policy
  }

  fault(fault: Fault): void {
    this.#faults.set(`${fault.code} ${fault.message}`, fault)
  }

  add({ node, at, message, details, fix }: Found): void {
    const found: Violation = {
      policy: this.#policy.id,
      code: node.code,
      at,
      message: holeText(message),
      details: Object.fromEntries(details.map(([key, value]) => [key, detailOf(value)])),
      severity: node.severity ?? this.#policy.severity,
      fix: fix.flatMap(fixOf),
    }
    const key = canonicalText([found.code, found.at, found.message, found.details])
    if (!this.#violations.has(key)) this.#violations.set(key, found)
  }

  /** The verdict, with where the object does not fit its schema. */
  verdict(problems: readonly Reason[]): Verdict {
    const violations = [...this.#violations.values()].toSorted(compareViolations)
    const faults = [...this.#faults.values()]
    const reasons = [...faults.map(({ code, message }) => ({ code, message })), ...problems]
    const verdict = faults.some((fault) => fault.kind === 'error')
      ? 'error'
      : violations.length > 0
        ? 'denied'
        : problems.length > 0
          ? 'invalid'
          : faults.length > 0
            ? 'undetermined'
            : 'allowed'
    return { verdict, violations, reasons }
  }
}

/** A detail is a JSON value of well-formed texts (law 7); what is missing or cannot be had is null. */
function detailOf(value: Value): Json {
  if (value === undefined || value instanceof Fault) return null
  if (value === null || typeof value !== 'object' || Array.isArray(value) || isObject(value))
    return wellFormedJson(value as Json)
  return 'coefficient' in value ? value : null
}

function wellFormedJson(value: Json): Json {
  if (typeof value === 'string') return wellFormed(value)
  if (Array.isArray(value)) return (value as readonly Json[]).map(wellFormedJson)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [wellFormed(key), wellFormedJson(each as Json)]),
  )
}

/** A fix whose value is missing changes nothing. */
function fixOf({ kind, at, value }: Found['fix'][number]): Fix[] {
  if (kind === 'remove') return [{ kind, at }]
  const given = detailOf(value)
  return given === null ? [] : [{ kind, at, value: given }]
}
