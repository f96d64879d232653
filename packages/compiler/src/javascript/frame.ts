import { BudgetExceeded, type Findings, type Inventory, type Path, type VariableNode } from '@gatewright/core'

/**
 * What one evaluation stands in. Variables have slots by their number, so that nothing is allocated while lists are walked:
 * the element, its position in the list that it comes from, and which of the compiled lists that is.
 */
export interface Frame {
  readonly inputs: readonly unknown[]
  readonly elements: unknown[]
  readonly positions: number[]
  readonly origins: number[]
  readonly inventory: Inventory | undefined
  /** Paths of the inputs, for the places of violations. */
  readonly paths: readonly (Path | undefined)[]
  steps: number
  /** What was found so far; nothing is made until something is. */
  findings: Findings | undefined
}

/** Thrown where an answer needs more than two truth values: the reference interpreter then gives it. One object, no stack. */
export const bail: { readonly bail: true } = { bail: true }

/** Binds a variable for what follows. Each element costs a step. */
export function bindElement(
  frame: Frame,
  id: number,
  element: unknown,
  position: number,
  origin: number,
): void {
  if (--frame.steps < 0) throw new BudgetExceeded('the evaluation took more steps than it may')
  frame.elements[id] = element
  frame.positions[id] = position
  frame.origins[id] = origin
}

/** A compiled expression: its value, undefined where it is missing. */
export type Run<T> = (frame: Frame) => T

/** Takes an element of a list; true ends the walk. */
export type Visit = (frame: Frame, element: unknown, position: number, origin: number) => boolean

/** Where something lies in the judged object. */
export interface Place {
  readonly path: Path | undefined
  /** The path has ended at a computed key, so that nothing below is part of it (law 8). */
  readonly ended: boolean
  /** Of a record that the policy builds: where its fields lie. */
  readonly parts?: ReadonlyMap<string, Place>
}

/** What is computed lies nowhere. */
export const nowhere: Place = { path: undefined, ended: false }

export function below({ path, ended }: Place, step: string | number): Place {
  return path === undefined || ended ? { path, ended } : { path: [...path, step], ended }
}

/** Where the elements of a compiled list lie in the judged object. */
export type Origin = (frame: Frame, variable: number) => Place

/** The state of compiling one policy. */
export class Compilation {
  readonly inputNames: readonly string[]
  readonly origins: Origin[] = []
  /** Whether the shape of vouched reads was checked before, so that their types need no look. */
  readonly trusts: boolean

  constructor(inputNames: readonly string[], trusts: boolean, origins: Origin[] = []) {
    this.inputNames = inputNames
    this.trusts = trusts
    this.origins = origins
  }

  /** The same policy, for parts that no check of shapes covers: messages, places, details. */
  distrusting(): Compilation {
    return new Compilation(this.inputNames, false, this.origins)
  }

  origin(origin: Origin): number {
    return this.origins.push(origin) - 1
  }
}

/** The slot of a variable's element; its position shares the slot. */
export function slotOf({ id, index }: VariableNode): number {
  return index ? id - 1 : id
}

/**
 * What an emitted function says of an object from its inputs: that the policy plainly allows it, or that its `when` plainly does
 * not hold. Undefined is neither.
 */
export type Plainly = (
  budget: number,
  inventory: Inventory | undefined,
  inputs: readonly unknown[],
) => 'allowed' | 'when' | undefined
