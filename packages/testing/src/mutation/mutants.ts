import {
  check,
  type CheckedPolicy,
  defaultOperations,
  describeRule,
  everyNode,
  type Json,
  type Node,
  type Policy,
  type PolicyIr,
  type RuleNode,
  type SourceLocation,
  sourceOf,
} from '@gatewright/core'
import { changesOf, firstOnly, quoted } from './changes.js'
import type { MutationOperator } from './operators.js'
import { decidingNode, type Place, placesOf } from './places.js'
import { rewritten } from './rewrite.js'
import { shortName } from './short-name.js'
import { Structures } from './structure.js'

/** A policy with one thing changed, as somebody could have written it by mistake. */
export interface Mutant {
  /** The same as long as what was changed reads the same: `flip-missing-1x9k2a0`. */
  readonly id: string
  readonly operator: MutationOperator
  /** What was changed, in words. */
  readonly change: string
  /** Where the author wrote what was changed. */
  readonly source: SourceLocation | undefined
  readonly ir: CheckedPolicy
}

interface Draft {
  readonly operator: MutationOperator
  readonly change: string
  readonly source: SourceLocation | undefined
  readonly ir: PolicyIr
}

/** The mutants of a policy: each passes `check`, and no two of them, nor one and the policy, are equal. */
export function mutantsOf(policy: Policy): readonly Mutant[] {
  const structures = new Structures()
  const seen = new Set([structures.of(policy.ir)])
  const taken = new Map<string, number>()
  const mutants: Mutant[] = []
  for (const { operator, change, source, ir } of drafts(policy)) {
    const structure = structures.of(ir)
    if (seen.has(structure)) continue
    const result = check(ir)
    if ('problems' in result) continue
    seen.add(structure)
    const name = `${operator}-${shortName(change)}`
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    mutants.push({ id: count === 1 ? name : `${name}-${count}`, operator, change, source, ir: result })
  }
  return mutants
}

/** A policy value of a mutant, with the parameters of the policy. */
export function mutantPolicy(policy: Policy, mutant: Pick<Mutant, 'ir'>): Policy {
  const withIr = (of: Policy): Policy => ({
    id: of.id,
    ir: mutant.ir,
    parameters: of.parameters,
    values: of.values,
    source: of.source,
    with: (values) => withIr(of.with(values)),
  })
  return withIr(policy)
}

function* drafts(policy: Policy): Generator<Draft> {
  const { ir } = policy
  yield* ofTarget(policy)
  if (ir.when !== undefined) {
    const { when, ...rest } = ir
    yield {
      operator: 'drop-when',
      change: `the policy's \`when\` ${quoted(when)} is gone`,
      source: sourceOf(when),
      ir: rest,
    }
  }
  yield* ofRules(policy, ir.rules)
  const places = placesOf(policy)
  for (const { node, isCondition, source } of places) {
    for (const { operator, change, instead } of changesOf(node, isCondition))
      yield {
        operator,
        change,
        source,
        ir: rewritten(ir, { node: (each) => (each === node ? instead : undefined) }),
      }
  }
  const free = freeVariable(ir)
  for (const { node, isIterated, source } of places) {
    if (!isIterated || node.kind === 'literal') continue
    const instead = firstOnly(node, free)
    yield {
      operator: 'first-only',
      change: `only the first element of ${quoted(node)} is looked at`,
      source,
      ir: rewritten(ir, { node: (each) => (each === node ? instead : undefined) }),
    }
  }
  yield* ofParameters(ir, places)
}

function* ofTarget({ ir, source }: Policy): Generator<Draft> {
  const { kinds, operations = kinds === undefined ? [] : defaultOperations } = ir.target
  if (operations.length < 2) return
  for (const skipped of operations)
    yield {
      operator: 'skip-operation',
      change: `\`${skipped}\` is not judged`,
      source,
      ir: { ...ir, target: { ...ir.target, operations: operations.filter((each) => each !== skipped) } },
    }
}

function* ofRules(policy: Policy, rules: readonly RuleNode[]): Generator<Draft> {
  const { ir } = policy
  for (const rule of rules) {
    const source = sourceOf(rule) ?? sourceOf(decidingNode(rule)) ?? policy.source
    const withoutIt = rewritten(ir, { rule: (each) => (each === rule ? [] : undefined) })
    if (withoutIt.rules.length > 0)
      yield {
        operator: 'drop-rule',
        change: `the rule \`${describeRule(rule)}\` is left out`,
        source,
        ir: withoutIt,
      }
    if (rule.kind === 'onlyIf')
      yield {
        operator: 'drop-when',
        change: `the rules under ${quoted(rule.if)} stand under no condition`,
        source,
        ir: rewritten(ir, { rule: (each) => (each === rule ? rule.rules : undefined) }),
      }
    if (rule.kind !== 'deny') yield* ofRules(policy, rule.rules)
  }
}

/** A parameter that nobody reads any more, wherever it is read. */
function* ofParameters(ir: PolicyIr, places: readonly Place[]): Generator<Draft> {
  const keys = new Map<string, SourceLocation | undefined>()
  for (const { node, source } of places)
    if (isParameter(node) && !keys.has(node.key)) keys.set(node.key, source)
  for (const [key, source] of keys) {
    const value = ignoredValue(ir.parameters, key)
    const instead: Node = { kind: 'literal', value }
    yield {
      operator: 'ignore-parameter',
      change: `the parameter \`${key}\` is ignored: it is always ${value === null ? 'missing' : quoted(instead)}`,
      source,
      ir: rewritten(ir, { node: (each) => (isParameter(each) && each.key === key ? instead : undefined) }),
    }
  }
}

const isParameter = (node: Node): node is Node & { readonly kind: 'field' } =>
  node.kind === 'field' && node.of.kind === 'input' && node.of.name === 'parameters'

/** A parameter's default; where it has none, missing where it may be, else the emptiest value of its type. */
function ignoredValue(schema: Json | undefined, key: string): Json {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    readonly properties?: Readonly<Record<string, { readonly type?: string; readonly default?: Json }>>
    readonly required?: readonly string[]
  }
  const of = Object.hasOwn(properties, key) ? properties[key] : undefined
  if (of?.default !== undefined) return of.default
  if (!required.includes(key)) return null
  const empty: Readonly<Record<string, Json>> = {
    string: '',
    number: 0,
    integer: 0,
    boolean: false,
    array: [],
    object: {},
  }
  return empty[of?.type ?? ''] ?? null
}

function freeVariable(ir: PolicyIr): number {
  let most = 0
  for (const node of everyNode(ir)) {
    if (node.kind === 'variable') most = Math.max(most, node.id)
    if ('lambda' in node) most = Math.max(most, node.lambda.element.id, node.lambda.index.id)
  }
  const inRules = (rules: readonly RuleNode[]): void => {
    for (const rule of rules) {
      if (rule.kind === 'each') most = Math.max(most, rule.element.id, rule.index.id)
      if (rule.kind !== 'deny') inRules(rule.rules)
    }
  }
  inRules(ir.rules)
  return most + 1
}
