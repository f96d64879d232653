import { isNumber, isObject, type Json, patternFault } from '@gatewright/core'
import { closedObject } from './closed-object.js'
import { GatekeeperError } from './gatekeeper-error.js'

/** A part of a schema, as JSON. */
export type SchemaPart = Readonly<Record<string, Json>>
type Path = readonly string[]

/**
 * Turns the JSON Schema of a policy's parameters into a structural schema of OpenAPI v3, which the API server holds constraints to. It
 * refuses what the JSON Schema refuses, names that are not known included. Throws a `GatekeeperError` with the path for what such a
 * schema cannot say.
 */
export function structuralSchema(schema: SchemaPart): SchemaPart {
  return structural(schema, [])
}

function structural(schema: SchemaPart, path: Path): SchemaPart {
  const { anyOf, type } = schema
  refuseUnknownKeys(schema, path)
  if (Array.isArray(anyOf))
    return { ...notesOf(schema), ...alternatives(anyOf as readonly SchemaPart[], path) }
  const notes = notesOf(schema)
  if (Array.isArray(type)) {
    const { type: _, ...rest } = schema
    return {
      ...notes,
      ...alternatives(
        (type as readonly string[]).map((each) => ({ ...rest, type: each })),
        path,
      ),
    }
  }
  switch (type) {
    case 'object':
      return { ...notes, ...object(schema, path) }
    case 'array':
      return { ...notes, ...array(schema, path) }
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
      return { ...notes, type: scalarType(schema, path), ...validations(schema, path) }
    case 'null':
      throw refusal(path, 'is null and nothing else', 'leave it out')
    default:
      if (Object.keys(schema).every((key) => asNotes.has(key)))
        return { ...notes, 'x-kubernetes-preserve-unknown-fields': true }
      throw refusal(path, 'has values of several types', 'give it one type, or make several parameters of it')
  }
}

/** What says nothing of which values are valid. Of these, people read title and description, and the API server the default. */
const asNotes: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', 'id', 'deprecated', 'readOnly', 'writeOnly'],
  'contentEncoding',
])

const known: ReadonlySet<string> = new Set([
  ...asNotes,
  ...[
    'type',
    'enum',
    'const',
    'anyOf',
    'allOf',
    'properties',
    'required',
    'additionalProperties',
    'propertyNames',
  ],
  ...[
    'minProperties',
    'maxProperties',
    'items',
    'minItems',
    'maxItems',
    'minLength',
    'maxLength',
    'pattern',
    'format',
  ],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
])

function refuseUnknownKeys(schema: SchemaPart, path: Path): void {
  const unknown = Object.keys(schema).find((key) => !known.has(key))
  if (unknown === 'not') throw refusal(path, 'has no value that is valid', 'leave it out')
  if (unknown === '$ref' || unknown === '$defs') throw refusal(path, 'is recursive', 'say how deep it goes')
  if (unknown === 'prefixItems')
    throw refusal(path, 'has a type for each place in a list', 'make an object of it, with a name for each')
  if (unknown !== undefined)
    throw refusal(path, `has \`${unknown}\``, 'say it with types, enumerations, ranges and patterns')
}

function notesOf({ title, description, default: preset }: SchemaPart): SchemaPart {
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
    // the API server fills in no null; it means the same as nothing
    ...(preset !== undefined && preset !== null && { default: preset }),
  }
}

function object(schema: SchemaPart, path: Path): SchemaPart {
  const { properties, required = [], additionalProperties: more, propertyNames: names } = schema
  if (
    names !== undefined &&
    !(isObject(names) && Object.keys(names).every((key) => key === 'type') && names['type'] === 'string')
  )
    throw refusal(path, 'has a schema for the names in a map', 'make a list of it, with the name in a field')
  const sizes = picked(schema, ['minProperties', 'maxProperties'])
  if (properties === undefined) {
    if (!isObject(more)) return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, ...sizes }
    return { type: 'object', additionalProperties: structural(more as SchemaPart, [...path, '*']), ...sizes }
  }
  if (Object.keys(sizes).length > 0)
    throw refusal(path, 'has a number of fields', 'say which of them are required')
  const fields = Object.fromEntries(
    Object.entries(properties as Readonly<Record<string, SchemaPart>>).map(
      ([name, each]) => [name, structural(each, [...path, name])] as const,
    ),
  )
  if (isObject(more) && Object.keys(more).length === 0)
    return {
      type: 'object',
      ...requiring(required),
      properties: fields,
      'x-kubernetes-preserve-unknown-fields': true,
    }
  if (isObject(more)) throw refusal(path, 'has a schema for further fields', 'make a map of its own of them')
  return closedObject(fields, required as readonly string[], path)
}

const requiring = (required: Json): SchemaPart =>
  (required as readonly Json[]).length > 0 ? { required } : {}

function array(schema: SchemaPart, path: Path): SchemaPart {
  const { items } = schema
  if (!isObject(items)) throw refusal(path, 'is a list of anything', 'say what its items are')
  return {
    type: 'array',
    items: structural(items as SchemaPart, [...path, '[]']),
    ...picked(schema, ['minItems', 'maxItems']),
  }
}

