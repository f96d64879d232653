import { beforeAll, expect, it } from 'vitest'
import type { OperatorName } from '../../packages/core/src/ir/operators.js'
import { equalJson, type Json } from '../../packages/core/src/json.js'
import { call, holeText, joinElements, patternFault, sumOf } from '../../packages/core/src/reference/call.js'
import { Fault } from '../../packages/core/src/reference/fault.js'
import { DomainValue, type Value } from '../../packages/core/src/reference/value.js'
import {
  compareNumbers,
  isInteger,
  isNumber,
  type JsonNumber,
} from '../../packages/core/src/values/decimal.js'
import { compareText } from '../../packages/core/src/values/text.js'
import { Dice } from '../fuzz/dice.js'
import { assembled } from './runtime.js'
import { Cells, type Tree, Written } from './cells.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 3000)
const dice = new Dice(seed)
const one = <T>(from: readonly T[]): T => dice.one(from)
const many = <T>(most: number, make: () => T): readonly T[] => dice.several(most, make)
const words = (most: number, from: readonly string[]): string => many(most, () => one(from)).join('')

let cells: Cells

beforeAll(() => {
  cells = new Cells(assembled(['values/operators'], 'simd'), (below) => dice.below(below))
})

/** The value that the reference gets. */
function valueOf(tree: Tree): Json {
  if (tree instanceof Written) return tree.value
  if (Array.isArray(tree)) return tree.map((element: Tree) => valueOf(element))
  if (typeof tree !== 'object' || tree === null) return tree as Json
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, valueOf(value)]))
}

/** An answer of the reference, in the form that `Cells` reads. */
function shown(value: Value): unknown {
  if (value instanceof Fault) return { code: value.code, message: value.message }
  if (value instanceof DomainValue) {
    return value.domain === 'semver'
      ? { domain: 'semver' }
      : { domain: value.domain, nanos: value.value as bigint }
  }
  if (isNumber(value)) return { number: value }
  return Array.isArray(value) ? value.map((element: Json) => shown(element)) : value
}

/** Equal by value, as far as what operators give needs it. */
function same(a: unknown, b: unknown): boolean {
  if (a instanceof Written) {
    return (b as { number?: JsonNumber })?.number !== undefined
      ? compareNumbers(a.value, (b as { number: JsonNumber }).number) === 0
      : false
  }
  return print(a) === print(b)
}

const print = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)) ?? 'missing'

/** Compares the module with the reference on random operands, and shows the first few that differ. */
function compare<T>(
  name: string,
  times: number,
  make: () => T,
  ours: (operands: T) => unknown,
  theirs: (operands: T) => unknown,
): void {
  const wrong: string[] = []
  const answers = new Map<string, number>()
  for (let i = 0; i < times; i++) {
    const operands = make()
    cells.clear()
    let mine: unknown
    try {
      mine = ours(operands)
    } catch (error) {
      mine = String(error)
    }
    const right = theirs(operands)
    answers.set(print(right), (answers.get(print(right)) ?? 0) + 1)
    if (!same(mine, right)) wrong.push(`${print(operands)}: ours ${print(mine)}, right ${print(right)}`)
  }
  // operands of which nearly all have the same answer would show nothing
  expect(Math.max(...answers.values()) / times, `${name}: share of the most frequent answer`).toBeLessThan(
    0.9,
  )
  expect(wrong.slice(0, 10), `${name}: ${wrong.length} of ${times} differ (seed ${seed})`).toEqual([])
}

/** Calls a function on written operands, and sees to it that it leaves them as they are. */
function applied(name: string, ...operands: number[]): number {
  const end = cells.end()
  const checked = dice.below(20) === 0
  const before = checked ? cells.constants(end) : undefined
  const answer = cells.call(name, ...operands) >>> 0
  if (before !== undefined && !before.equals(cells.constants(end)))
    throw new Error('it wrote into an operand')
  return answer
}

const operand = (tree: Tree): number => cells.write(tree)
const answered = (answer: number): unknown =>
  answer > 2 ? cells.read(answer) : [false, true, undefined][answer]

/** An operator whose answer is a value. */
function givesValue(name: OperatorName, of: string, make: () => readonly Tree[], times = runs): void {
  compare(
    name,
    times,
    make,
    (trees) => {
      const given = trees.map(operand)
      return cells.read(applied(of, ...given))
    },
    (trees) => shown(call(name, trees.map(valueOf))),
  )
}

/** An operator that answers yes, no or that the answer is missing. */
function decides(name: OperatorName, of: string, make: () => readonly Tree[], times = runs): void {
  compare(
    name,
    times,
    make,
    (trees) => {
      const given = trees.map(operand)
      return answered(applied(of, ...given))
    },
    (trees) => call(name, trees.map(valueOf)),
  )
}

