import type { Node } from '../../ir/node.js'
import type { Schema } from '../../schema.js'
import { DefinitionError } from '../definition-error.js'
import type { Operations } from '../members.js'
import type { ValueSubject } from '../subject.js'
import {
  callNode,
  condition,
  literalNode,
  literalSubject,
  numberSchema,
  plainValue,
  predicate,
  stringSchema,
  unknownSchema,
  valueArgument,
  valueCall,
  valueSubject,
} from '../values.js'
import { schemaFromZod } from '../zod-schema.js'
import { hasLiterals, listOperations, variantOf } from './list.js'
import { keysOf, mapOperations } from './map.js'
import { numberOperations } from './number.js'
import { narrowed, scalarOperations } from './scalar.js'
import { textOperations } from './text.js'

/** What an object can be asked beside its fields. */
export const objectOperations: Operations = {
  keys: (object) => keysOf(object),
  as: (object, [variant]) => asVariant(object, variant),
}

/** A variant of a union; missing where the object is another. */
function asVariant(object: ValueSubject, variant: unknown): ValueSubject {
  const literals = Object.entries(
    plainValue(variant, 'the operand of .as()') as Readonly<Record<string, unknown>>,
  )
  const holds = hasLiterals(object, literals)
  const node: Node = { kind: 'when', cases: [{ if: holds, then: object.node }], otherwise: literalNode(null) }
  return {
    is: 'value',
    node,
    schema: variantOf(object.schema, literals),
    presence: 'maybe',
    vouched: object.vouched,
  }
}

/**
 * What a value can be asked of which no schema is known: a field of a type that only TypeScript knows, or `unknown`. Where
 * texts, lists and maps share a name, the recorded operation takes each as it is.
 */
export const unknownOperations: Operations = {
  ...mapOperations,
  ...listOperations,
  ...numberOperations,
  ...textOperations,
  ...scalarOperations,
  asList: (subject) => narrowed(subject, { type: 'list', items: unknownSchema }),
  asMap: (subject) => narrowed(subject, { type: 'map', values: unknownSchema }),
  as: (subject, [schema]) => {
    if (typeof schema === 'object' && schema !== null && '_zod' in schema)
      return conforming(subject, schemaFromZod(schema))
    return asVariant(subject, schema)
  },
  includes: (subject, [other]) =>
    predicate('contains', [subject, valueArgument(other, 'the operand of .includes()')]),
  isEmpty: (subject) => {
    const notEmptyText: Node = {
      kind: 'and',
      all: [
        callNode('exists', [narrowed(subject, stringSchema)]),
        { kind: 'not', of: callNode('is', [subject, literalSubject('')]) },
      ],
    }
    const count = valueCall('count', [elementsOrKeys(subject)], numberSchema)
    const noElements = callNode('is', [count, literalSubject(0)])
    return condition({ kind: 'and', all: [noElements, { kind: 'not', of: notEmptyText }] })
  },
  count: (subject) => valueCall('count', [elementsOrKeys(subject)], numberSchema),
}

/** The elements of a list or the keys of a map: the other of the two is empty. */
function elementsOrKeys(subject: ValueSubject): ValueSubject {
  const lists = [subject.node, keysOf(subject).node]
  return valueSubject({ kind: 'concat', lists }, { type: 'list', items: unknownSchema }, 'present')
}

/** A value read as a schema says; nothing vouches for it, so parts of other types are missing. */
function conforming(subject: ValueSubject, schema: Schema): ValueSubject {
  switch (schema.type) {
    case 'unknown':
      return subject
    case 'scalar':
      throw new DefinitionError(
        'scalar-schema',
        '.as() takes a schema of one type',
        'ask .asString() or .asNumber()',
      )
    default:
      return narrowed(subject, schema)
  }
}
