import {
  type CheckedPolicy,
  describe,
  type Json,
  type Node,
  type OperandType,
  type SourceLocation,
  sourceOf,
  sourceText,
  type VariableNode,
} from '@gatewright/core'
import { sourceOfPart } from '../source-of-part.js'
import { isAlways, isNever, never, tidied } from './body.js'
import { mayFail } from './fault.js'
import { type Entry, libraryNames } from './library.js'
import { freshName, ruleName } from './names.js'
import type { Place } from './place.js'
import { hidden, printRule } from './print.js'
import {
  call,
  type Clause,
  freeIn,
  holds,
  type Line,
  part,
  renamed,
  type Rule,
  rule as ruleTerm,
  type Term,
  variable,
} from './syntax.js'

import type { Read } from './value.js'

/** What an element of an iteration is: a variable of Rego, or an expression in the scope that it was made in. */
export type Bound =
  | {
      readonly is: 'term'
      readonly term: Term
      readonly type: OperandType
      readonly place: () => Place | undefined
      /** Of an iteration over the keys of an object: where that object is. */
      readonly keyOf?: () => Place | undefined
      /** It is an object that the policy put together, and went into a list since. */
      readonly isBuilt?: boolean
      /** The list that it is an element of, where that is a document's. */
      readonly origin?: Node
    }
  | { readonly is: 'node'; readonly node: Node; readonly scope: Scope }

/** What stands for the variables of the IR, and the names that a body has taken. */
export interface Scope {
  readonly bound: ReadonlyMap<number, Bound>
  readonly names: Set<string>
}

/** The scope of a body of its own; what it names is no concern of the body that it is asked in. */
export const forked = ({ bound, names }: Scope): Scope => ({ bound, names: new Set(names) })

export const bind = (scope: Scope, id: number, bound: Bound): Scope => ({
  ...scope,
  bound: new Map([...scope.bound, [id, bound]]),
})

/** Something that Rego cannot say, or that would not mean the same. */
export class RegoUnsupported extends Error {
  override readonly name = 'RegoUnsupported'
  readonly code = 'not-expressible'
  readonly target = 'rego'

  readonly node: Node | undefined
  readonly reason: string
  readonly hint: string

  constructor(
    node: Node | undefined,
    reason: string,
    hint: string,
    source: SourceLocation | undefined = node && sourceOf(node),
  ) {
    const what = node === undefined ? 'the policy' : `\`${describe(node)}\``
    super(
      `${what} cannot be said in Rego: ${reason}${source === undefined ? '' : ` (${sourceText(source)})`}; ${hint}`,
    )
    this.node = node
    this.reason = reason
    this.hint = hint
  }

  /** The same with a place in the source: that of what the node is nearest part of, where it has none itself. */
  placedIn(policy: CheckedPolicy): RegoUnsupported {
    const source = sourceOfPart(this.node, policy)
    return new RegoUnsupported(this.node, this.reason, this.hint, source)
  }
}

/** One run of the compiler over a policy: the rules that were made so far, and their names. */
export class Compilation {
  readonly policy: CheckedPolicy
  readonly entry: Entry
  /** Values that were set ahead; they are the defaults of parameters. */
  readonly values: Readonly<Record<string, Json>>
  /** Whether anything in the policy can fail; most policies have nothing that can. */
  readonly mayFail: boolean
  /** The parameters that were asked for, by name. */
  readonly parameters: Map<string, Read> = new Map()
  /** The rules of inputs that are no documents of their own. */
  readonly inputs: Map<string, Term> = new Map()
  readonly #rules = new Map<string, Rule[]>()
  /** The names of rules that were made, by their texts with the variables' names left out. */
  readonly #known = new Map<string, string>()
  readonly #taken = new Set<string>()
  readonly #variables = new Set<string>()

