import { DefinitionError } from '../definition-error.js'
import { domainOf, type Operations } from '../members.js'
import type { Schema } from '../../schema.js'
import type { ValueSubject } from '../subject.js'
import {
  callNode,
  condition,
  lambdaOver,
  literalNode,
  numberSchema,
  readTypeOf,
  stringSchema,
  unknownSchema,
  valueArgument,
  valueCall,
  valueSubject,
} from '../values.js'
import { subjectOf } from '../proxy.js'
import type { Node } from '../../ir/node.js'

/** What a map can be asked. */
export const mapOperations: Operations = {
  get: (map, [key]) => valueUnder(map, key, '.get()'),
  has: (map, [key]) => condition(callNode('exists', [valueUnder(map, key, '.has()')])),
  keys: (map) => keysOf(map),
  values: (map) => overKeys(map, (_, value) => value),
  entries: (map) =>
    overKeys(map, (key, value) => ({
      ...valueSubject(
        { kind: 'record', fields: { key: key.node, value: value.node } },
        {
          type: 'object',
          name: 'Entry',
          fields: {
            key: { schema: stringSchema, narrowed: true },
            value: { schema: value.schema, narrowed: true },
          },
        },
        'present',
      ),
    })),
  isEmpty: (map) => {
    const keys = keysOf(map)
    const { element, index } = lambdaOver(
      keys,
      () => undefined,
      'isEmpty',
      () => undefined,
    )
    const some: Node = { kind: 'some', list: keys.node, lambda: { element, index, body: literalNode(true) } }
    return condition({ kind: 'not', of: some })
  },
  count: (map) => valueCall('count', [keysOf(map)], numberSchema),
}

/** The keys of an object, whatever its schema. */
export function keysOf(of: ValueSubject): ValueSubject {
  return {
    ...valueSubject({ kind: 'keys', of: of.node }, { type: 'list', items: stringSchema }, 'present'),
    elementName: 'key',
  }
}

function valueUnder(map: ValueSubject, key: unknown, operation: string): ValueSubject {
  const operand = valueArgument(key, `the key of ${operation}`)
  if (operand.schema.type !== 'string' && operand.schema.type !== 'unknown') {
    throw new DefinitionError('not-a-text', `the key of ${operation} is no text`)
  }
  const values: Schema = map.schema.type === 'map' ? map.schema.values : unknownSchema
  const vouched = map.vouched && values.type !== 'unknown'
  const type = readTypeOf(values)
  const node: Node =
    operand.node.kind === 'literal'
      ? { kind: 'field', of: map.node, key: String(operand.node.value), type, vouched, required: false }
      : { kind: 'get', of: map.node, key: operand.node, type, vouched }
  return { is: 'value', node, schema: values, presence: 'maybe', vouched, ...domainOf(values) }
}

/** A list over the keys of a map, with the value under each. */
function overKeys(
  map: ValueSubject,
  give: (key: ValueSubject, value: ValueSubject) => ValueSubject,
): ValueSubject {
  const keys = keysOf(map)
  const { element, index, result } = lambdaOver(
    keys,
    (key: unknown) => key,
    'entries',
    (key) =>
      give(subjectOf(key) as ValueSubject, { ...valueUnder(map, key, '.get()'), presence: 'narrowed' }),
  )
  const node: Node = { kind: 'map', list: keys.node, lambda: { element, index, body: result.node } }
  return {
    ...valueSubject(node, { type: 'list', items: result.schema }, 'present'),
    elementName: 'entry',
    vouched: result.vouched,
  }
}