// texts

const characters = [
  ...[
    'a',
    'b',
    'A',
    'Z',
    '[',
    '@',
    '`',
    '{',
    ' ',
    '\0',
    '\n',
    '\u001F',
    '\u007F',
    '\u0080',
    '\u009F',
    '\u00A0',
  ],
  ...['é', 'É', 'µ', 'μ', '\u07FF', '\u0800', '\u2027', '\u2028', '\u2029', '\u202A', '\uD7FF', '\uE000'],
  ...['\uFFFD', '\uFFFF', '\u{10000}', '😀', '\u{10FFFF}', 'K', '"', '\\', '/'],
]
const few = ['a', 'b', 'é', '😀']
const longText = (): string => words(3, ['a', 'ab', 'é']).repeat(dice.below(40)) + words(4, few)
const anyText = (): string =>
  one([
    () => words(6, characters),
    () => words(12, few),
    longText,
    () => words(30, ['a', 'b']),
    () => one(['', 'a', ' ']),
  ])()

/** A text and another that has something to do with it. */
function related(): readonly [string, string] {
  const text = anyText()
  const points = [...text]
  const [from, to] = [dice.below(points.length + 1), dice.below(points.length + 1)]
  const other = one([
    () => points.slice(Math.min(from, to), Math.max(from, to)).join(''),
    () => points.slice(0, to).join(''),
    () => points.slice(from).join(''),
    () => points.with(Math.min(from, Math.max(points.length - 1, 0)), one(characters)).join(''),
    () => text + one(characters),
    () => text,
    anyText,
  ])
  try {
    const pair = [text, other()] as const
    return dice.chance(0.2) ? [pair[1], pair[0]] : pair
  } catch {
    return [text, text]
  }
}

it('texts', () => {
  compare(
    'compareText',
    runs,
    related,
    ([a, b]) => {
      const [x, y] = [operand(a), operand(b)]
      return [cells.call('compareText', x, y), cells.call('equalText', x, y) !== 0]
    },
    ([a, b]) => [Math.sign(compareText(a, b)), a === b],
  )
  decides('startsWith', 'startsWith', related)
  decides('endsWith', 'endsWith', related)
  decides('includes', 'includes', related)
  givesValue('trimPrefix', 'trimPrefix', related)
  givesValue('split', 'split', related)
  givesValue('lower', 'lower', () => [anyText()])
  givesValue('length', 'length', () => [anyText()])
})

it('a search that could fall back at each byte is linear', () => {
  const [text, wanted] = [`${'a'.repeat(2_000_000)}`, `${'a'.repeat(500_000)}b`]
  cells.clear(false)
  const [a, b, pattern] = [operand(text), operand(wanted), operand(`*${wanted}*`)]
  const begin = performance.now()
  expect(cells.call('includes', a, b)).toBe(0)
  expect(cells.call('like', a, pattern)).toBe(0)
  expect(cells.call('split', a, b)).toBeGreaterThan(0)
  expect(performance.now() - begin).toBeLessThan(5000)
})

// numbers

const integers = [
  ...[
    0n,
    1n,
    9n,
    10n,
    2n ** 31n,
    2n ** 32n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n,
    10n ** 18n,
    10n ** 19n,
    10n ** 20n,
  ],
  ...[94906265n, 94906266n, 3037000500n, 9223372036n, 2n ** 60n, 10n ** 21n, 10n ** 40n],
]
const nearInteger = (): bigint => one(integers) + BigInt(dice.below(5) - 2)

function plainNumber(): string {
  const sign = one(['', '', '-'])
  return (
    sign +
    one([
      () => String(dice.below(12)),
      () => String(dice.below(100_000)),
      () => String(nearInteger()).replace('-', ''),
      () =>
        `${one(['0', '1', '12', '900719925474099'])}.${words(6, ['0', '5', '9', '1', '00000000'])}${one(['0', '5'])}`,
      () => `${dice.below(4)}.${String(dice.below(1000)).padStart(one([3, 9, 10, 18, 19, 25]), '0')}`,
    ])()
  )
}
const exponent = (): string =>
  one(['e', 'E']) +
  one(['', '+', '-']) +
  one([
    () => String(dice.below(30)),
    () => `0${dice.below(20)}`,
    () => String(dice.below(1200)),
    () => one(['99999', '100000', '308', '324', '1000', '1001']),
  ])()

const numberText = (): string => plainNumber() + (dice.chance(0.3) ? exponent() : '')
const number = (): Written => new Written(numberText())

