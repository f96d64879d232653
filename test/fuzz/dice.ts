/** A seeded source of numbers below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Seeded choices. */
export class Dice {
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

  one<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  /** Up to `most` of what a function makes. */
  several<T>(most: number, make: (index: number) => T): readonly T[] {
    return Array.from({ length: this.below(most + 1) }, (_, index) => make(index))
  }
}
