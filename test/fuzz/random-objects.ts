import { type Json, unknownValue } from '@gatewright/core'
import type { Dice } from './dice.js'
import type { FieldType, Shape } from './document-shapes.js'
import { number, word } from './random-words.js'

const others: readonly Json[] = [
  'text',
  7,
  true,
  [],
  {},
  ['x'],
  { a: 1 },
  'true',
  0,
  [null],
  [['a']],
  '',
  false,
]

/** Values for shapes: right mostly, sometimes missing, null, of another type, or not known. */
export class RandomObjects {
  readonly #dice: Dice
  readonly #unknowns: boolean

  constructor(dice: Dice, unknowns: boolean) {
    this.#dice = dice
    this.#unknowns = unknowns
  }

  /** An object that has at least the shape of one. */
  object(shape: Shape): Json {
    const entries = Object.entries(shape).map(([key, type]) => [key, this.value(type)] as const)
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Json
  }

  value(type: FieldType): Json | undefined {
    const dice = this.#dice
    if (dice.chance(0.1)) return undefined
    if (dice.chance(0.04)) return null
    if (dice.chance(0.05)) return dice.one(others)
    if (dice.chance(0.01) && this.#unknowns) return unknownValue as never
    if (typeof type === 'object') return 'list' in type ? this.#objects(type.list) : this.object(type.object)
    switch (type) {
      case 'count':
        return number(dice)
      case 'boolean':
        return dice.chance(0.5)
      case 'scalar':
        return dice.chance(0.1) ? dice.chance(0.5) : dice.one<Json>([80, 'http', '80', 443, 1.5])
      case 'amount':
        return dice.chance(0.25) ? number(dice) : word(dice, 'quantity')
      case 'texts':
        return this.#items(3, () => this.value('text'))
      case 'numbers':
        return this.#items(3, () => this.value('count'))
      case 'table':
        return this.#items(2, () => this.value('texts'))
      case 'labels':
        return this.#labels()
      case 'selector':
        return this.#selector()
      case 'anything':
        return this.#anything(2)
      default:
        return word(dice, type)
    }
  }

  #items(most: number, make: () => Json | undefined): readonly Json[] {
    const made = this.#dice.several(most, () => make() ?? null)
    const [first] = made
    return first !== undefined && this.#dice.chance(0.15) ? [...made, first] : made
  }

  #objects(shape: Shape): Json {
    return this.#items(2, () => this.value({ object: shape }))
  }

  #labels(): Json {
    const keys = ['a', 'team', 'é', '🔒', '\uffff', '__proto__', 'nginx', '', 'x/y', '%"\\', 'a\u2028']
    const entries = keys.flatMap((key) => {
      const value = this.#dice.chance(0.35) ? this.value('text') : undefined
      return value === undefined ? [] : [[key, value] as const]
    })
    return Object.fromEntries(entries)
  }

  #selector(): Json {
    const dice = this.#dice
    const expression = (): Json => {
      const values = this.value('texts')
      const operator = dice.one(['In', 'NotIn', 'Exists', 'DoesNotExist', 'In', 'NotIn', 'exists', 'Near'])
      const isSet = operator === 'In' || operator === 'NotIn' || dice.chance(0.1)
      const key = dice.chance(0.95) ? dice.one(['a', 'team', 'é', 'nginx']) : dice.one(others)
      return {
        key,
        operator,
        ...(isSet && values !== undefined ? { values } : dice.chance(0.3) ? { values: [] } : {}),
      }
    }
    const labels = dice.chance(0.6) ? (this.#labels() as Readonly<Record<string, Json>>) : {}
    return {
      ...(dice.chance(0.6) ? { matchLabels: dice.chance(0.95) ? labels : dice.one([...others, null]) } : {}),
      ...(dice.chance(0.6)
        ? {
            matchExpressions: dice.chance(0.95)
              ? dice.several(2, () => (dice.chance(0.97) ? expression() : dice.one(others)))
              : dice.one([...others, null]),
          }
        : {}),
      ...(dice.chance(0.03) ? { more: 1 } : {}),
    }
  }

  #anything(depth: number): Json {
    const dice = this.#dice
    switch (dice.below(depth > 0 ? 7 : 4)) {
      case 0:
        return number(dice)
      case 1:
        return dice.chance(0.5)
      case 4:
        return dice.several(3, () => this.#anything(depth - 1))
      case 5:
        return { name: this.#anything(depth - 1), a: null, '': this.#anything(0) }
      case 6:
        return dice.one(others)
      default:
        return word(dice, 'text')
    }
  }
}