/** The same value in another way, or one that is close to it. */
function closeTo(of: Written): Written {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE](.*))?$/.exec(of.text) as string[]
  const digits = whole + fraction
  const exponent = Number(power) - fraction.length
  const changed = dice.chance(0.5) ? digits : String(BigInt(digits) + BigInt(dice.below(3)))
  const zeros = dice.below(4)
  const coefficient = BigInt(changed + '0'.repeat(zeros))
  const shifted = exponent - zeros
  if (Math.abs(shifted) + digits.length + 4 > 100_000) return of
  const text = String(coefficient)
  const cut = dice.below(text.length)
  return new Written(
    dice.chance(0.5) || cut === 0
      ? `${sign}${text}e${shifted}`
      : `${sign}${text.slice(0, cut)}.${text.slice(cut)}E${shifted + text.length - cut}`,
  )
}

function twoNumbers(): readonly [Written, Written] {
  const a = number()
  return [a, dice.chance(0.6) ? closeTo(a) : number()]
}
const smallInteger = (): Written =>
  new Written(one([() => String(dice.below(2000) - 1000), () => String(nearInteger()), () => numberText()])())

it('numbers', () => {
  compare(
    'compareNumbers',
    runs * 3,
    twoNumbers,
    ([a, b]) => {
      const [x, y] = [operand(a), operand(b)]
      return [applied('compareNumbers', x, y) | 0, cells.call('isInteger', x) !== 0]
    },
    ([a, b]) => [compareNumbers(a.value, b.value), isInteger(a.value)],
  )
  decides('number.between', 'between', () => [...twoNumbers(), number()])
  const pair = (): readonly Tree[] => [smallInteger(), smallInteger()]
  givesValue('plus', 'plus', pair)
  givesValue('minus', 'minus', pair)
  givesValue('times', 'times', pair)
  compare(
    'sum',
    runs,
    () => many(5, () => (dice.chance(0.05) ? one([null, true, '1', []]) : smallInteger())),
    (list) => cells.read(applied('sum', operand(list))),
    (list) => shown(sumOf(list.map(valueOf))),
  )
  givesValue(
    'toNumber',
    'toNumber',
    () => [mutated(numberText(), [...'0123456789.-+eE', ' ', '٣', '\n'])],
    runs * 2,
  )
})

/** A text, or one with a few characters dropped, doubled or put in. */
function mutated(text: string, from: readonly string[]): string {
  const points = [...text]
  for (let i = dice.below(3); i > 0; i--) {
    const at = dice.below(points.length + 1)
    points.splice(at, dice.below(2), ...many(1, () => one(from)))
  }
  return points.join('')
}

// values of all types

const keys = ['a', 'b', 'key', '__proto__', 'é', '', 'constructor', '0', '10']

function value(depth: number): Tree {
  return one<() => Tree>([
    () => null,
    () => dice.chance(0.5),
    anyText,
    () => one(['', 'a', 'true', '1']),
    number,
    () => new Written(one(['1', '1.0', '0', '-0', '10e-1'])),
    () => (depth > 0 ? many(4, () => value(depth - 1)) : []),
    () => (depth > 0 ? object(depth - 1) : {}),
  ])()
}

function object(depth: number): { readonly [key: string]: Tree } {
  const size = one([2, 4, 30])
  return Object.fromEntries(many(size, () => [one(keys) + (size > 4 ? dice.below(40) : ''), value(depth)]))
}

/** The same value written in another way, now and then with a change somewhere. */
function again(tree: Tree, change: number): Tree {
  if (dice.chance(change)) return value(1)
  if (tree instanceof Written) return dice.chance(0.2) ? closeTo(tree) : new Written(tree.text)
  if (Array.isArray(tree)) return tree.map((element: Tree) => again(element, change))
  if (typeof tree !== 'object' || tree === null) return tree
  const entries = Object.entries(tree).map(
    ([key, each]) => [dice.chance(change) ? one(keys) : key, again(each, change)] as const,
  )
  const order = entries.map((entry) => ({ entry, at: dice.below(100) })).sort((a, b) => a.at - b.at)
  return Object.fromEntries(dice.chance(0.5) ? entries : order.map(({ entry }) => entry))
}

function twoValues(): readonly [Tree, Tree] {
  // an entry that is null is there all the same
  if (dice.chance(0.1)) {
    const nulls = (): Tree => Object.fromEntries(many(3, () => [one(keys), one([null, null, true])]))
    return [nulls(), nulls()]
  }
  const a = value(3)
  return [a, dice.chance(0.8) ? again(a, one([0, 0.02, 0.1])) : value(2)]
}

it('equality', () => {
  compare(
    'equals',
    runs * 2,
    twoValues,
    ([a, b]) => {
      const [x, y] = [operand(a), operand(b)]
      return applied('equalValues', x, y) !== 0
    },
    ([a, b]) => equalJson(valueOf(a), valueOf(b)),
  )
  decides('contains', 'contains', () => {
    const list = many(5, () => value(2))
    const wanted = list.length > 0 && dice.chance(0.7) ? again(one(list), 0.02) : value(1)
    return one<() => readonly Tree[]>([
      () => [list, wanted ?? true],
      () => [value(2) ?? false, wanted ?? true],
      related,
    ])()
  })
})

