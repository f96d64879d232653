import { type Json } from '../json.js'
import type { DenyNode, FixNode, Node, RuleNode } from '../ir/node.js'
import { inputPath, type InputBinding, type PolicyIr } from '../ir/policy.js'
import { judgedObject, kindOf, type Review } from '../review.js'
import { readsOf, shapeProblems } from '../analysis/reads.js'
import { targetMismatch } from '../target-mismatch.js'
import {
  compareViolations,
  type Fix,
  type Path,
  type Reason,
  type Verdict,
  type Violation,
} from '../verdict.js'
import { canonicalText } from '../json.js'
import { bind, elements, type Environment, evaluate, locate, test } from './evaluate.js'
import { BudgetExceeded, Fault, graver } from './fault.js'
import { holeText } from './call.js'
import { isObject, type Located } from './value.js'

/** How far one evaluation may go, in elements visited; a policy that needs more is an error, never a pass. */
export const defaultBudget = 5_000_000

export interface JudgeOptions {
  /** Elements that one evaluation may visit. */
  readonly budget?: number
}

/**
 * The reference interpreter: judges a review by a policy in the plainest way there is. It is the oracle of every engine.
 *
 * Parameters must already have been checked and given their defaults (`readParameters`). Never throws on data.
 */
export function judge(
  policy: PolicyIr,
  parameters: Json,
  review: Review,
  options: JudgeOptions = {},
): Verdict {
  const mismatch = targetMismatch(policy.target, review)
  if (mismatch !== undefined) return { verdict: 'not-applicable', violations: [], reasons: [mismatch] }
  const environment = environmentOf(policy, parameters, review, options)
  try {
    return judged(policy, environment)
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error
    const reason = { code: 'budget-exceeded', message: error.message }
    return { verdict: 'error', violations: [], reasons: [reason] }
  }
}

/** The environment that a policy's expressions are evaluated in. */
export function environmentOf(
  policy: PolicyIr,
  parameters: Json,
  review: Review,
  options: JudgeOptions = {},
): Environment {
  const inputs = Object.entries(policy.target.inputs).map(
    ([name, binding]) => [name, inputOf(binding, parameters, review)] as const,
  )
  return {
    inputs: Object.fromEntries(inputs),
    variables: new Map(),
    inventory: review.inventory,
    budget: { steps: options.budget ?? defaultBudget },
  }
}

function inputOf(binding: InputBinding, parameters: Json, review: Review): Located {
  const roots = {
    object: review.object,
    oldObject: review.oldObject,
    request: requestOf(review),
    parameters,
  }
  const kind = kindOf(judgedObject(review)) ?? { group: '', kind: '' }
  const path = inputPath(binding, kind)
  if (path === undefined) return { value: undefined, path: undefined }
  let value: Json | undefined = roots[binding.root]
  for (const key of path) {
    value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  }
  const inObject = binding.root === 'object' || binding.root === 'oldObject'
  return { value: value ?? undefined, path: inObject ? path : undefined }
}

/** The request as rules read it; its operation is the review's. */
export function requestOf(review: Review): Json {
  return { ...review.request, ...(review.operation === undefined ? {} : { operation: review.operation }) }
}

function judged(policy: PolicyIr, environment: Environment): Verdict {
  const reads = readsOf(policy)
  const applies = policy.when === undefined ? true : test(policy.when, environment)
  if (applies === false) {
    const problems = shapeProblems(reads.when, environment)
    if (problems.length > 0) return { verdict: 'invalid', violations: [], reasons: problems }
    const reason = { code: 'when', message: "the policy's `when` does not hold" }
    return { verdict: 'not-applicable', violations: [], reasons: [reason] }
  }
  const findings = new Findings(policy)
  for (const rule of policy.rules) run(rule, applies === true ? undefined : applies, environment, findings)
  return findings.verdict(shapeProblems(reads.all, environment))
}

function run(rule: RuleNode, guard: Fault | undefined, environment: Environment, findings: Findings): void {
  switch (rule.kind) {
    case 'deny': {
      const holds = test(rule.if, environment)
      const fault = holds === false ? undefined : graver(guard, holds instanceof Fault ? holds : undefined)
      if (fault !== undefined) findings.fault(fault)
      else if (holds === true) findings.deny(rule, environment)
      return
    }
    case 'onlyIf': {
      const holds = test(rule.if, environment)
      if (holds === false) return
      const inner = graver(guard, holds instanceof Fault ? holds : undefined)
      for (const each of rule.rules) run(each, inner, environment, findings)
      return
    }
    case 'each': {
      const list = elements(rule.list, environment)
      if (list.rest !== undefined) findings.fault(graver(guard, list.rest) as Fault)
      for (const [index, item] of list.items.entries()) {
        const inside = bind(rule, item, index, environment)
        for (const each of rule.rules) run(each, guard, inside, findings)
      }
    }
  }
}

/** Collects what the rules find; a verdict is a set, so equal violations count once. */
class Findings {
  readonly #policy: PolicyIr
  readonly #violations = new Map<string, Violation>()
  readonly #faults = new Map<string, Fault>()

  constructor(policy: PolicyIr) {
    this.#policy = policy
  }

  fault(fault: Fault): void {
    this.#faults.set(`${fault.code} ${fault.message}`, fault)
  }

  deny({ violation }: DenyNode, environment: Environment): void {
    const details = Object.entries(violation.details ?? {}).map(
      ([key, node]) => [key, detailOf(evaluate(node, environment))] as const,
    )
    const found: Violation = {
      policy: this.#policy.id,
      code: violation.code,
      at: violation.at === undefined ? [] : pathOf(violation.at, environment),
      message: holeText(evaluate(violation.message, environment)),
      details: Object.fromEntries(details),
      severity: violation.severity ?? this.#policy.severity,
      fix: (violation.fix ?? []).flatMap((fix) => fixOf(fix, environment)),
    }
    const key = canonicalText([found.code, found.at, found.message, found.details])
    if (!this.#violations.has(key)) this.#violations.set(key, found)
  }

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

function detailOf(value: ReturnType<typeof evaluate>): Json {
  return value === undefined || value instanceof Fault || !isJson(value) ? null : value
}

const isJson = (value: ReturnType<typeof evaluate>): value is Json =>
  !(value instanceof Fault) &&
  (value === null || typeof value !== 'object' || Array.isArray(value) || isObject(value))

const pathOf = (node: Node, environment: Environment): Path => locate(node, environment).path ?? []

/** A fix whose value is missing changes nothing. */
function fixOf(fix: FixNode, environment: Environment): Fix[] {
  const at = pathOf(fix.at, environment)
  if (fix.kind === 'remove') return [{ kind: 'remove', at }]
  const value = detailOf(evaluate(fix.value, environment))
  return value === null ? [] : [{ kind: 'set', at, value }]
}
