import { emitRegoLibrary } from '@gatewright/compiler'
import { callOperator, holeText, type Json, like, type OperatorName, type Reference } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { readJson } from '../../packages/sources/src/json/read-json.js'
import { Dice } from '../fuzz/dice.js'
import { RandomObjects } from '../fuzz/random-objects.js'
import { number, type Topic, word } from '../fuzz/random-words.js'
import { answersTo, exactJson, type RegoFile, spellings } from './opa.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const each = 3000

/** A function of the library, what it is asked, and what the reference says of that: null where the answer is missing. */
interface Subject {
  /** Rego over `a`, `b` and `c`. */
  readonly rego: string
  readonly library: readonly string[]
  readonly operands: (dice: Dice, objects: RandomObjects) => readonly Json[]
  readonly expected: (...operands: readonly Json[]) => Json
}

type Domain = 'quantity' | 'semver' | 'duration' | 'timestamp'

const given = (value: unknown): Json =>
  value === undefined || (typeof value === 'object' && value !== null && 'code' in value)
    ? null
    : (value as Json)

const said = (name: OperatorName, ...operands: readonly unknown[]): Json =>
  operands.includes(undefined) ? null : given(callOperator(name, operands as readonly Reference[]))

const read = (domain: Domain, value: Json): unknown => {
  const result = callOperator(domain, [value as Reference])
  return result === undefined ? undefined : result
}

/** How two values of a domain are ordered. */
const ordered = (domain: Domain, operand: (dice: Dice) => Json): Subject => ({
  rego: `order(lib.${domain}(a), lib.${domain}(b))`,
  library: [domain],
  operands: (dice) => [operand(dice), operand(dice)],
  expected: (a, b) => orderOf(domain, read(domain, a), read(domain, b)),
})

function orderOf(domain: Domain, x: unknown, y: unknown): Json {
  if (x === undefined || y === undefined) return null
  if (said(`${domain}.lt`, x, y) === true) return -1
  return said(`${domain}.equals`, x, y) === true ? 0 : 1
}

const texts =
  (...topics: readonly Topic[]) =>
  (dice: Dice): readonly Json[] =>
    topics.map((topic) => word(dice, topic, 0.25))

const amount = (dice: Dice): Json => (dice.chance(0.3) ? number(dice) : word(dice, 'quantity', 0.4))

const plainly = (
  name: OperatorName,
  rego: string,
  library: string,
  ...topics: readonly Topic[]
): Subject => ({
  rego,
  library: [library],
  operands: texts(...topics),
  expected: (...operands) => said(name, ...operands),
})

const imageParts = ['registry', 'repository', 'name', 'tag', 'digest'] as const