it('objects of many keys are equal in time that is not quadratic', () => {
  const names = Array.from({ length: 60_000 }, (_, i) => `key-${i}`)
  const made = (of: readonly string[]): Tree => Object.fromEntries(of.map((key) => [key, key]))
  cells.clear(false)
  const [a, b] = [operand(made(names)), operand(made(names.toReversed()))]
  const begin = performance.now()
  expect(cells.call('equalValues', a, b)).not.toBe(0)
  expect(performance.now() - begin).toBeLessThan(4000)
})

it('messages, texts and joined lists', () => {
  const parts = (): readonly Tree[] => many(5, () => value(1))
  const scalars = (): readonly Tree[] =>
    many(5, () => one<() => Tree>([anyText, smallInteger, () => dice.chance(0.5)])())
  const withCount = (name: string, trees: readonly Tree[]): unknown => {
    const at = cells.array(trees)
    return cells.read(applied(name, at, trees.length))
  }
  compare(
    'message',
    runs,
    parts,
    (trees) => withCount('message', trees),
    (trees) => trees.map((tree) => holeText(valueOf(tree))).join(''),
  )
  const texts = (): readonly Tree[] => (dice.chance(0.2) ? parts() : scalars())
  compare(
    'text',
    runs,
    texts,
    (trees) => withCount('text', trees),
    (trees) => call('text', trees.map(valueOf)),
  )
  compare(
    'join',
    runs,
    () => [parts(), anyText()] as const,
    ([list, separator]) => {
      const given = [operand(list), operand(separator)]
      return cells.read(applied('join', ...given))
    },
    ([list, separator]) =>
      joinElements(
        { items: list.map((tree) => ({ value: valueOf(tree), path: undefined })), rest: undefined },
        separator,
      ),
  )
})

it('what is no JSON shows as missing', () => {
  cells.clear()
  const quantity = cells.call('quantity', operand('1'))
  const fault = cells.call('wildcardProblem', operand('['))
  const at = cells.call('allocate', 8)
  const memory = cells.words(at, [quantity, fault])
  expect(cells.read(cells.call('message', memory, 2))).toBe('<missing><missing>')
  expect(cells.call('text', memory, 1)).toBe(0)
  expect(cells.call('text', memory + 4, 1)).toBe(0)
})

// quantities

const suffixes = [
  '',
  '',
  'n',
  'u',
  'm',
  'k',
  'K',
  'M',
  'G',
  'T',
  'P',
  'E',
  'Ki',
  'ki',
  'Mi',
  'Gi',
  'Ti',
  'Pi',
  'Ei',
  'mi',
]
const boundaries = [
  2n ** 63n,
  2n ** 53n,
  2n ** 3n,
  8n * 1024n,
  10n ** 9n,
  9223372036854775807n,
  9223372036854775808n,
  7n,
]
function quantityText(): string {
  const digits = one([
    () => String(dice.below(3000)),
    () => String(one(boundaries) + BigInt(dice.below(3) - 1)),
    () => '0'.repeat(dice.below(3)) + dice.below(20),
    () => words(30, [...'0123456789']),
    () => words(one([95, 110]), ['0']),
    () => '',
  ])()
  const point = one([
    () => '',
    () => '.',
    () => `.${words(4, [...'05'])}`,
    () => `.${words(25, [...'0012345'])}`,
    () => `.${'0'.repeat(dice.below(10))}${dice.below(20)}${'0'.repeat(dice.below(4))}`,
    () => `.${String(2n ** 63n - 1n).slice(dice.below(19))}`,
  ])()
  const suffix = dice.chance(0.25)
    ? one(['e', 'E']) +
      one(['', '+', '-']) +
      one(['0', '3', '9', '18', '28', '007', '1000', '1001', '99999999999'])
    : one(suffixes)
  const text = one(['', '', '', '-', '+']) + digits + point + suffix
  return dice.chance(0.2) ? mutated(text, [...'0.eEi+-mµKn', '😀']) : text
}
const someQuantity = (): string => {
  for (;;) {
    const text = quantityText()
    if (call('quantity', [text]) !== undefined) return text
  }
}

/** Quantities of boundaries, so that sums leave the range and ratios come close to the bound. */
const quantityOf = (text: string | Written): number => cells.call('quantity', operand(text))

