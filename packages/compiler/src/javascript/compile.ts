import {
  BudgetExceeded,
  type CheckedPolicy,
  defaultBudget,
  Findings,
  inputValue,
  type Json,
  judge,
  judgedObject,
  type JudgeOptions,
  kindOf,
  type Path,
  readsOf,
  type Review,
  type RuleNode,
  targetMismatch,
  type Verdict,
  type ViolationNode,
} from '@gatewright/core'
import { condition } from './condition.js'
import { bail, Compilation, type Frame } from './frame.js'
import { binding, counted, walk } from './list.js'
import { pathOf } from './path.js'
import { type Fits, fits } from './shape.js'
import { value } from './value.js'

/** A policy as a tree of closures: no source is generated and none evaluated. */
export interface CompiledPolicy {
  judge(parameters: Json, review: Review, options?: JudgeOptions): Verdict
}

type RunRule = (frame: Frame, findings: Findings) => void

/**
 * Compiles a policy to closures. They answer what is plainly allowed or denied; what does not fit its schema, is unknown or
 * fails is judged by the reference interpreter, which knows all six verdicts.
 */
export function compileJavaScript(policy: CheckedPolicy): CompiledPolicy {
  const inputNames = Object.keys(policy.target.inputs)
  const to = new Compilation(inputNames, true)
  const when = policy.when === undefined ? undefined : condition(policy.when, to)
  const rules = policy.rules.map((rule) => compileRule(rule, to))
  const shapes = shapesOf(policy)
  return {
    judge: (parameters, review, options = {}) => {
      const mismatch = targetMismatch(policy.target, review)
      if (mismatch !== undefined) return { verdict: 'not-applicable', violations: [], reasons: [mismatch] }
      const frame = frameOf(policy, inputNames, parameters, review, options)
      for (const { slot, check } of shapes) {
        if (frame.paths[slot] !== undefined && !check(frame.inputs[slot])) {
          return judge(policy, parameters, review, options)
        }
      }
      try {
        if (when !== undefined && !when(frame)) {
          const reason = { code: 'when', message: "the policy's `when` does not hold" }
          return { verdict: 'not-applicable', violations: [], reasons: [reason] }
        }
        const findings = new Findings(policy)
        for (const rule of rules) rule(frame, findings)
        return findings.verdict([])
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
}

function shapesOf(policy: CheckedPolicy): readonly { readonly slot: number; readonly check: Fits }[] {
  const names = Object.keys(policy.target.inputs)
  return [...readsOf(policy).all].flatMap(([name, tree]) => {
    const check = fits(tree)
    return check === undefined ? [] : [{ slot: names.indexOf(name), check }]
  })
}

function frameOf(
  policy: CheckedPolicy,
  names: readonly string[],
  parameters: Json,
  review: Review,
  options: JudgeOptions,
): Frame {
  const kind = kindOf(judgedObject(review)) ?? { group: '', kind: '' }
  const inputs: unknown[] = []
  const paths: (Path | undefined)[] = []
  for (const name of names) {
    const located = inputValue(policy.target.inputs[name] as never, kind, parameters, review)
    inputs.push(located.value)
    paths.push(located.path)
  }
  return {
    inputs,
    paths,
    elements: [],
    positions: [],
    origins: [],
    inventory: review.inventory,
    steps: options.budget ?? defaultBudget,
  }
}

function compileRule(rule: RuleNode, to: Compilation): RunRule {
  switch (rule.kind) {
    case 'deny': {
      const holds = condition(rule.if, to)
      const report = compileViolation(rule.violation, to)
      return (frame, findings) => {
        if (holds(frame)) report(frame, findings)
      }
    }
    case 'onlyIf': {
      const holds = condition(rule.if, to)
      const rules = rule.rules.map((each) => compileRule(each, to))
      return (frame, findings) => {
        if (holds(frame)) for (const each of rules) each(frame, findings)
      }
    }
    case 'each': {
      const rules = rule.rules.map((each) => compileRule(each, to))
      const bound = binding(rule)
      let findings: Findings | undefined
      const run = counted(
        rule,
        walk(rule.list, to, (frame, element, position, origin) => {
          bound(frame, element, position, origin)
          for (const each of rules) each(frame, findings as Findings)
          return false
        }),
      )
      return (frame, into) => {
        findings = into
        run(frame)
      }
    }
  }
}

function compileViolation(violation: ViolationNode, trusting: Compilation): RunRule {
  const to = trusting.distrusting()
  const message = value(violation.message, to)
  const at = violation.at === undefined ? undefined : pathOf(violation.at, to)
  const details = Object.entries(violation.details ?? {}).map(
    ([key, node]) => [key, value(node, to)] as const,
  )
  const fixes = (violation.fix ?? []).map((fix) => ({
    kind: fix.kind,
    at: pathOf(fix.at, to),
    value: fix.kind === 'set' ? value(fix.value, to) : undefined,
  }))
  return (frame, findings) => {
    findings.add({
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
