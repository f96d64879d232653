import type { ObjectSchema, Schema } from '../schema.js'
import type { FieldNode } from '../ir/node.js'
import { conditionOperations, ratioOperations, undecidedOperations } from './operations/condition.js'
import { domainOperations } from './operations/domain.js'
import { everyOperations } from './operations/every.js'
import { inventoryOperations, isInventory } from './operations/inventory.js'
import { listOperations } from './operations/list.js'
import { mapOperations } from './operations/map.js'
import { numberOperations } from './operations/number.js'
import { scalarOperations } from './operations/scalar.js'
import { textOperations } from './operations/text.js'
import { objectOperations, unknownOperations } from './operations/unknown.js'
import type { Presence, Subject, ValueSubject } from './subject.js'
import { readTypeOf, unknownSchema } from './values.js'

/** What an operation does with what it is called on and its arguments. */
export type Operation<S extends Subject = ValueSubject> = (subject: S, given: readonly unknown[]) => Subject

/** Operations by name. They never hide a field of the same name: a field becomes an operation only by being called. */
export type Operations<S extends Subject = ValueSubject> = Readonly<Record<string, Operation<S>>>

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

/** The operations of a subject. */
function tables(subject: Subject): readonly Operations<never>[] {
  switch (subject.is) {
    case 'condition':
      return [conditionOperations]
    case 'undecided':
      return [undecidedOperations]
    case 'ratio':
      return [ratioOperations]
    case 'rule':
    case 'fix':
      return []
    case 'value':
      if (subject.domain !== undefined) return [domainOperations, everyOperations]
      return isInventory(subject.node)
        ? [inventoryOperations, ...valueTables(subject.schema)]
        : valueTables(subject.schema)
  }
}

function valueTables(schema: Schema): readonly Operations[] {
  switch (schema.type) {
    case 'string':
      return [textOperations, scalarOperations, everyOperations]
    case 'number':
      return [numberOperations, scalarOperations, everyOperations]
    case 'boolean':
      return [scalarOperations, everyOperations, conditionLike]
    case 'scalar':
      return [scalarOperations, everyOperations]
    case 'list':
      return [listOperations, everyOperations]
    case 'map':
      return [mapOperations, everyOperations]
    case 'object':
    case 'union':
      return [objectOperations, everyOperations]
    case 'unknown':
      return [unknownOperations, everyOperations]
  }
}

/** A boolean value is a condition too, so it takes a condition's operations. */
const conditionLike = conditionOperations as Operations

/** The operation of this name on a subject. */
export function operationOf(subject: Subject, name: string): Operation<Subject> | undefined {
  for (const table of tables(subject)) {
    const operation = own(table as Operations<Subject>, name)
    if (operation !== undefined) return operation
  }
  return undefined
}

/** The names of all operations on a subject. */
export function operationNames(subject: Subject): string[] {
  return [...new Set(tables(subject).flatMap((table) => Object.keys(table)))].toSorted()
}

/** A field of a value; undefined where its schema has none of that name. */
export function fieldOf(subject: ValueSubject, key: string): ValueSubject | undefined {
  const { schema, node } = subject
  if (schema.type === 'unknown') {
    if (operationOf(subject, key) === undefined || node.kind !== 'narrow')
      return child(subject, key, unknownSchema, 'unknown')
    return undefined
  }
  const field =
    schema.type === 'object'
      ? own(schema.fields, key)
      : schema.type === 'union'
        ? commonField(schema.variants, key)
        : undefined
  if (field === undefined) return undefined
  const presence = childPresence(subject.presence, field.required === true, field.narrowed === true)
  return child(subject, key, field.schema, presence, field.required === true && field.narrowed !== true)
}

function commonField(
  variants: readonly ObjectSchema[],
  key: string,
): ObjectSchema['fields'][string] | undefined {
  const fields = variants.map((variant) => own(variant.fields, key))
  const [first] = fields
  if (first === undefined || fields.includes(undefined)) return undefined
  const schemas = fields.map((field) => field?.schema ?? unknownSchema)
  const required = fields.every((field) => field?.required === true)
  const literals = schemas.flatMap((schema) => (schema.type === 'string' ? (schema.values ?? []) : []))
  if (schemas.every((schema) => schema.type === 'string')) {
    return {
      schema: literals.length > 0 ? { type: 'string', values: literals } : { type: 'string' },
      required,
    }
  }
  return {
    schema: schemas.every((schema) => schema.type === first.schema.type) ? first.schema : unknownSchema,
    required,
  }
}

function child(
  parent: ValueSubject,
  key: string,
  schema: Schema,
  presence: Presence,
  required = false,
): ValueSubject {
  const vouched = parent.vouched && schema.type !== 'unknown'
  const node: FieldNode = { kind: 'field', of: parent.node, key, type: readTypeOf(schema), vouched, required }
  return {
    is: 'value',
    node: shared(parent, node),
    schema,
    presence,
    vouched,
    ...domainOf(schema),
    ...elementNameOf(key, schema),
  }
}

const fieldNodes = new WeakMap<object, Map<string, FieldNode>>()

/** The same field of the same node is one node, so that back ends read it once. */
function shared(parent: ValueSubject, node: FieldNode): FieldNode {
  let known = fieldNodes.get(parent.node)
  if (known === undefined) fieldNodes.set(parent.node, (known = new Map()))
  const name = `${node.key} ${node.type} ${node.vouched} ${node.required}`
  const before = known.get(name)
  if (before !== undefined) return before
  known.set(name, node)
  return node
}

function childPresence(parent: Presence, required: boolean, narrowed: boolean): Presence {
  if (parent === 'maybe' || (!required && !narrowed)) return 'maybe'
  return narrowed ? 'narrowed' : parent
}

/** How a value with a unit is read: a text that its operators parse. */
export function domainOf(schema: Schema): Pick<ValueSubject, 'domain'> {
  const unit = schema.type === 'string' || schema.type === 'scalar' ? schema.unit : undefined
  return unit === undefined ? {} : { domain: { name: unit, parsed: false } }
}

function elementNameOf(key: string, schema: Schema): Pick<ValueSubject, 'elementName'> {
  if (schema.type !== 'list' || (schema.items.type === 'object' && schema.items.name !== undefined)) return {}
  return {
    elementName: key.length > 2 && key.endsWith('s') && !key.endsWith('ss') ? key.slice(0, -1) : 'item',
  }
}

/** The names of a value's fields. */
export function fieldNames({ schema }: ValueSubject): string[] {
  if (schema.type === 'object') return Object.keys(schema.fields)
  if (schema.type !== 'union') return []
  const [first, ...others] = schema.variants
  return Object.keys(first?.fields ?? {}).filter((key) =>
    others.every((variant) => Object.hasOwn(variant.fields, key)),
  )
}
