import {
  type CheckedPolicy,
  childrenOf,
  ConstantExpressions,
  definedName,
  Fault,
  type FieldNode,
  type InputBinding,
  type Json,
  type Lambda,
  type Node,
  type Reference as Value,
} from '@gatewright/core'
import { literal, textLiteral } from './literal.js'
import { filled, type ParameterSchema, parameterSchema, propertyOf, withDefaults } from './parameters.js'
import type { Scope } from './scope.js'
import { CelUnsupported } from './unsupported.js'

/** An expression that others name as `variables.<name>`. */
export interface CelVariable {
  readonly name: string
  readonly expression: string
}

/** Parameters that are read when an object is judged. */
export interface ParametersAt {
  /** What CEL reads them of: `variables.params` in Gatekeeper. */
  readonly root: string
  /** What has to be there for them to be: the object that they are in, where they are in one of their own. */
  readonly object?: string
  /** Parameters that were set ahead, which others may replace. */
  readonly values: Readonly<Record<string, Json>>
}

/** What one compilation knows: the policy, its parameters or where they are, and the variables that it has made. */
export class Compilation {
  readonly policy: CheckedPolicy
  readonly constants: ConstantExpressions
  readonly #parametersAt: ParametersAt | undefined
  readonly #checks: ParameterCheck[] = []
  readonly #variables: CelVariable[] = []
  readonly #named = new Map<Node, string>()
  readonly #inputs = new Map<string, string>()
  readonly #parameters = new Map<string, string>()
  /** Lists of parameters with their patterns, by the bodies of the loops that look for these. */
  readonly prepared: Map<Node, PreparedList> = new Map()
  #names = 0
  #places = 0

  constructor(policy: CheckedPolicy, parameters: Json | undefined, parametersAt?: ParametersAt) {
    this.policy = policy
    this.constants = new ConstantExpressions(policy, parameters)
    this.#parametersAt = parametersAt
  }

  /** What has to hold of parameters that are read when an object is judged: where it does not, nothing is allowed. */
  get checks(): readonly ParameterCheck[] {
    return this.#checks
  }

