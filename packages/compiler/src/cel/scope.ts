import type { KnownVariables } from '@gatewright/core'

/** What stands for the variables of iterations: a value that is known, or a name in CEL. */
export interface Scope {
  readonly known: KnownVariables
  readonly names: ReadonlyMap<number, string>
}

export const noScope: Scope = { known: new Map(), names: new Map() }