const subjects: Readonly<Record<string, Subject>> = {
  quantity: ordered('quantity', amount),
  semver: ordered('semver', (dice) => word(dice, 'version', 0.4)),
  duration: ordered('duration', (dice) => word(dice, 'duration', 0.4)),
  timestamp: ordered('timestamp', (dice) => word(dice, 'time', 0.4)),
  'quantity.plus': {
    rego: 'order(lib.add_quantities(lib.quantity(a), lib.quantity(b)), lib.quantity(c))',
    library: ['add_quantities', 'quantity'],
    operands: (dice) => [amount(dice), amount(dice), amount(dice)],
    expected: (a, b, c) => {
      const [x, y, z] = [read('quantity', a), read('quantity', b), read('quantity', c)]
      const sum =
        x === undefined || y === undefined ? undefined : callOperator('quantity.plus', [x, y] as Reference[])
      return sum === undefined || given(sum) === null ? null : orderOf('quantity', sum, z)
    },
  },
  'timestamp.plus': {
    rego: 'order(lib.later(lib.timestamp(a), lib.duration(b)), lib.timestamp(c))',
    library: ['later', 'timestamp', 'duration'],
    operands: texts('time', 'duration', 'time'),
    expected: (a, b, c) => {
      const [x, y] = [read('timestamp', a), read('duration', b)]
      const sum =
        x === undefined || y === undefined ? undefined : callOperator('timestamp.plus', [x, y] as Reference[])
      return orderOf('timestamp', sum, read('timestamp', c))
    },
  },
  'timestamp.minus': {
    rego: 'order(lib.time_between(lib.timestamp(a), lib.timestamp(b)), lib.duration(c))',
    library: ['time_between', 'timestamp', 'duration'],
    operands: texts('time', 'time', 'duration'),
    expected: (a, b, c) => {
      const [x, y] = [read('timestamp', a), read('timestamp', b)]
      const rest =
        x === undefined || y === undefined
          ? undefined
          : callOperator('timestamp.minus', [x, y] as Reference[])
      return orderOf('duration', rest, read('duration', c))
    },
  },
  ratio: {
    rego: 'order(lib.ratio_order(lib.quantity(a), lib.quantity(b), c), 0)',
    library: ['ratio_order', 'quantity'],
    operands: (dice) => [number(dice), number(dice), number(dice)],
    expected: (a, b, c) => {
      const above = said('ratio.gt', a, b, c)
      return above === null ? null : above === true ? 1 : said('ratio.lt', a, b, c) === true ? -1 : 0
    },
  },
  toNumber: plainly('toNumber', 'lib.number(a)', 'number', 'number'),
  lower: plainly('lower', 'lib.lower_ascii(a)', 'lower_ascii', 'text'),
  length: plainly('length', 'count(a)', 'nothing', 'text'),
  split: plainly('split', 'split(a, b)', 'nothing', 'image', 'text'),
  trimPrefix: plainly('trimPrefix', 'trim_prefix(a, b)', 'nothing', 'image', 'text'),
  startsWith: plainly('startsWith', 'startswith(a, b)', 'nothing', 'image', 'text'),
  endsWith: plainly('endsWith', 'endswith(a, b)', 'nothing', 'image', 'text'),
  includes: plainly('includes', 'contains(a, b)', 'nothing', 'image', 'text'),
  within: plainly('imageRef.within', 'lib.within(a, b)', 'within', 'image', 'place'),
  'cidr.contains': plainly(
    'cidr.contains',
    'lib.network_contains(a, b)',
    'network_contains',
    'network',
    'address',
  ),
  'cidr.overlaps': plainly(
    'cidr.overlaps',
    'lib.networks_overlap(a, b)',
    'networks_overlap',
    'network',
    'network',
  ),
  ...Object.fromEntries(
    imageParts.map((part) => [
      `image ${part}`,
      plainly(`imageRef.${part}`, `lib.image(a).${part}`, 'image', 'image'),
    ]),
  ),
  like: {
    rego: 'glob.match(b, null, a)',
    library: ['is_wildcard'],
    operands: (dice) => [word(dice, 'text', 0.4), word(dice, 'wildcard', 0.4).replaceAll(/[[{\\]/g, '*')],
    expected: (a, b) => like(a as string, b as string),
  },
  matches: {
    rego: 'matched(a, b)',
    library: ['is_pattern'],
    operands: texts('text', 'pattern'),
    expected: (a, b) => said('matches', a, b),
  },
  text: {
    rego: 'lib.text(a)',
    library: ['text'],
    operands: (_, objects) => [objects.value('anything') ?? null],
    expected: (a) => holeText(a as Reference),
  },
  'text of a scalar': {
    rego: 'lib.plain(a)',
    library: ['plain'],
    operands: (dice) => [
      dice.chance(0.7) ? number(dice) : dice.chance(0.5) ? word(dice, 'text') : dice.chance(0.5),
    ],
    expected: (a) => said('text', a),
  },
  matchesSelector: {
    rego: 'lib.matches_selector(a, b)',
    library: ['matches_selector'],
    operands: (_, objects) => [objects.value('selector') ?? {}, objects.value('labels') ?? {}],
    expected: (a, b) => said('matchesSelector', a, b),
  },
  ...Object.fromEntries(
    (['plus', 'minus', 'times'] as const).map((name): [string, Subject] => [
      name,
      {
        rego: `lib.${{ plus: 'add', minus: 'subtract', times: 'multiply' }[name]}(a, b)`,
        library: [{ plus: 'add', minus: 'subtract', times: 'multiply' }[name]],
        operands: (dice) => [number(dice), number(dice)],
        expected: (a, b) => said(name, a, b),
      },
    ]),
  ),
  sum: {
    rego: 'lib.total(a)',
    library: ['total'],
    operands: (dice) => [dice.several(4, () => number(dice))],
    expected: (a) => said('sum', a),
  },
}

const entries = Object.entries(subjects)
const library = emitRegoLibrary([
  {
    package: '',
    path: '',
    text: '',
    library: ['nothing', ...entries.flatMap(([, subject]) => subject.library)],
  },
])

const dice = new Dice(seed)
const objects = new RandomObjects(dice, false)
const cases = entries.map(([, { operands }]) => Array.from({ length: each }, () => operands(dice, objects)))

it(`the library in Rego reads values as the reference does, ${each} of each kind (seed ${seed})`, () => {
  for (const [i, [name, { expected }]] of entries.entries()) {
    const there = cases[i]?.filter((operands) => expected(...operands) !== null).length ?? 0
    // a table that nothing of can be read shows nothing
    expect(there, name).toBeGreaterThan(each / 40)
  }
  expect(differences(library).slice(0, 40)).toEqual([])
})

describe('a fault in the library is noticed', () => {
  const faults: readonly (readonly [what: string, right: string, wrong: string])[] = [
    ['all letters lowered', 'strings.replace_n(small_letters, value)', 'lower(value)'],
    ['numbers beyond 2^53', 'abs(value) <= 9007199254740992', 'abs(value) <= 9007199254740993'],
    ['a difference for a sum', 'add(a, b) := a + b', 'add(a, b) := a - b'],
    ['a sum for a difference', 'subtract(a, b) := a - b', 'subtract(a, b) := a + b'],
    ['a sum for a product', 'multiply(a, b) := a * b', 'multiply(a, b) := a + b'],
    ['a milli taken for a micro', '"m": "-3"', '"m": "-6"'],
    ['quantities without their sign', 'signed(sign, parts_of', 'signed("", parts_of'],
    ['nanos that are not carried', 'nanos - (carried * 1000000000)', 'nanos'],
    ['a ratio upside down', 'order := sign * sign_of', 'order := (0 - sign) * sign_of'],
    ['releases before their candidates', 'released_of("") := 1', 'released_of("") := -1'],
    ['offsets of times turned', 'offset_sign(sign) := -1', 'offset_sign(sign) := 1'],
    ['images of another registry', 'registry_of("") := "docker.io"', 'registry_of("") := "quay.io"'],
    ['networks by the longer prefix', 'min([a.prefix, b.prefix])', 'max([a.prefix, b.prefix])'],
    ['a label that has to be missing', 'answer := label != null', 'answer := label == null'],
  ]

  it.each(faults)('%s', (_, right, wrong) => {
    const text = library.text.replace(right, wrong)
    expect(text).not.toBe(library.text)
    expect(differences({ ...library, text }).length).toBeGreaterThan(0)
  })
})

/** Where the answers of a library are not those of the reference. */
function differences(of: RegoFile): readonly string[] {
  const answers = answersTo(
    [of, { path: 'values.rego', text: questions(entries.map(([, { rego }]) => rego)) }],
    exactJson({ cases: cases.map((all) => all.map(padded)) }, spellings(seed)),
    'data.values.results',
  )
  const all = readJson(answers, 0).value as unknown as readonly (readonly Json[])[]
  return entries.flatMap(([name, { expected }], i) =>
    (cases[i] ?? []).flatMap((operands, j) => {
      const wanted = exactJson(expected(...operands))
      const actual = exactJson(all[i]?.[j] ?? null)
      return wanted === actual ? [] : [`${name} ${exactJson(operands)}: ${actual}, and not ${wanted}`]
    }),
  )
}

/** Three operands always, so that each can be named. */
const padded = (operands: readonly Json[]): Json => [...operands, null, null, null].slice(0, 3)

/** A module that gives the answer to each case of each question, null where it is undefined. */
function questions(regos: readonly string[]): string {
  const head = `package values

import data.gatewright.lib

order(x, y) := -1 if x < y

else := 0 if x == y

else := 1

matched(text, pattern) := regex.match(pattern, text) if lib.is_pattern(pattern)

matched(_, pattern) := false if not lib.is_pattern(pattern)
`
  const functions = regos.map(
    (rego, i) => `
default answer_${i}(_) := null

answer_${i}(operands) := given if {
	a := operands[0]
	b := operands[1]
	c := operands[2]
	given := ${rego}
}
`,
  )
  const results = regos.map(
    (_, i) => `[given | some operands in data.cases[${i}]; given := answer_${i}(operands)]`,
  )
  return `${head}${functions.join('')}\nresults := [${results.join(', ')}]\n`
}
