import { equalJson, isObject, type Json } from '@gatewright/core'
import { type Arbitrary, stringMatching } from 'fast-check'
import { anything, anyText, boolean, values } from './leaves.js'
import { choiceOf, type FieldShape, lazyField, type Leaf, listOf, mapOf, type Shape } from './shape.js'

type Fields = Readonly<Record<string, Json>>

/** The shape of a JSON Schema, as zod writes them. What it says that is not read here is for the schema itself to check. */
export function shapeFromJsonSchema(schema: Json, root: Json = schema): Shape {
  if (!isObject(schema)) return anything
  const of = schema as Fields
  if (typeof of['$ref'] === 'string') return referenced(of['$ref'], root)
  if (of['const'] !== undefined) return values(of['const'])
  if (Array.isArray(of['enum'])) return values(...(of['enum'] as unknown as [Json, ...Json[]]))
  const either = of['anyOf'] ?? of['oneOf']
  if (Array.isArray(either))
    return choiceOf(...(either as Json[]).map((each) => shapeFromJsonSchema(each, root)))
  const { allOf } = of
  if (Array.isArray(allOf))
    return shapeFromJsonSchema(merged({ ...of, allOf: null }, allOf as unknown as Fields[]), root)
  switch (of['type']) {
    case 'string':
      return textShape(of)
    case 'number':
    case 'integer':
      return numberShape(of)
    case 'boolean':
      return boolean
    case 'null':
      return values(null)
    case 'array':
      return listShape(of, root)
    case 'object':
      return objectShape(of, root)
    default:
      return anything
  }
}

/** A definition, which may hold itself. */
function referenced(reference: string, root: Json): Shape {
  let at: Json | undefined = root
  for (const step of reference.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    at = isObject(at) ? at[key] : undefined
  }
  const found = lazyField(true, 1, () => shapeFromJsonSchema(at ?? {}, root))
  return {
    is: 'choice',
    get of() {
      return [found.shape]
    },
  }
}

function merged(of: Fields, all: readonly Fields[]): Json {
  return all.reduce<Fields>(
    (before, each) => ({
      ...before,
      ...each,
      properties: { ...(before['properties'] as Fields), ...(each['properties'] as Fields) },
      required: [...asList(before['required']), ...asList(each['required'])] as Json,
    }),
    Object.fromEntries(Object.entries(of).filter(([key]) => key !== 'allOf')),
  ) as Json
}

const asList = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const numberOf = (value: Json | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise

function textShape(of: Fields): Leaf {
  const least = numberOf(of['minLength'], 0)
  const most = numberOf(of['maxLength'], 10_000)
  const isIn = (value: Json): value is string =>
    typeof value === 'string' && least <= value.length && value.length <= most
  const beyond = [
    ...(least > 0 ? ['x'.repeat(least - 1)] : []),
    ...(most < 10_000 ? ['x'.repeat(most + 1)] : []),
  ]
  const { pattern } = of
  if (typeof pattern === 'string') {
    const grammar = new RegExp(pattern, 'u')
    return {
      is: 'leaf',
      make: makerOf(grammar, typeof of['format'] === 'string' ? of['format'] : pattern),
      accepts: (value) => isIn(value) && grammar.test(value),
      // the plainest that fits is not known: it stays what it is
      plain: undefined,
      beyond: [...beyond, '', '\u0000'].filter((each) => !grammar.test(each)),
    }
  }
  const examples = ['text', 'x', '', 'a-b', 'A sentence.'].filter(isIn)
  const plain = examples[0] ?? 'x'.repeat(least)
  return {
    ...anyText,
    make: (dice) =>
      examples.length === 0 ? 'x'.repeat(dice.integer(least, Math.min(most, least + 5))) : dice.one(examples),
    accepts: isIn,
    plain,
    beyond,
  }
}

/** Examples of the formats whose patterns look ahead, out of which no text can be made. */
const known = [
  'a@example.com',
  'https://example.com/a',
  '2026-01-01',
  '2026-01-01T00:00:00Z',
  '00:00:00',
  '10.0.0.1',
  '10.0.0.0/8',
  'fd00::1',
  'fd00::/8',
  'd9607e19-f88f-41e6-a518-42010a800195',
  'dGV4dA==',
  'example.com',
  'P1D',
  '+4930123456',
] as const

function makerOf(grammar: RegExp, called: string): Leaf['make'] {
  const examples = known.filter((each) => grammar.test(each))
  if (examples.length > 0) return (dice) => dice.one(examples)
  let matching: Arbitrary<string> | undefined
  return (dice) => {
    try {
      return dice.of((matching ??= stringMatching(grammar)))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new TypeError(`no text of \`${called}\` can be made: ${why}`, { cause: error })
    }
  }
}

function numberShape(of: Fields): Leaf {
  const isWhole = of['type'] === 'integer'
  const step = numberOf(of['multipleOf'], isWhole ? 1 : 0)
  const smallest = isWhole ? 1 : 1e-9
  const least = numberOf(
    of['minimum'],
    numberOf(of['exclusiveMinimum'], -Infinity) + (of['exclusiveMinimum'] === undefined ? 0 : smallest),
  )
  const most = numberOf(
    of['maximum'],
    numberOf(of['exclusiveMaximum'], Infinity) - (of['exclusiveMaximum'] === undefined ? 0 : smallest),
  )
  const low = Number.isFinite(least) ? least : Math.min(-10, most - 20)
  const high = Number.isFinite(most) ? most : Math.max(100, least + 100)
  const isIn = (value: Json): boolean =>
    typeof value === 'number' &&
    least <= value &&
    value <= most &&
    (step === 0 || Number.isInteger(value / step))
  const rounded = (value: number): number => (step === 0 ? value : Math.round(value / step) * step)
  const plain = [0, 1, rounded(low), rounded(low) + step].find(isIn) ?? low
  return {
    is: 'leaf',
    make: (dice) => {
      const way = dice.integer(0, 3)
      const value = way === 0 ? dice.one([low, high]) : low + ((high - low) * dice.integer(0, 1024)) / 1024
      const near = rounded(way === 1 ? Math.round(value) : value)
      return isIn(near) ? near : plain
    },
    accepts: isIn,
    plain,
    beyond: [...(Number.isFinite(least) ? [least - 1] : []), ...(Number.isFinite(most) ? [most + 1] : [])],
  }
}

function listShape(of: Fields, root: Json): Shape {
  const least = numberOf(of['minItems'], 0)
  const items = shapeFromJsonSchema(of['items'] ?? {}, root)
  const more = of['uniqueItems'] === true ? { apartBy: [''] } : {}
  return listOf(items, { least, most: Math.max(least, Math.min(numberOf(of['maxItems'], 4), 4)), ...more })
}

function objectShape(of: Fields, root: Json): Shape {
  const properties = Object.entries((of['properties'] ?? {}) as Fields)
  const { additionalProperties: rest } = of
  if (properties.length === 0 && isObject(rest)) {
    const keys = shapeFromJsonSchema(of['propertyNames'] ?? { type: 'string' }, root)
    return mapOf(keys.is === 'leaf' ? keys : anyText, shapeFromJsonSchema(rest, root))
  }
  const required = asList(of['required'])
  const fields = properties.map(([key, each]): [string, FieldShape] => [
    key,
    lazyField(
      required.some((name) => equalJson(name, key)),
      0.6,
      () => shapeFromJsonSchema(each, root),
    ),
  ])
  return { is: 'object', fields: new Map(fields) }
}
