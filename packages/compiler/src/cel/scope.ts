import type { KnownVariables, Node } from '@gatewright/core'
import type { ParameterSchema } from './parameters.js'

/** What stands for the variables of iterations: a value that is known, or a name in CEL. */
export interface Scope {
  readonly known: KnownVariables
  readonly names: ReadonlyMap<number, string>
  /** Expressions that have a name where several parts of a condition look at them. */
  readonly named: ReadonlyMap<Node, string>
  /** Where images lie that several parts of a condition look at. */
  readonly places: ReadonlyMap<Node, string>
  /** What is made of parameters before an object is there, to look at objects by: by the operand that it is of. */
  readonly patterns: ReadonlyMap<Node, string>
  /** The schemas of what iterations bind, where it is a part of the parameters. */
  readonly schemas: ReadonlyMap<number, ParameterSchema>
}

export const noScope: Scope = {
  known: new Map(),
  names: new Map(),
  named: new Map(),
  places: new Map(),
  patterns: new Map(),
  schemas: new Map(),
}

/** A scope for what becomes a variable of the policy, where names that stand for expressions in one place mean nothing. */
export const ofVariables = (scope: Scope): Scope => ({ ...scope, named: new Map(), places: new Map() })