  check(check: ParameterCheck): void {
    if (!this.#checks.some(({ holds }) => holds === check.holds)) this.#checks.push(check)
  }

  /** The variable of a parameter that is read when an object is judged, with its default; undefined for what is no parameter. */
  parameter(node: Node): string | undefined {
    const at = this.#parametersAt
    if (at === undefined || node.kind !== 'field' || !this.isParameters(node.of)) return undefined
    const known = this.#parameters.get(node.key)
    if (known !== undefined) return known
    const name = this.variable(node.key, this.#parameter(node, at))
    this.#parameters.set(node.key, name)
    return name
  }

  #parameter(node: FieldNode, at: ParametersAt): string {
    const schema = parameterSchema(this.policy, node.key)
    const preset = Object.hasOwn(at.values, node.key) ? at.values[node.key] : schema.default
    const given = `${at.root}${step(node.key)}.orValue(dyn(null))`
    // gator reads every number as a double
    const own =
      schema.type === 'integer' ? `(type(${given}) == double ? dyn(int(${given})) : ${given})` : given
    const whole = withDefaults(own, schema, node, this)
    if (preset === undefined) return whole
    const printed = literal(filled(preset, schema))
    if (printed === undefined) throw this.refuse(node, 'CEL does not hold its default exactly')
    return `${own} == null ? ${printed} : ${whole}`
  }

  get isAtRunTime(): boolean {
    return this.#parametersAt !== undefined
  }

  /** Whether a number that an expression is has to be an integer: by its schema, or by how it is made. */
  isWhole(node: Node, scope: Scope): boolean {
    if (this.schemaOf(node, scope)?.type === 'integer') return true
    switch (node.kind) {
      case 'literal':
        return Number.isSafeInteger(node.value)
      case 'field':
      case 'variable':
      case 'get':
      case 'at':
        return node.vouched && node.type === 'number'
      case 'narrow':
        return this.isWhole(node.of, scope)
      case 'default':
        return this.isWhole(node.of, scope) && this.isWhole(node.otherwise, scope)
      case 'when':
        return [...node.cases.map((each) => each.then), node.otherwise].every((each) =>
          this.isWhole(each, scope),
        )
      case 'call':
        return node.operator === 'count' || node.operator === 'length'
      default:
        return false
    }
  }

  /** The schema of a part of the parameters; undefined for what is none, or has none. */
  schemaOf(node: Node, scope: Scope): ParameterSchema | undefined {
    switch (node.kind) {
      case 'field':
        if (this.isParameters(node.of)) return parameterSchema(this.policy, node.key)
        return propertyOf(this.schemaOf(node.of, scope), node.key)
      case 'variable':
        return node.index ? undefined : scope.schemas.get(node.id)
      case 'filter':
      case 'find':
        return this.schemaOf(node.list, scope)
      case 'narrow':
        return this.schemaOf(node.of, scope)
      default:
        return undefined
    }
  }

  /** Whether an expression is made of parameters, of some variables, and of nothing that is judged. */
  isOfParameters(node: Node, variables: readonly number[] = []): boolean {
    if (node.kind === 'input') return this.isParameters(node)
    if (node.kind === 'variable') return variables.includes(node.id)
    if (node.kind === 'inventory') return false
    return childrenOf(node).every(([child, bound]) => this.isOfParameters(child, [...variables, ...bound]))
  }

  isParameters(node: Node): boolean {
    return node.kind === 'input' && this.policy.target.inputs[node.name]?.root === 'parameters'
  }

  get variables(): readonly CelVariable[] {
    return this.#variables
  }

  refuse(node: Node | undefined, reason: string): CelUnsupported {
    return new CelUnsupported(this.policy, node, reason)
  }

  /** A name for what an iteration binds. */
  fresh(wanted = 'v'): string {
    const word = /^[a-z][A-Za-z0-9]*$/.test(wanted) && !reserved.has(wanted) ? wanted : 'v'
    return `${word}${++this.#names}`
  }

  /** What stands for a name that is yet to come: no expression has such a character, and so no text in it can be taken for one. */
  place(): string {
    return `\u{E000}${++this.#places}\u{E000}`
  }

  /** Names the element that an iteration over a list binds, and gives the scope of its body. */
  bind(
    { id, name: wanted }: Lambda['element'],
    list: Node,
    scope: Scope,
  ): { readonly name: string; readonly inside: Scope } {
    const name = this.fresh(wanted)
    return { name, inside: this.named(name, [id], list, scope) }
  }

  /** A scope in which the elements of a list, as iterations bind them, have a name. */
  named(name: string, elements: readonly number[], list: Node, scope: Scope): Scope {
    const items = this.schemaOf(list, scope)?.items
    const each = <T>(value: T): readonly (readonly [number, T])[] => elements.map((id) => [id, value])
    return {
      ...scope,
      names: new Map([...scope.names, ...each(name)]),
      ...(items !== undefined && { schemas: new Map([...scope.schemas, ...each(items)]) }),
    }
  }

  isConstant(node: Node, { known }: Scope): boolean {
    return this.constants.isConstant(node, known)
  }

  /** The value of a constant expression, which has to be one that can be had. */
  constant(node: Node, { known }: Scope): Exclude<Value, Fault> {
    const value = this.constants.value(node, known)
    if (value instanceof Fault)
      throw this.refuse(node, `with these parameters it is an error: ${value.message}`)
    return value
  }

  /** Whether an expression reads what an iteration binds around it. */
  isOpen(node: Node): boolean {
    return this.constants.isOpen(node)
  }

  /** Makes a variable of an expression that reads nothing of an iteration, once for each node. */
  shared(node: Node, wanted: string, expression: () => string): string {
    const known = this.#named.get(node)
    if (known !== undefined) return known
    const name = this.variable(definedName(node) ?? wanted, expression())
    this.#named.set(node, name)
    return name
  }

  /** Makes a variable and gives what names it. */
  variable(wanted: string, expression: string): string {
    const same = this.#variables.find((each) => each.expression === expression)
    if (same !== undefined) return `variables.${same.name}`
    const words = wanted.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
    const base = words
      .map(
        (word, i) =>
          (i === 0 ? word.slice(0, 1).toLowerCase() : word.slice(0, 1).toUpperCase()) + word.slice(1),
      )
      .join('')
    const plain = /^[a-z]/.test(base) && !reserved.has(base) ? base : `v${base}`
    let name = plain
    for (let i = 2; this.#variables.some((each) => each.name === name); i++) name = `${plain}${i}`
    this.#variables.push({ name, expression })
    return `variables.${name}`
  }

  /** What stands for an input: a root of CEL, or a variable where it lies elsewhere in each kind. */
  input(node: Node & { readonly kind: 'input' }): string {
    const known = this.#inputs.get(node.name)
    if (known !== undefined) return known
    const binding = this.policy.target.inputs[node.name]
    if (binding === undefined || binding.root === 'parameters')
      throw this.refuse(node, 'it is no part of the request')
    const made = this.#placed(node, node.name, binding)
    this.#inputs.set(node.name, made)
    return made
  }

  #placed(node: Node, name: string, { root, path }: InputBinding): string {
    const read = (steps: readonly string[]): string =>
      steps.length === 0 ? `dyn(${root})` : `${root}${steps.map(step).join('')}.orValue(dyn(null))`
    const [first] = path
    if (first === undefined) return root
    if (typeof first === 'string') return this.variable(name, read(path as readonly string[]))
    const paths = path as readonly Exclude<(typeof path)[number], string>[]
    // kinds whose input lies in the same place share a case; a group more or less makes no other place
    const places = new Map<string, Set<string>>()
    for (const each of paths) {
      const where = read(each.path)
      places.set(where, (places.get(where) ?? new Set()).add(each.kind))
    }
    const kinds = [...places.values()].flatMap((of) => [...of])
    if (new Set(kinds).size < kinds.length)
      throw this.refuse(node, 'two of its kinds have the same name, and have it in different places')
    const cases = [...places].map(([where, of]) => {
      const is = `${root}.?kind.orValue(dyn(null)) in [${[...of].map((kind) => `dyn(${textLiteral(kind)})`).join(', ')}]`
      return `${is} ? ${where}`
    })
    // what is not there is null for some who judge, and an object without anything for others
    return this.variable(name, `${cases.join(' : ')} : dyn(null)`)
  }
}

/** A list of parameters with the patterns that are made of its elements, and what stands for those of one that has a name. */
export interface PreparedList {
  readonly cel: string
  readonly patterns: (name: string) => ReadonlyMap<Node, string>
}

/** What a parameter has to be, beyond what its schema says, as a condition; and what is said where it is not. */
export interface ParameterCheck {
  readonly holds: string
  readonly message: string
}

/** Words that name something else in CEL, or in an admission policy. */
const reserved: ReadonlySet<string> = new Set(
  `as break const continue else false for function if import in let loop namespace null package return true type var void while
  object oldObject request params variables authorizer namespaceObject dyn size has all exists map filter string int double bool list
  optional anyObject gatekeeper_internal`.split(/\s+/),
)

/** A step into a map: by name where CEL has such names, else by key. */
export function step(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !['in', 'true', 'false', 'null'].includes(key)
    ? `.?${key}`
    : `[?${textLiteral(key)}]`
}