/** What a schema says of a scalar beside its type. */
function validations(schema: SchemaPart, path: Path): SchemaPart {
  const { const: constant, enum: values, pattern, format, allOf } = schema
  if (format !== undefined && pattern === undefined && allOf === undefined)
    throw refusal(
      path,
      `has the format \`${String(format)}\`, which the API server reads otherwise or not at all`,
      'use a pattern',
    )
  if (typeof pattern === 'string') checkPattern(pattern, path)
  const all = allOf === undefined ? [] : (allOf as readonly SchemaPart[])
  for (const each of all)
    if (Object.keys(each).some((key) => key !== 'pattern' && key !== 'multipleOf'))
      throw refusal(path, 'is the intersection of schemas', 'write what it comes to')
  return {
    ...(constant === undefined ? {} : { enum: [constant] }),
    ...(values === undefined ? {} : { enum: values }),
    ...picked(schema, ['minLength', 'maxLength', 'pattern']),
    ...bounds(schema),
    ...divisor(schema, path),
    ...(all.length === 0 ? {} : { allOf: all.map((each) => ({ ...validations(each, path) })) }),
  }
}

function checkPattern(pattern: string, path: Path): void {
  const problem = patternFault('matches', pattern)
  if (problem !== undefined)
    throw refusal(
      path,
      `has the pattern \`${pattern}\`, which is not RE2 syntax`,
      'write it without look-around and references',
    )
}

/** OpenAPI says of a bound that it is exclusive, JSON Schema gives another bound. */
function bounds(schema: SchemaPart): SchemaPart {
  const { exclusiveMinimum: above, exclusiveMaximum: below } = schema
  return {
    ...picked(schema, ['minimum', 'maximum']),
    ...(above === undefined ? {} : { minimum: above, exclusiveMinimum: true }),
    ...(below === undefined ? {} : { maximum: below, exclusiveMaximum: true }),
  }
}

function divisor({ multipleOf }: SchemaPart, path: Path): SchemaPart {
  if (multipleOf === undefined) return {}
  if (!Number.isSafeInteger(multipleOf))
    throw refusal(
      path,
      'has a divisor that is no integer, which the API server divides by inexactly',
      'count in smaller units',
    )
  return { multipleOf }
}

/**
 * The type of a scalar. Of enumerated integers it is an integer, although `number` is written: the API server cuts a number down to an
 * integer before it looks for it among integers.
 */
function scalarType(schema: SchemaPart, path: Path): string {
  const { type, const: constant, enum: values = constant === undefined ? [] : [constant] } = schema
  const all = (values as readonly Json[]).filter((each) => each !== null)
  if (type !== 'number' || all.length === 0) return String(type)
  const integers = all.filter((each) => Number.isInteger(each)).length
  if (integers === 0) return 'number'
  if (integers === all.length) return 'integer'
  throw refusal(
    path,
    'is one of several numbers, integers and others',
    'the API server takes 1.5 for one of `[1, 2.5]`; give it a range, or write texts',
  )
}

const scalars: ReadonlySet<Json | undefined> = new Set(['string', 'number', 'integer', 'boolean'])

/** One of several schemas: of one type of scalar, an integer or a text, and each of them or null. */
function alternatives(all: readonly SchemaPart[], path: Path): SchemaPart {
  const others = all.filter(({ type }) => type !== 'null')
  const nullable: SchemaPart = others.length < all.length ? { nullable: true } : {}
  const [first] = others
  if (first === undefined) throw refusal(path, 'is null and nothing else', 'leave it out')
  if (others.length === 1) return withNull({ ...structural(first, path), ...nullable })
  for (const each of others) refuseUnknownKeys(each, path)
  const types = new Set<Json | undefined>(
    others.map((each) => (scalars.has(each['type']) ? scalarType(each, path) : each['type'])),
  )
  if (![...types].every((type) => scalars.has(type)))
    throw refusal(path, 'is one of several shapes', 'give it one shape, or make several parameters of it')
  if (types.size === 1) {
    const parts = others.map((each) => validations(each, path))
    const isFree = parts.some((part) => Object.keys(part).length === 0)
    const anyOf = [...parts, ...(nullable['nullable'] === true && !isFree ? [{ enum: [null] }] : [])]
    return { type: [...types][0] as Json, ...nullable, ...(isFree ? {} : { anyOf }) }
  }
  return { ...integerOrText(others, path), ...nullable }
}

/** A value that may be null is held to its enumeration all the same. */
const withNull = (schema: SchemaPart): SchemaPart =>
  schema['nullable'] === true && Array.isArray(schema['enum'])
    ? { ...schema, enum: [...(schema['enum'] as readonly Json[]), null] }
    : schema

function integerOrText(all: readonly SchemaPart[], path: Path): SchemaPart {
  const integer = all.find(({ type }) => type === 'integer')
  const text = all.find(({ type }) => type === 'string')
  const isBoth = all.length === 2 && integer !== undefined && text !== undefined
  if (
    !isBoth ||
    [integer, text].some((each) => each?.['enum'] !== undefined || each?.['const'] !== undefined)
  )
    throw refusal(path, 'has values of several types', 'give it one type, or an integer or a text')
  // bounds hold numbers only, lengths and patterns texts only
  const { allOf: more = [], ...rest } = validations(text, path)
  const { allOf: divisors = [], ...numbers } = validations(integer, path)
  const allOf = [...(more as readonly Json[]), ...(divisors as readonly Json[])]
  return { 'x-kubernetes-int-or-string': true, ...rest, ...numbers, ...(allOf.length === 0 ? {} : { allOf }) }
}

function picked(schema: SchemaPart, keys: readonly string[]): SchemaPart {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = schema[key]
      return value === undefined || (key !== 'pattern' && !isNumber(value)) ? [] : [[key, value]]
    }),
  )
}

/** What a structural schema cannot say of a parameter. */
export function refusal(path: Path, what: string, help: string): GatekeeperError {
  const where = path.length === 0 ? 'the schema of the parameters' : `the parameter \`${path.join('.')}\``
  return new GatekeeperError('schema-not-structural', `${where} ${what}, which a template cannot say`, help)
}
