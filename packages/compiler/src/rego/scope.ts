import type { Node, OperandType, VariableNode } from '@gatewright/core'
import type { FaultCode } from './fault.js'
import type { Place } from './place.js'
import type { Line, Term } from './syntax.js'

/** What an element of an iteration is: a variable of Rego, or an expression in the scope that it was made in. */
export type Bound =
  | {
      readonly is: 'term'
      readonly term: Term
      readonly type: OperandType
      /** Where it lies, or what is under keys of it: what a policy puts together has no place, but its fields may have. */
      readonly place: (keys: readonly string[]) => Place | undefined
      /** It is, or may be, an object that the policy puts together. */
      readonly hasParts?: boolean
      /** Bodies of which one holds where it cannot be had for a reason. */
      readonly fails?: (code: FaultCode | 'any') => readonly (readonly Line[])[]
      /** Of an iteration over the keys of an object: where that object is. */
      readonly keyOf?: () => Place | undefined
      /** The list that it is an element of, where that is a document's. */
      readonly origin?: Node
    }
  | {
      readonly is: 'node'
      readonly node: Node
      readonly scope: Scope
      /** It is an element of a list that was a value before it was gone through, so that nothing of it has a place. */
      readonly isNowhere?: boolean
    }

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

/** What an expression is once the functions that iterations were given are put in. */
export interface Resolved {
  readonly node: Node
  readonly scope: Scope
  /** It was an element or a field of a record: a list is a value then, which is had whole and whose elements have no places. */
  readonly isHeld?: boolean
  /** It lies in a list that was such a value, so that nothing of it has a place. */
  readonly isNowhere?: boolean
}

export function resolved(node: Node, scope: Scope): Resolved {
  if (node.kind === 'variable') {
    const bound = scope.bound.get(node.id)
    if (bound?.is === 'node') {
      const of = resolved(bound.node, { ...bound.scope, names: scope.names })
      return { ...of, isHeld: true, isNowhere: of.isNowhere === true || bound.isNowhere === true }
    }
  }
  if (node.kind === 'field') {
    const of = resolved(node.of, scope)
    if (of.node.kind === 'record') {
      const field = Object.hasOwn(of.node.fields, node.key) ? of.node.fields[node.key] : undefined
      if (field === undefined) return { node: { kind: 'literal', value: null }, scope }
      const inner = resolved(field, of.scope)
      return { ...inner, isHeld: true, isNowhere: inner.isNowhere === true || of.isNowhere === true }
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