it('quantities', () => {
  givesValue('quantity', 'quantity', () => [dice.chance(0.8) ? quantityText() : number()], runs * 4)
  compare(
    'quantity.plus',
    runs * 2,
    () => [someQuantity(), dice.chance(0.1) ? '-18446744073.709551616' : someQuantity()] as const,
    ([a, b]) => {
      const [x, y] = [quantityOf(a), quantityOf(b)]
      return [cells.call('compareNanos', x, y), cells.read(applied('quantityPlus', x, y))]
    },
    ([a, b]) => {
      const [x, y] = [call('quantity', [a]), call('quantity', [b])]
      const order = call('quantity.gt', [x, y]) ? 1 : call('quantity.lt', [x, y]) ? -1 : 0
      return [order, shown(call('quantity.plus', [x, y]))]
    },
  )
})

type RatioOperand = { readonly quantity: string } | Tree

it('ratios', () => {
  const operandOf = (): RatioOperand =>
    one<() => RatioOperand>([
      () => ({ quantity: someQuantity() }),
      () => ({ quantity: someQuantity() }),
      // whose lower 64 bits are 0
      () => ({ quantity: `${one(['', '-'])}${one(['18446744073.709551616', '36893488147.419103232'])}` }),
      () => ({ quantity: String(1 + dice.below(20)) }),
      () => new Written(String(1 + dice.below(20))),
      () => ({ quantity: `${dice.below(9)}m` }),
      number,
      () => one([null, 'a', true]),
    ])()
  const isQuantity = (tree: RatioOperand): tree is { readonly quantity: string } =>
    typeof tree === 'object' && tree !== null && 'quantity' in tree
  compare(
    'ratio',
    runs * 4,
    () => {
      const [a, b] = [operandOf(), operandOf()]
      const n = one([
        number,
        () => new Written(`${one(['', '-'])}${dice.below(5)}.${words(3, ['5', '25', '0'])}0`),
        () =>
          new Written(
            one(['1e18', '-1e18', '999999999999999999', '0.000000000000000001', '1e-19', '0.5', '2', '1']),
          ),
        () => new Written(`${'9'.repeat(1 + dice.below(19))}.${'9'.repeat(1 + dice.below(19))}`),
        () => exactRatio(a, b),
      ])()
      return [a, b, n] as const
    },
    ([a, b, n]) => {
      const of = (tree: RatioOperand): number =>
        isQuantity(tree) ? quantityOf(tree.quantity) : operand(tree)
      const [x, y, z] = [of(a), of(b), operand(n)]
      if (x === 0 || y === 0) return 2
      return cells.call('compareRatio', x, y, z)
    },
    ([a, b, n]) => {
      const of = (tree: RatioOperand): Value =>
        isQuantity(tree) ? call('quantity', [tree.quantity]) : valueOf(tree)
      const [x, y, z] = [of(a), of(b), valueOf(n)]
      if (x === null || y === null) return 2
      const greater = call('ratio.gt', [x, y, z])
      return greater === undefined ? 2 : greater === true ? 1 : call('ratio.lt', [x, y, z]) === true ? -1 : 0
    },
  )

  /** The ratio itself with some digits, or almost it. */
  function exactRatio(a: RatioOperand, b: RatioOperand): Written {
    const nanos = (tree: RatioOperand): bigint => {
      const read = isQuantity(tree) ? call('quantity', [tree.quantity]) : undefined
      return read instanceof DomainValue ? (read.value as bigint) : BigInt(dice.below(5))
    }
    const [x, y] = [nanos(a), nanos(b)]
    if (y === 0n) return new Written('1')
    const scaled = (x * 10n ** 18n) / y + BigInt(dice.below(3) - 1)
    return new Written(`${scaled}e-18`)
  }
})

// durations and times

function durationText(): string {
  const amount = (): string =>
    one([
      () => String(dice.below(200)),
      () => `${dice.below(3)}.${words(20, [...'0123456789'])}`,
      () => `.${dice.below(100)}`,
      () => `${dice.below(100)}.`,
      () => `0.${'027777'}${'7'.repeat(dice.below(30))}8`,
      () =>
        String(
          one([2562047n, 153722867n, 9223372036n, 9223372036854n, 9223372036854775n, 2n ** 63n, 2n ** 64n]) +
            BigInt(dice.below(3) - 1),
        ),
      () => words(40, [...'0123456789']),
      () => '0'.repeat(dice.below(70)) + dice.below(3),
    ])()
  const unit = (): string => one(['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'])
  const parts = one([
    () => many(3, () => amount() + unit()).join(''),
    () => amount() + unit(),
    () => '2562047h47m16.854775807s',
    () => `2562047h47m16.85477580${dice.below(10)}s`,
    () => `${2n ** 63n - BigInt(dice.below(3)) + 1n}ns`,
    () => `${words(150, ['0'])}${dice.below(30)}µs`.padStart(198 + dice.below(6), '0'),
    () => '0',
  ])()
  const text = one(['', '', '-', '+']) + parts
  return dice.chance(0.25) ? mutated(text, [...'0.hmsnuµμ +-', 'Â', '😀']) : text
}

