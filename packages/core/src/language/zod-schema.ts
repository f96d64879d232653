import type { z } from 'zod'
import type { Field, ObjectSchema, Schema } from '../schema.js'
import { DefinitionError } from './definition-error.js'
import { patternProblem } from '../values/pattern.js'

/** The part of zod 4's definitions that is read here: `schema._zod.def`, whose `type` tells the kind. */
interface Definition {
  readonly type: string
  readonly innerType?: ZodLike
  readonly element?: ZodLike
  readonly valueType?: ZodLike
  readonly keyType?: ZodLike
  readonly shape?: Readonly<Record<string, ZodLike>>
  readonly catchall?: ZodLike
  readonly options?: readonly ZodLike[]
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, string | number>>
  readonly getter?: () => ZodLike
  readonly coerce?: boolean
  readonly format?: string
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[]
}
interface Check {
  readonly check: string
  readonly format?: string
  readonly pattern?: RegExp
}
interface ZodLike {
  readonly _zod: { readonly def: Definition }
}

/**
 * The language's schema of a zod schema: the types and fields that expressions have.
 *
 * Refuses what JSON Schema cannot carry (refinements, transforms, dates, coercion), since dropping it in silence would make a
 * weaker policy elsewhere. Throws a `DefinitionError` that names the path.
 */
export function schemaFromZod(schema: z.ZodType | object): Schema {
  return read(schema as ZodLike, [])
}

function read(schema: ZodLike, path: readonly string[]): Schema {
  const { def } = schema._zod
  refuseChecks(def, path)
  switch (def.type) {
    case 'string':
      return { type: 'string' }
    case 'number':
    case 'int':
      return {
        type: 'number',
        integer: def.type === 'int' || def.format === 'safeint' || def.format === 'int32',
      }
    case 'boolean':
      return { type: 'boolean' }
    case 'literal':
      return literals(def.values ?? [], path)
    case 'enum':
      return literals(Object.values(def.entries ?? {}), path)
    case 'array':
      return { type: 'list', items: read(def.element as ZodLike, [...path, '[]']) }
    case 'record':
      return { type: 'map', values: read(def.valueType as ZodLike, [...path, '{}']) }
    case 'object':
      return objectSchema(def, path)
    case 'union':
      return unionSchema(def.options ?? [], path)
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
      return read(def.innerType as ZodLike, path)
    case 'lazy':
      return lazily(() => read((def.getter as () => ZodLike)(), path))
    case 'unknown':
    case 'any':
    case 'null':
      return { type: 'unknown' }
    default:
      throw refusal(`\`z.${def.type}()\``, path)
  }
}

/** A recursive schema, read when it is first asked for. */
function lazily(readSchema: () => Schema): Schema {
  let known: Schema | undefined
  const target = (): Schema => (known ??= readSchema())
  const members = ['type', 'values', 'unit', 'integer', 'of', 'items', 'name', 'fields', 'variants'] as const
  const lazy = {}
  for (const member of members) {
    Object.defineProperty(lazy, member, {
      get: () => (target() as unknown as Readonly<Record<string, unknown>>)[member],
      enumerable: true,
    })
  }
  return lazy as Schema
}

function objectSchema(def: Definition, path: readonly string[]): Schema {
  const shape = def.shape ?? {}
  const keys = Object.keys(shape)
  const rest = def.catchall?._zod.def.type
  if (keys.length === 0 && rest !== undefined && rest !== 'never') {
    return { type: 'map', values: read(def.catchall as ZodLike, [...path, '{}']) }
  }
  const fields = keys.map((key): [string, Field] => {
    const field = shape[key] as ZodLike
    return [key, { schema: read(field, [...path, key]), required: isRequired(field) }]
  })
  return { type: 'object', fields: Object.fromEntries(fields) }
}

/** Whether a value of the schema is there for certain: one with a default is, since it is filled in before a rule sees it. */
function isRequired({ _zod: { def } }: ZodLike): boolean {
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'null':
    case 'unknown':
    case 'any':
      return false
    case 'readonly':
      return isRequired(def.innerType as ZodLike)
    case 'union':
      return (def.options ?? []).every(isRequired)
    default:
      return true
  }
}

function unionSchema(options: readonly ZodLike[], path: readonly string[]): Schema {
  const schemas = options
    .filter((option) => option._zod.def.type !== 'null')
    .map((option) => read(option, path))
  if (schemas.length === 1) return schemas[0] as Schema
  const objects = schemas.filter((schema): schema is ObjectSchema => schema.type === 'object')
  if (objects.length === schemas.length) return { type: 'union', variants: objects }
  const types = [...new Set(schemas.map(({ type }) => type))]
  const scalars = types.filter((type) => type === 'string' || type === 'number' || type === 'boolean')
  if (scalars.length < types.length) return { type: 'unknown' }
  if (scalars.length > 1) return { type: 'scalar', of: scalars }
  if (scalars[0] !== 'string') return { type: scalars[0] as 'number' | 'boolean' }
  const values = schemas.map((schema) => (schema.type === 'string' ? schema.values : undefined))
  return values.includes(undefined)
    ? { type: 'string' }
    : { type: 'string', values: values.flatMap((each) => each ?? []) }
}

function literals(values: readonly unknown[], path: readonly string[]): Schema {
  const types = [...new Set(values.filter((value) => value !== null).map((value) => typeof value))]
  const scalars = types.filter((type) => type === 'string' || type === 'number' || type === 'boolean')
  if (scalars.length < types.length) throw refusal('a literal that is not JSON', path)
  if (scalars.length !== 1)
    return scalars.length === 0 ? { type: 'unknown' } : { type: 'scalar', of: scalars }
  return scalars[0] === 'string'
    ? { type: 'string', values: values as string[] }
    : { type: scalars[0] as 'number' | 'boolean' }
}

/** Checks that JSON Schema has a word for. */
const carried = new Set([
  'less_than',
  'greater_than',
  'multiple_of',
  'number_format',
  'min_length',
  'max_length',
  'length_equals',
  'string_format',
])

function refuseChecks(def: Definition, path: readonly string[]): void {
  if (def.coerce === true) throw refusal('coercion', path)
  const checks = (def.checks ?? []).map((check) => check._zod.def)
  for (const check of checks) {
    if (!carried.has(check.check)) throw refusal(`the check \`${check.check}\``, path)
    const problem = check.pattern === undefined ? undefined : patternProblem(check.pattern.source)
    const flags = check.pattern?.flags.replace(/[uv]/, '') ?? ''
    if (flags !== '') throw refusal(`the flags \`${flags}\` of a pattern`, path)
    if (problem !== undefined) throw refusal(`the pattern \`${String(check.pattern)}\``, path, problem)
  }
}

function refusal(what: string, path: readonly string[], why?: string): DefinitionError {
  const where = path.length === 0 ? 'the schema' : `\`${path.join('.')}\``
  return new DefinitionError(
    'schema-not-carried',
    `${where} has ${what}, which JSON Schema cannot carry${why === undefined ? '' : ` (${why})`}`,
    'say it with types, enumerations, lengths, ranges and patterns, or test it in the rule',
  )
}
