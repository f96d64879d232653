import type { KnownVariables, Node } from '@gatewright/core'

/** What stands for the variables of iterations: a value that is known, or a name in CEL. */
export interface Scope {
  readonly known: KnownVariables
  readonly names: ReadonlyMap<number, string>
  /** Expressions that have a name where several parts of a condition look at them. */
  readonly named: ReadonlyMap<Node, string>
}

export const noScope: Scope = { known: new Map(), names: new Map(), named: new Map() }
