import {
  BudgetExceeded,
  type CheckedPolicy,
  defaultBudget,
  Findings,
  type Json,
  judge,
  type JudgeOptions,
  readsOf,
  type Review,
  type RuleNode,
  type Verdict,
  type ViolationNode,
} from '@gatewright/core'
import { condition } from './condition.js'
import { bail, Compilation, type Frame, type Plainly } from './frame.js'
import { compileInputs, compileTarget, seen } from './inputs.js'
import { binding, counted, walk } from './list.js'
import { pathOf } from './path.js'
import { type Fits, fits } from './shape.js'
import { value } from './value.js'

/** A policy as a tree of closures: no source is generated and none evaluated. */
export interface CompiledPolicy {
  judge(parameters: Json, review: Review, options?: JudgeOptions): Verdict
}

type RunRule = (frame: Frame) => void

/**
 * Compiles a policy to closures. They answer what is plainly allowed or denied; what does not fit its schema, is unknown or
 * fails is judged by the reference interpreter, which knows all six verdicts. `plainly`, which was emitted ahead, is asked first.
 */
export function compileJavaScript(policy: CheckedPolicy, plainly?: Plainly): CompiledPolicy {
  const to = new Compilation(Object.keys(policy.target.inputs), true)
  const when = policy.when === undefined ? undefined : condition(policy.when, to)
  const rules = policy.rules.map((rule) => compileRule(rule, to))
  const shapes = shapesOf(policy)
  const mismatchOf = compileTarget(policy.target)
  const inputsOf = compileInputs(policy)
  return {
    judge: (parameters, review, options = {}) => {
      const of = seen(review)
      const mismatch = mismatchOf(of)
      if (mismatch !== undefined) return { verdict: 'not-applicable', violations: [], reasons: [mismatch] }
      try {
        const { values, paths } = inputsOf(of, parameters)
        const answer = plainly === undefined ? undefined : ask(plainly, values, review, options)
        if (answer !== undefined) return answer === 'allowed' ? allowed : notApplicable
        for (const { slot, check, ofParameters } of shapes) {
          if (options.fits === true && !ofParameters) continue
          if (paths[slot] !== undefined && !check(values[slot]))
            return judge(policy, parameters, review, options)
        }
        const frame: Frame = {
          inputs: values,
          paths,
          elements: [],
          positions: [],
          origins: [],
          inventory: review.inventory,
          steps: options.budget ?? defaultBudget,
          findings: undefined,
        }
        if (when !== undefined && !when(frame)) return notApplicable
        for (const rule of rules) rule(frame)
        return frame.findings === undefined ? allowed : frame.findings.verdict([])
      } catch (reason) {
        if (reason === bail) return judge(policy, parameters, review, options)
        if (!(reason instanceof BudgetExceeded)) throw reason
        return {
          verdict: 'error',
          violations: [],
          reasons: [{ code: 'budget-exceeded', message: reason.message }],
        }
      }
    },
  }

  function compileRule(rule: RuleNode, within: Compilation): RunRule {
    switch (rule.kind) {
      case 'deny': {
        const holds = condition(rule.if, within)
        const report = compileViolation(rule.violation, within)
        return (frame) => {
          if (holds(frame)) report(frame)
        }
      }
      case 'onlyIf': {
        const holds = condition(rule.if, within)
        const inner = rule.rules.map((each) => compileRule(each, within))
        return (frame) => {
          if (holds(frame)) for (const each of inner) each(frame)
        }
      }
      case 'each': {
        const inner = rule.rules.map((each) => compileRule(each, within))
        const bound = binding(rule)
        return counted(
          rule,
          walk(rule.list, within, (frame, element, position, origin) => {
            bound(frame, element, position, origin)
            for (const each of inner) each(frame)
            return false
          }),
        )
      }
    }
  }

  function compileViolation(violation: ViolationNode, trusting: Compilation): RunRule {
    // no check of shapes covers what only a report reads
    const distrusting = trusting.distrusting()
    const message = value(violation.message, distrusting)
    const at = violation.at === undefined ? undefined : pathOf(violation.at, distrusting)
    const details = Object.entries(violation.details ?? {}).map(
      ([key, node]) => [key, value(node, distrusting)] as const,
    )
    const fixes = (violation.fix ?? []).map((fix) => ({
      kind: fix.kind,
      at: pathOf(fix.at, distrusting),
      value: fix.kind === 'set' ? value(fix.value, distrusting) : undefined,
    }))
    return (frame) => {
      frame.findings ??= new Findings(policy)
      frame.findings.add({
        node: violation,
        at: at?.(frame) ?? [],
        message: message(frame) as Json | undefined,
        details: details.map(([key, run]) => [key, run(frame) as Json | undefined] as const),
        fix: fixes.map((fix) => ({
          kind: fix.kind,
          at: fix.at(frame) ?? [],
          value: fix.value?.(frame) as Json | undefined,
        })),
      })
    }
  }
}

/** What an emitted function plainly says; the closures go into what it gives up on. */
function ask(
  plainly: Plainly,
  inputs: readonly unknown[],
  { inventory }: Review,
  { budget = defaultBudget }: JudgeOptions,
): ReturnType<Plainly> {
  try {
    return plainly(budget, inventory, inputs)
  } catch (reason) {
    if (reason === bail) return undefined
    throw reason
  }
}

const allowed: Verdict = { verdict: 'allowed', violations: [], reasons: [] }
const notApplicable: Verdict = {
  verdict: 'not-applicable',
  violations: [],
  reasons: [{ code: 'when', message: "the policy's `when` does not hold" }],
}

interface Shape {
  readonly slot: number
  readonly check: Fits
  readonly ofParameters: boolean
}

function shapesOf(policy: CheckedPolicy): readonly Shape[] {
  const { inputs } = policy.target
  const names = Object.keys(inputs)
  return [...readsOf(policy).all].flatMap(([name, tree]) => {
    const check = fits(tree)
    const ofParameters = inputs[name]?.root === 'parameters'
    return check === undefined ? [] : [{ slot: names.indexOf(name), check, ofParameters }]
  })
}