  constructor(policy: CheckedPolicy, entry: Entry, values: Readonly<Record<string, Json>>) {
    this.policy = policy
    this.entry = entry
    this.values = values
    this.mayFail = mayFail(policy.rules, policy.when)
  }

  /** A rule or function of the library. */
  library(name: string, ...operands: readonly Term[]): Term {
    const path = this.entry === 'opa' ? `lib.${name}` : name
    return operands.length === 0 ? ruleTerm(path) : call(path, ...operands)
  }

  /** A part of the request, in Gatekeeper right where it is handed in. */
  request(...keys: readonly string[]): Term {
    const [first, ...others] = this.entry === 'opa' ? ['request'] : ['input', 'review']
    const root = first === 'input' ? ruleTerm('input') : this.library('request')
    return [...others, ...keys].reduce((of, key) => part(of, key), root)
  }

  /** The rules of a name; none where nothing has it. */
  rules(name: string): readonly Rule[] {
    return this.#rules.get(name) ?? []
  }

  /** Takes a name for a rule. */
  name(suggested: string): string {
    const name = freshName(ruleName(suggested), (each) => this.#isTaken(each) || this.#variables.has(each))
    this.#taken.add(name)
    return name
  }

  #isTaken(name: string): boolean {
    return (
      this.#taken.has(name) || fixedNames.has(name) || (this.entry === 'gatekeeper' && libraryNames.has(name))
    )
  }

  /** Takes a name for a variable of a body. */
  variable({ names }: Scope, suggested: string): string {
    const name = freshName(ruleName(suggested), (each) => names.has(each) || this.#isTaken(each))
    names.add(name)
    this.#variables.add(name)
    return name
  }

  /** Adds a rule under its name. */
  add(rule: Rule): void {
    const known = this.#rules.get(rule.name)
    if (known === undefined) this.#rules.set(rule.name, [rule])
    else known.push(rule)
    this.#taken.add(rule.name)
  }

  /** Adds a rule of a set, unless the same is there already. */
  addOnce(rule: Rule): void {
    const text = printRule(rule, 'v1')
    if (!this.rules(rule.name).some((each) => printRule(each, 'v1') === text)) this.add(rule)
  }

  /** A condition of a name of its own: it holds where one of the bodies does. */
  condition(suggested: string, node: Node | undefined, bodies: readonly (readonly Line[])[]): Line {
    const clauses = bodies.flatMap((body) => tidied({ body }) ?? [])
    if (clauses.length === 0) return never
    if (clauses.some(({ body }) => body.length === 0)) return holds({ kind: 'literal', value: true })
    return holds(this.#made(suggested, node, clauses, false))
  }

  /** A value of a name of its own: that of the first clause whose body holds; where none does, it is undefined. */
  value(suggested: string, node: Node | undefined, clauses: readonly Clause[]): Term {
    const possible = clauses.flatMap((clause) => tidied(clause) ?? [])
    const last = possible.findIndex(({ value, body }) => body.length === 0 && isThere(value))
    const needed = last < 0 ? possible : possible.slice(0, last + 1)
    const [only] = needed
    if (only === undefined) return this.library('nothing')
    if (needed.length === 1 && only.value?.kind === 'literal' && only.body.length === 0) return only.value
    return this.#made(
      suggested,
      node,
      needed.map((clause, index) => (index < needed.length - 1 ? guarded(clause) : clause)),
      true,
    )
  }

  #made(suggested: string, node: Node | undefined, clauses: readonly Clause[], chained: boolean): Term {
    const free = freeIn(clauses)
    const numbers = new Map<string, string>()
    const numbered = (of: string): string => {
      const known = numbers.get(of) ?? `v${numbers.size}`
      numbers.set(of, known)
      return known
    }
    const operands = free.map(numbered)
    const text = shaped('_', operands, renamed(clauses, numbered), chained)
      .map((each) => printRule(each, 'v1'))
      .join('\n')
    const known = this.#known.get(text)
    const name = known ?? this.#fresh(suggested, free)
    if (known === undefined) {
      this.#known.set(text, name)
      this.#taken.add(name)
      const [first, ...others] = shaped(name, free, clauses, chained) as readonly [Rule, ...Rule[]]
      this.add(node === undefined ? first : { ...first, comment: [`${name}: ${oneLine(describe(node))}`] })
      for (const other of others) this.add(other)
    }
    return free.length === 0 ? ruleTerm(name) : call(name, ...free.map(variable))
  }

