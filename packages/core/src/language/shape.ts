import type { Node } from '../ir/node.js'
import type { Field } from '../schema.js'
import { subjectOf } from './proxy.js'
import type { ValueSubject } from './subject.js'
import { valueArgument, valueSubject } from './values.js'

/** A value that a function gives: an expression, a plain value, or an object of these. */
export function shapeSubject(given: unknown): ValueSubject {
  if (subjectOf(given) !== undefined || typeof given !== 'object' || given === null || Array.isArray(given)) {
    return valueArgument(given, 'what the function gives')
  }
  const parts = Object.entries(given).map(([key, part]) => [key, shapeSubject(part)] as const)
  const fields = parts.map(([key, part]): readonly [string, Field] => [
    key,
    { schema: part.schema, ...(part.presence === 'maybe' ? {} : { narrowed: true }) },
  ])
  const node: Node = {
    kind: 'record',
    fields: Object.fromEntries(parts.map(([key, part]) => [key, part.node])),
  }
  return valueSubject(node, { type: 'object', fields: Object.fromEntries(fields) }, 'present')
}
