import type { Json } from '../json.js'
import type { DenyNode, Node, RuleNode } from '../ir/node.js'
import { inputPath, type InputBinding, type PolicyIr } from '../ir/policy.js'
import { judgedObject, kindOf, type Review } from '../review.js'
import { readsOf, shapeProblems } from '../analysis/reads.js'
import { Findings } from '../findings.js'
import { targetMismatch } from '../target-mismatch.js'
import type { Path, Verdict } from '../verdict.js'
import {
  bind,
  type ConditionObserver,
  elements,
  type Environment,
  evaluate,
  locate,
  test,
} from './evaluate.js'
import { BudgetExceeded, Fault, graver } from './fault.js'
import { isObject, type Located, type Value } from './value.js'

/** How far one evaluation may go, in elements visited; a policy that needs more is an error, never a pass. */
export const defaultBudget = 5_000_000

export interface JudgeOptions {
  /** Elements that one evaluation may visit. */
  readonly budget?: number
  /** The review is known to fit its schema wherever the policy reads it, so that an engine need not look. */
  readonly fits?: boolean
  /** Is told of each condition that decides, not of those in what a violation says; the reference interpreter alone does so. */
  readonly observe?: ConditionObserver
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
  const kind = kindOf(judgedObject(review)) ?? { group: '', kind: '' }
  const inputs = Object.entries(policy.target.inputs).map(
    ([name, binding]) => [name, inputValue(binding, kind, parameters, review)] as const,
  )
  return {
    inputs: Object.fromEntries(inputs),
    variables: new Map(),
    inventory: review.inventory,
    budget: { steps: options.budget ?? defaultBudget },
    observe: options.observe,
  }
}

/** The value of an input of a target, and its place where it lies in the judged object. */
export function inputValue(
  binding: InputBinding,
  kind: { readonly group: string; readonly kind: string },
  parameters: Json,
  review: Review,
): Located {
  const path = inputPath(binding, kind)
  if (path === undefined) return { value: undefined, path: undefined }
  const place = binding.root === 'object' || binding.root === 'oldObject' ? path : undefined
  let value: Value = rootOf(binding.root, parameters, review)
  for (const [depth, key] of path.entries()) {
    if (value === undefined || value === null || value instanceof Fault) break
    if (!isObject(value)) return { value: undefined, path: place, misshapen: path.slice(0, depth) }
    value = Object.hasOwn(value, key) ? value[key] : undefined
  }
  return { value: value ?? undefined, path: place }
}

function rootOf(root: InputBinding['root'], parameters: Json, review: Review): Json | undefined {
  switch (root) {
    case 'object':
      return review.object
    case 'oldObject':
      return review.oldObject
    case 'request':
      return requestOf(review)
    case 'parameters':
      return parameters
  }
}

/** The request as rules read it; its operation is the review's. */
export function requestOf(review: Review): Json {
  const { request } = review
  if (
    request !== undefined &&
    Object.hasOwn(request, 'operation') &&
    request['operation'] === review.operation
  )
    return request
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
      else if (holds === true) report(rule, environment, findings)
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

function report({ violation }: DenyNode, around: Environment, findings: Findings): void {
  const environment = around.observe === undefined ? around : { ...around, observe: undefined }
  const pathOf = (node: Node): Path => locate(node, environment).path ?? []
  findings.add({
    node: violation,
    at: violation.at === undefined ? [] : pathOf(violation.at),
    message: evaluate(violation.message, environment),
    details: Object.entries(violation.details ?? {}).map(
      ([key, node]) => [key, evaluate(node, environment)] as const,
    ),
    fix: (violation.fix ?? []).map((fix) => ({
      kind: fix.kind,
      at: pathOf(fix.at),
      value: fix.kind === 'set' ? evaluate(fix.value, environment) : undefined,
    })),
  })
}
