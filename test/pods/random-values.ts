import { seeded } from '../fuzz/random-policies.js'

/** Fields of an object that is still to be written as JSON, where undefined is left out. */
export interface Fields {
  readonly [key: string]: Field | undefined
}
export type Field = null | boolean | number | string | readonly Field[] | Fields

/** A seeded source of choices. */
export class RandomValues {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  chance(p: number): boolean {
    return this.#random() < p
  }

  one<const T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make)
  }

  /** The element, null or nothing at all: the ways in which a field can be said or not. */
  maybe<const T>(make: () => T): T | null | undefined {
    const way = this.#random()
    return way < 0.65 ? make() : way < 0.75 ? null : undefined
  }

  maybeOne<const T>(from: readonly T[]): T | null | undefined {
    return this.maybe(() => this.one(from))
  }
}
