import type { Json } from '@gatewright/core'
import { Arbitrary, type Random, Stream, Value } from 'fast-check'
import { Dice } from './dice.js'
import { plainValue, type Tree } from './planted.js'
import type { Shape } from './shape.js'
import { smaller } from './smaller.js'

/** A tree with the shape that it shrinks by. */
export interface Shaped {
  readonly tree: Tree
  readonly shape: Shape
}

export interface ShapedSource<T> {
  /** How large values are: 1 is usual. */
  readonly size: number
  make(dice: Dice): Shaped
  /** What a schema asks beyond the shape; what is smaller has to meet it as well. */
  readonly isValid?: (value: Json) => boolean
  of(value: Json): T
}

/** What was drawn, as far as is needed to have it once more: hardly any value is ever shrunk. */
class Drawn {
  readonly shaped: () => Shaped

  constructor(shaped: () => Shaped) {
    this.shaped = shaped
  }
}

/** Values that are made along a shape, and shrink along it by leaving out and by plainer texts and numbers. */
export class ShapedArbitrary<T> extends Arbitrary<T> {
  readonly #source: ShapedSource<T>

  constructor(source: ShapedSource<T>) {
    super()
    this.#source = source
  }

  override generate(random: Random, bias: number | undefined): Value<T> {
    const before = random.clone()
    const { tree } = this.#shaped(random, bias)
    const drawn = new Drawn(() => this.#shaped(before.clone(), bias))
    return new Value(this.#source.of(plainValue(tree)), drawn)
  }

  /** A value of somebody else's is left as it is. */
  override canShrinkWithoutContext(_value: unknown): _value is T {
    return false
  }

  override shrink(_value: T, context: unknown): Stream<Value<T>> {
    return context instanceof Drawn ? new Stream(this.#smaller(context)) : Stream.nil()
  }

  /** fast-check asks for small values among the first ones. */
  #shaped(random: Random, bias: number | undefined): Shaped {
    const isSmall = bias !== undefined && random.nextInt(1, bias) === 1
    return this.#source.make(new Dice(random, this.#source.size * (isSmall ? 0.3 : 1)))
  }

  *#smaller(drawn: Drawn): Generator<Value<T>> {
    const { tree, shape } = drawn.shaped()
    const { isValid = () => true } = this.#source
    for (const each of smaller(tree, shape)) {
      const value = plainValue(each)
      if (isValid(value)) yield new Value(this.#source.of(value), new Drawn(() => ({ tree: each, shape })))
    }
  }
}
