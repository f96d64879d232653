import type { Arbitrary, Random } from 'fast-check'
import { randomFrom } from '../random.js'

/**
 * Choices at random. They follow from what fast-check gives, so that its seeds and replays hold for them; of that no more is drawn
 * than a seed, since an object takes hundreds of choices.
 */
export class Dice {
  readonly #random: Random
  readonly #next: () => number
  /** How much of what may be left out is there: 1 is the usual size. */
  readonly size: number

  constructor(random: Random, size: number) {
    this.#random = random
    this.#next = randomFrom(random.nextInt(0, 0x7f_ff_ff_ff))
    this.size = size
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1))
  }

  chance(share: number): boolean {
    return share >= 1 || (share > 0 && this.#next() < share)
  }

  one<T>(from: readonly T[]): T {
    return from[Math.floor(this.#next() * from.length)] as T
  }

  /** A value of another arbitrary. */
  of<T>(arbitrary: Arbitrary<T>): T {
    return arbitrary.generate(this.#random, undefined).value
  }
}