const two = (n: number): string => String(n).padStart(2, '0')
function timeText(): string {
  const right = dice.chance(0.6)
  const below = (most: number): string => two(one([0, most - 1, dice.below(most), right ? 0 : most]))
  const year = one([
    () => dice.below(10_000),
    () => 1969 + dice.below(4),
    () => one([0, 1, 4, 100, 400, 1600, 1900, 1970, 2000, 2024, 9999]),
  ])()
  const month = dice.chance(0.3) ? '02' : two(right ? 1 + dice.below(12) : dice.below(14))
  const day = right ? two(1 + dice.below(28)) : two(one([0, 1, 28, 29, 30, 31, 32]))
  const date = `${String(year).padStart(4, '0')}-${month}-${day}`
  const clock = `${below(24)}:${below(60)}:${below(60)}`
  const fraction = right
    ? one(['', '', '.5', '.000000001', '.123456789', '.1234567899', `.${'9'.repeat(30)}`])
    : one(['', '', '', '.', '.5', `.${'9'.repeat(31)}`])
  const zone = right
    ? one(['Z', '+00:00', '-00:00', '+23:59', '-23:59', '-07:30'])
    : one(['Z', 'Z', 'Z', '+01:30', 'z', '+24:00', '+01:60', ''])
  const text = `${date}T${clock}${fraction}${zone}`
  return dice.chance(0.15) ? mutated(text, [...'0129-:.TZt +', '٣', '😀']) : text
}
function valid(name: OperatorName, make: () => string): string {
  for (;;) {
    const text = make()
    if (call(name, [text]) !== undefined) return text
  }
}

it('durations and times', () => {
  givesValue('duration', 'duration', () => [durationText()], runs * 4)
  givesValue('timestamp', 'timestamp', () => [timeText()], runs * 4)
  const edge = (): string =>
    one([
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999999999Z',
      '9999-12-31T23:59:59Z',
      '0000-01-01T00:00:00+23:59',
      '1677-09-21T00:12:43.145224192Z',
      '1970-01-01T00:00:00Z',
      '2262-04-11T23:47:16.854775807Z',
      '2262-04-11T23:47:16.854775808Z',
      '1677-09-21T00:12:43.145224191Z',
    ])
  const time = (): string => (dice.chance(0.4) ? edge() : valid('timestamp', timeText))
  compare(
    'timestamp.plus',
    runs,
    () =>
      [
        time(),
        dice.chance(0.3) ? one(['0', '1ns', '-1ns', '24h', '-24h']) : valid('duration', durationText),
      ] as const,
    ([a, b]) => {
      const [x, y] = [cells.call('timestamp', operand(a)), cells.call('duration', operand(b))]
      return cells.read(applied('timestampPlus', x, y))
    },
    ([a, b]) => shown(call('timestamp.plus', [call('timestamp', [a]), call('duration', [b])])),
  )
  compare(
    'timestamp.minus',
    runs,
    () => {
      const a = time()
      return [a, dice.chance(0.6) ? valid('timestamp', () => mutated(a, [...'0123456789'])) : time()] as const
    },
    ([a, b]) => {
      const [x, y] = [cells.call('timestamp', operand(a)), cells.call('timestamp', operand(b))]
      return [cells.call('compareNanos', x, y), cells.read(applied('timestampMinus', x, y))]
    },
    ([a, b]) => {
      const [x, y] = [call('timestamp', [a]), call('timestamp', [b])]
      const order = call('timestamp.gt', [x, y]) ? 1 : call('timestamp.lt', [x, y]) ? -1 : 0
      return [order, shown(call('timestamp.minus', [x, y]))]
    },
  )
})

// versions

function versionText(): string {
  const part = (): string =>
    one([() => String(dice.below(12)), () => String(nearInteger()), () => one(['0', '00', '01'])])()
  const identifier = (): string =>
    one([
      part,
      () => words(3, ['a', 'rc', '-', '0', '1', 'Z']),
      () => one(['alpha', 'beta', '0a', '-1', '00a']),
    ])()
  const text =
    [part(), part(), part()].slice(0, dice.chance(0.95) ? 3 : 2).join('.') +
    (dice.chance(0.6) ? `-${[identifier(), ...many(3, identifier)].join('.')}` : '') +
    (dice.chance(0.2) ? `+${[identifier(), ...many(2, identifier)].join('.')}` : '') +
    (dice.chance(0.02) ? `+${'a'.repeat(236 + dice.below(20))}` : '')
  return dice.chance(0.2) ? mutated(text, [...'0.1a-+v', 'é']) : text
}

