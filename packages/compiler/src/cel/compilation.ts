import {
  type CheckedPolicy,
  ConstantExpressions,
  definedName,
  Fault,
  type InputBinding,
  type Json,
  type Lambda,
  type Node,
  type Reference as Value,
} from '@gatewright/core'
import { textLiteral } from './literal.js'
import type { Scope } from './scope.js'
import { CelUnsupported } from './unsupported.js'

/** An expression that others name as `variables.<name>`. */
export interface CelVariable {
  readonly name: string
  readonly expression: string
}

/** What one compilation knows: the policy with its parameters, and the variables that it has made. */
export class Compilation {
  readonly policy: CheckedPolicy
  readonly constants: ConstantExpressions
  readonly #variables: CelVariable[] = []
  readonly #named = new Map<Node, string>()
  readonly #inputs = new Map<string, string>()
  #names = 0
  #places = 0

  constructor(policy: CheckedPolicy, parameters: Json) {
    this.policy = policy
    this.constants = new ConstantExpressions(policy, parameters)
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

  /** Names the element that an iteration binds, and gives the scope of its body. */
  bind(
    { id, name: wanted }: Lambda['element'],
    scope: Scope,
  ): { readonly name: string; readonly inside: Scope } {
    const name = this.fresh(wanted)
    return { name, inside: { ...scope, names: new Map([...scope.names, [id, name]]) } }
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
      const is = `${root}.kind in [${[...of].map(textLiteral).join(', ')}]`
      return `${is} ? ${where}`
    })
    return this.variable(name, `${root} == null ? dyn(null) : ${cases.join(' : ')} : dyn(null)`)
  }
}

/** Words that name something else in CEL, or in an admission policy. */
const reserved: ReadonlySet<string> = new Set(
  `as break const continue else false for function if import in let loop namespace null package return true type var void while
  object oldObject request params variables authorizer namespaceObject dyn size has all exists map filter string int double bool list
  optional anyObject`.split(/\s+/),
)

/** A step into a map: by name where CEL has such names, else by key. */
export function step(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !['in', 'true', 'false', 'null'].includes(key)
    ? `.?${key}`
    : `[?${textLiteral(key)}]`
}