  #fresh(suggested: string, free: readonly string[]): string {
    return freshName(
      ruleName(suggested),
      (each) => this.#isTaken(each) || this.#variables.has(each) || free.includes(each),
    )
  }
}

/** Clauses as rules of a name: one with the others behind its `else`, or each for itself. */
function shaped(
  name: string,
  operands: readonly string[],
  clauses: readonly Clause[],
  chained: boolean,
): readonly Rule[] {
  const head = operands.length === 0 ? { name } : { name, parameters: operands }
  const [first, ...others] = clauses
  return chained && first !== undefined
    ? [named({ ...head, ...first, ...(others.length > 0 ? { otherwise: others } : {}) })]
    : clauses.map((clause) => named({ ...head, ...clause }))
}

/** Terms that are never undefined. */
const isThere = (term: Term | undefined): boolean =>
  term !== undefined && ['literal', 'variable', 'collect'].includes(term.kind)

/** A clause that another follows needs a body, which fails where its value is undefined. */
function guarded({ value, body }: Clause): Clause {
  if (value === undefined || body.length > 0) return { ...(value && { value }), body }
  const name = freshName('shown', (each) => freeIn([{ value, body }]).includes(each))
  return { value: variable(name), body: [{ kind: 'bind', name, value }] }
}

/** A parameter that a function does not use has no name. */
function named(rule: Rule): Rule {
  if (rule.parameters === undefined) return rule
  const { name: _, parameters: __, otherwise = [], ...first } = rule
  const used = new Set(freeIn([first, ...otherwise]))
  return { ...rule, parameters: rule.parameters.map((each) => (used.has(each) ? each : '_')) }
}

/** The rules that every module has, and documents. */
const fixedNames: ReadonlySet<string> = new Set([
  'violation',
  'fault',
  'misfit',
  'misshapen',
  'skip',
  'decision',
  'given',
  'parameters',
  'found',
  'lib',
])

const oneLine = (text: string): string => {
  const line = text.replace(new RegExp(`${hidden.source}+`, 'g'), ' ')
  return line.length > 160 ? `${line.slice(0, 157)}…` : line
}

/** Lines without those that always hold; one that never does is all. */
export function conjunction(lines: readonly Line[]): readonly Line[] {
  if (lines.some(isNever)) return [never]
  return lines.filter((line) => !isAlways(line))
}

/** What an expression is once the functions that iterations were given are put in. */
export function resolved(node: Node, scope: Scope): { readonly node: Node; readonly scope: Scope } {
  if (node.kind === 'variable') {
    const bound = scope.bound.get(node.id)
    if (bound?.is === 'node') return resolved(bound.node, { ...bound.scope, names: scope.names })
  }
  if (node.kind === 'field') {
    const of = resolved(node.of, scope)
    if (of.node.kind === 'record') {
      const field = Object.hasOwn(of.node.fields, node.key) ? of.node.fields[node.key] : undefined
      return field === undefined
        ? { node: { kind: 'literal', value: null }, scope }
        : resolved(field, of.scope)
    }
  }
  return { node, scope }
}

/** The variable that stands for a variable of the IR. */
export function boundTerm(node: VariableNode, scope: Scope): Extract<Bound, { is: 'term' }> {
  const bound = scope.bound.get(node.id)
  if (bound?.is !== 'term') throw new TypeError(`\`${node.name}\` is not bound`)
  return bound
}