it('versions', () => {
  givesValue('semver', 'semver', () => [versionText()], runs * 2)
  compare(
    'compareVersions',
    runs * 2,
    () => {
      const a = valid('semver', versionText)
      return [
        a,
        dice.chance(0.5) ? valid('semver', () => mutated(a, [...'0.1a-+9'])) : valid('semver', versionText),
      ] as const
    },
    ([a, b]) => {
      const [x, y] = [cells.call('semver', operand(a)), cells.call('semver', operand(b))]
      return [cells.call('compareVersions', x, y), cells.call('equalValues', x, y) !== 0]
    },
    ([a, b]) => {
      const [x, y] = [call('semver', [a]), call('semver', [b])]
      const order = call('semver.gt', [x, y]) === true ? 1 : call('semver.lt', [x, y]) === true ? -1 : 0
      return [order, equalJson(x as Json, y as Json)]
    },
  )
})

// images

const hosts = [
  'docker.io',
  'index.docker.io',
  'localhost',
  'localhost:5000',
  'reg.io',
  'REG',
  'reg.io:5000',
  'a-b.c',
  '-a.b',
  'a-.b',
  '[::1]',
  '[::1]:80',
  '[fe80',
  'a..b',
  'reg.io:',
  'É.io',
  'é',
  'library',
  '',
]
const components = [
  'nginx',
  'library',
  'team',
  'a_b',
  'a__b',
  'a___b',
  'a--b',
  'a.b',
  'a..b',
  '-a',
  'a-',
  '_a',
  'A',
  '0',
  'localhost',
  'é',
  '',
]
function imageText(): string {
  const hex = (n: number): string => ''.padEnd(n, one(['0123456789abcdef', 'f', '0123', 'A', 'abcdefg']))
  const right = dice.chance(0.6)
  const host = right
    ? one(['docker.io', 'index.docker.io', 'localhost', 'reg.io', 'REG', 'a-b.c:80', '[::1]:80'])
    : one(hosts)
  const component = (): string =>
    right ? one(['nginx', 'library', 'team', 'a_b', 'a--b', 'a.b', '0']) : one(components)
  const tag = right
    ? one(['1', 'v1.0', 'latest', '_', 'A-.', 'x'.repeat(128)])
    : one(['.a', '-a', '_', '', 'a:b', 'a/b', 'é', 'x'.repeat(128), 'x'.repeat(129)])
  const digest = right
    ? one([`sha256:${'0a'.repeat(32)}`, `sha384:${'0a'.repeat(48)}`, `sha512:${'0a'.repeat(64)}`])
    : `${one(['sha256', 'sha384', 'sha512', 'md5', 'constructor', 'SHA256', ''])}:${hex(one([32, 63, 64, 65, 96, 128]))}`
  const text =
    (dice.chance(0.6) ? `${host}/` : '') +
    [component(), ...many(2, component)].join('/') +
    (dice.chance(0.5) ? `:${tag}` : '') +
    (dice.chance(0.4) ? `@${digest}` : '')
  return one([
    ...Array.from({ length: 12 }, () => () => text),
    () => mutated(text, [...'/:@._-aA0', 'é']),
    () => mutated(text, [...'/:@._-aA0', 'é']),
    () => `${'a'.repeat(240 + dice.below(20))}`,
    () => `x/${'a'.repeat(250 + dice.below(6))}`,
    () => `reg.io/${'a'.repeat(250 + dice.below(6))}`,
    () => `${'a/'.repeat(5)}${'r'.repeat(1000)}.io/a`,
    () => `${'r'.repeat(1018 + dice.below(6))}.io/a`,
    () => hex(64),
  ])()
}
const prefixText = (image: string): string =>
  one([
    () => image.slice(0, dice.below(image.length + 1)),
    () =>
      image
        .split('/')
        .slice(0, 1 + dice.below(3))
        .join('/') + one(['', '/', '//']),
    () => one(hosts) + one(['', '/', '//', '/nginx', '/team', '/library']),
    () => one(components) + one(['', '/']),
    () => `docker.io/${image}`,
    imageText,
  ])()

it('images', () => {
  for (const part of ['registry', 'repository', 'name', 'tag', 'digest'] as const) {
    givesValue(`imageRef.${part}`, part, () => [imageText()])
  }
  decides(
    'imageRef.within',
    'within',
    () => {
      const image = dice.chance(0.8) ? valid('imageRef.name', imageText) : imageText()
      return [image, prefixText(image)]
    },
    runs * 3,
  )
})

// addresses

