import {
  type CheckedPolicy,
  childrenOf,
  describe,
  everyNode,
  type Node,
  type OperandType,
  patternFault,
  type PolicyIr,
  sourceText,
  typeOf,
  type VariableNode,
} from '@gatewright/core'
import { sourceOfPart } from '../source-of-part.js'
import type { Code, Label } from './code.js'
import { type Layout, tags } from './layout.js'
import type { Runtime } from './runtime.js'

/** A policy that this back end cannot compile: what it is that it cannot say, and where the policy says it. */
export class WasmUnsupported extends Error {
  override readonly name = 'WasmUnsupported'
  readonly code = 'unsupported'

  constructor(policy: PolicyIr, node: Node | undefined, what: string, help?: string) {
    const source = sourceOfPart(node, policy)
    const where = source === undefined ? '' : ` (${sourceText(source)})`
    const said = node === undefined ? '' : `: \`${describe(node)}\``
    super(
      `policy \`${policy.id}\` cannot be compiled to WebAssembly: ${what}${said}${where}${help === undefined ? '' : `; ${help}`}`,
    )
  }
}

/** What an iteration has bound: where its element is, and how its place is had. */
export interface Binding {
  readonly value: number
  readonly index: number
  /** Leaves the place on the stack. */
  readonly place: () => void
}

/** The state of compiling one policy to a function. */
export class Compilation {
  readonly policy: CheckedPolicy
  readonly code: Code
  readonly layout: Layout
  readonly bound: Map<number, Binding> = new Map()
  /** Tables of the inputs, and the locals that hold their values. */
  readonly inputs: Map<string, { readonly table: number; readonly local: number }> = new Map()
  readonly #runtime: Runtime
  readonly #canFail: boolean
  readonly #counted: ReadonlySet<number>
  readonly #failing = new Map<Node, boolean>()
  /** Leaving it gives up on the policy. */
  end: Label = { depth: 0 }

  constructor(policy: CheckedPolicy, code: Code, layout: Layout, runtime: Runtime) {
    this.policy = policy
    this.code = code
    this.layout = layout
    this.#runtime = runtime
    const nodes = [...everyNode(policy)]
    this.#canFail = nodes.some(isFailing)
    this.#counted = new Set(
      nodes.flatMap((node) => (node.kind === 'variable' && node.index ? [node.id] : [])),
    )
  }

  /** Calls a function of the runtime. */
  call(name: string): void {
    const index = this.#runtime.functions.get(name)
    if (index === undefined) throw new TypeError(`the runtime has no function \`${name}\``)
    this.code.call(index)
  }

  binding({ id, index }: VariableNode): Binding {
    const binding = this.bound.get(index ? id - 1 : id)
    if (binding === undefined) throw new TypeError(`the variable ${id} is not bound`)
    return binding
  }

  /** Whether an expression asks for the position that an iteration binds. */
  isCounted(index: VariableNode): boolean {
    return this.#counted.has(index.id)
  }

  /** Whether an expression may be a fault. Where nothing in a policy can fail, no code looks for faults. */
  mayFail(node: Node): boolean {
    if (!this.#canFail) return false
    let known = this.#failing.get(node)
    if (known === undefined) {
      known =
        isFailing(node) || node.kind === 'variable' || childrenOf(node).some(([child]) => this.mayFail(child))
      this.#failing.set(node, known)
    }
    return known
  }
}

const failing: ReadonlySet<string> = new Set(['plus', 'minus', 'times', 'sum', 'quantity.plus'])

/** Whether a node can give a fault that none of its parts gave. */
function isFailing(node: Node): boolean {
  if (node.kind === 'inventory') return true
  if (node.kind !== 'call') return false
  if (node.operator !== 'like' && node.operator !== 'matches') return failing.has(node.operator)
  const pattern = node.arguments[1]
  return pattern?.kind !== 'literal' || patternFault(node.operator, pattern.value) !== undefined
}

/** The tags that values of a type have, a bit for each; undefined where all do. */
export function maskOf(type: OperandType): number | undefined {
  switch (type) {
    case 'string':
      return 1 << tags.string
    case 'number':
      return 1 << tags.number
    case 'boolean':
      return (1 << tags.false) | (1 << tags.true)
    case 'string-or-number':
      return (1 << tags.string) | (1 << tags.number)
    case 'scalar':
      return (1 << tags.string) | (1 << tags.number) | (1 << tags.false) | (1 << tags.true)
    case 'list':
      return 1 << tags.list
    case 'object':
      return 1 << tags.object
    case 'quantity':
    case 'duration':
    case 'timestamp':
    case 'semver':
      return 1 << tags[type]
    case 'unknown':
    case 'any':
      return undefined
  }
}

/** Nodes whose values are what a document has, whatever they declare. */
const reads: ReadonlySet<Node['kind']> = new Set(['input', 'field', 'get', 'at', 'find', 'default', 'when'])

/** The type that a node's value has whenever it is there, whatever is judged; undefined where that cannot be said. */
export function sureType(node: Node): OperandType | undefined {
  if (node.kind === 'variable') return node.index ? node.type : undefined
  return reads.has(node.kind) ? undefined : typeOf(node)
}