function addressText(): string {
  const octet = (): string => one(['0', '1', '10', '192', '255', '256', '01', '00', '1000', ''])
  const v4 = (): string => [octet(), octet(), octet(), octet()].join('.')
  const easy = (): string => [0, 0, 0, 0].map(() => one([0, 1, 10, 127, 128, 255])).join('.')
  const group = (): string => one(['0', '1', 'ffff', 'FFFF', '0db8', '2001', 'g', '12345', ''])
  const text = one([
    easy,
    easy,
    easy,
    () =>
      `${many(3, () => one(['0', '1', 'fe80'])).join(':')}::${many(3, () => one(['0', '1', 'fe80'])).join(':')}`,
    () => Array.from({ length: 8 }, () => one(['0', '1', 'ffff', 'A'])).join(':'),
    v4,
    () => Array.from({ length: 7 + dice.below(3) }, () => one(['0', '1', 'ffff', 'A'])).join(':'),
    () =>
      `${many(4, () => one(['0', '1', 'fe80'])).join(':')}::${many(4, () => one(['0', '1', 'fe80'])).join(':')}`,
    () => `${many(8, group).join(':')}${one(['', ':', '::'])}${many(4, group).join(':')}`,
    () => `::${one(['', 'ffff:', '1:2:3:4:5:'])}${easy()}`,
    () => `${easy()}::${one(['', '1'])}`,
    () => `0:0:0:0:0:${one(['', '0:'])}${easy()}`,
  ])()
  return dice.chance(0.1) ? mutated(text, [...'0.:a/%', '٣']) : text
}
const networkText = (): string => {
  const address = addressText()
  if (dice.chance(0.05)) return address
  const right = address.includes(':') ? [0, 1, 16, 63, 64, 65, 127, 128] : [0, 1, 8, 9, 24, 31, 32]
  return `${address}/${one(dice.chance(0.85) ? right : [33, 129, 999, '08', '', '1000', '+1', '2/3'])}`
}

it('addresses', () => {
  const pair = (): readonly [string, string] => {
    const a = networkText()
    return [
      a,
      one([
        networkText,
        addressText,
        () => mutated(a, [...'0123456789:']),
        () => a.replace(/\/.*/, `/${dice.below(34)}`),
        () => a.replace(/\/.*/, ''),
      ])(),
    ]
  }
  decides('cidr.contains', 'cidrContains', pair, runs * 4)
  decides('cidr.overlaps', 'cidrOverlaps', pair, runs * 2)
})

// patterns and selectors

it('wildcards', () => {
  const pattern = (): string => words(8, ['*', '?', 'a', 'b', 'ab', 'é', '😀', '/'])
  const fitting = (text: string): string =>
    [...text].map((point) => one([point, point, point, '?', '*', '**', ''])).join('')
  const pair = (): readonly [string, string] => {
    const text = dice.chance(0.5) ? words(12, ['a', 'b', 'é', '😀', '/']) : words(20, ['a', 'b'])
    return [text, dice.chance(0.5) ? pattern() : fitting(text)]
  }
  decides('like', 'like', pair, runs * 5)
  decides('like', 'like', related)
  compare(
    'wildcardProblem',
    runs,
    () => words(5, [...characters, '[', '{', '*']),
    (text) => cells.read(applied('wildcardProblem', operand(text))),
    (text) => shown(patternFault('like', text)),
  )
})

it('selectors', () => {
  const key = (): string => one(['app', 'tier', 'é', '', '__proto__', 'constructor', 'toString'])
  const label = (): string => one(['web', 'db', '', '😀'])
  const odd = <T extends Tree>(make: () => T): Tree => (dice.chance(0.03) ? value(1) : make())
  const record = (most: number): Tree =>
    Object.fromEntries(many(most, () => [key() + (most > 5 ? dice.below(20) : ''), odd(label)]))
  const expression = (): Tree => ({
    ...(dice.chance(0.97) ? { key: odd(key) } : {}),
    operator: odd(() => one(['In', 'NotIn', 'Exists', 'DoesNotExist', 'in'])),
    ...(dice.chance(0.7) ? { values: odd(() => many(3, () => odd(label))) } : {}),
    ...(dice.chance(0.05) ? { other: true } : {}),
  })
  const parts = (): [string, Tree][] => [
    ...many(1, (): [string, Tree] => ['matchLabels', odd(() => record(one([2, 1, 30])))]),
    ...many(1, (): [string, Tree] => ['matchExpressions', odd(() => many(2, () => odd(expression)))]),
    ...(dice.chance(0.03) ? [[key(), value(1)] as [string, Tree]] : []),
  ]
  const operands = (): readonly Tree[] => {
    const labels = record(one([3, 5, 40]))
    const selector = Object.fromEntries(parts())
    return [
      dice.chance(0.2) ? { ...selector, matchLabels: again(labels, 0.01) } : selector,
      dice.chance(0.1) ? value(1) : labels,
    ]
  }
  decides('matchesSelector', 'matchesSelector', operands, runs * 5)
})
