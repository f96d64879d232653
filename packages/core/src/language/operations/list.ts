import { describe } from '../../ir/describe.js'
import type { Node } from '../../ir/node.js'
import type { ObjectSchema, Schema } from '../../schema.js'
import { DefinitionError, nearest } from '../definition-error.js'
import { domainOf, type Operations } from '../members.js'
import { subjectOf } from '../proxy.js'
import { made } from '../recording.js'
import { ruleNodes } from '../rules.js'
import type { Subject, ValueSubject } from '../subject.js'
import {
  callNode,
  condition,
  conditionOver,
  itemsOf,
  lambdaOver,
  listArgument,
  literalNode,
  numberSchema,
  plainValue,
  readTypeOf,
  stringSchema,
  unknownSchema,
  valueArgument,
  valueCall,
  valueSubject,
  withField,
} from '../values.js'
import { violationNode } from '../violation.js'
import { shapeSubject } from '../shape.js'
import { textArgument } from './text.js'

/** What a list can be asked. */
export const listOperations: Operations = {
  some: (list, [holds]) =>
    condition({ kind: 'some', list: list.node, lambda: conditionOver(list, holds, 'some') }),
  every: (list, [holds]) =>
    condition({ kind: 'every', list: list.node, lambda: conditionOver(list, holds, 'every') }),
  none: (list, [holds]) =>
    condition({
      kind: 'not',
      of: { kind: 'some', list: list.node, lambda: conditionOver(list, holds, 'none') },
    }),
  filter: (list, [holds]) =>
    filtered(list, { kind: 'filter', list: list.node, lambda: conditionOver(list, holds, 'filter') }),
  having: (list, [key]) => having(list, key),
  where: (list, [variant]) => where(list, variant),
  find: (list, [holds]) =>
    element(list, {
      kind: 'find',
      list: list.node,
      lambda: conditionOver(list, holds, 'find'),
      type: readTypeOf(itemsOf(list)),
    }),
  at: (list, [index]) => at(list, index, 'at'),
  first: (list) => at(list, 0, 'first'),
  last: (list) => at(list, -1, 'last'),
  map: (list, [to]) => {
    const { element: variable, index, result } = lambdaOver(list, to, 'map', (given) => shapeSubject(given))
    const node: Node = {
      kind: 'map',
      list: list.node,
      lambda: { element: variable, index, body: result.node },
    }
    return valueSubject(node, { type: 'list', items: result.schema }, 'present')
  },
  flatMap: (list, [to]) => {
    const {
      element: variable,
      index,
      result,
    } = lambdaOver(list, to, 'flatMap', (given) =>
      listArgument(given, 'what the function given to .flatMap() gives'),
    )
    const node: Node = {
      kind: 'flatMap',
      list: list.node,
      lambda: { element: variable, index, body: result.node },
    }
    return sameElements(result, node)
  },
  concat: (list, others) =>
    sameElements(list, {
      kind: 'concat',
      lists: [list.node, ...others.map((other) => listArgument(other, 'the operand of .concat()').node)],
    }),
  count: (list) => valueCall('count', [list], numberSchema),
  isEmpty: (list) => condition({ kind: 'not', of: someIn(list, () => literalNode(true)) }),
  includes: (list, [value]) =>
    condition(callNode('in', [valueArgument(value, 'the operand of .includes()'), list])),
  union: (list, [other]) => {
    const right = listArgument(other, 'the operand of .union()')
    return sameElements(list, { kind: 'concat', lists: [list.node, membersOf(right, list, false)] })
  },
  intersection: (list, [other]) =>
    filtered(list, membersOf(list, listArgument(other, 'the operand of .intersection()'), true)),
  difference: (list, [other]) =>
    filtered(list, membersOf(list, listArgument(other, 'the operand of .difference()'), false)),
  isSubsetOf: (list, [other]) => {
    const right = listArgument(other, 'the operand of .isSubsetOf()')
    return condition({
      kind: 'not',
      of: someIn(list, (item) => ({ kind: 'not', of: callNode('in', [item, right]) })),
    })
  },
  isDisjointFrom: (list, [other]) => {
    const right = listArgument(other, 'the operand of .isDisjointFrom()')
    return condition({ kind: 'not', of: someIn(list, (item) => callNode('in', [item, right])) })
  },
  distinct: (list) => sameElements(list, { kind: 'distinct', list: list.node }),
  duplicates: (list) => sameElements(list, { kind: 'duplicates', list: list.node }),
  sum: (list) => ({ ...valueCall('sum', [list], numberSchema), presence: 'maybe' }),
  join: (list, [separator]) =>
    valueSubject(
      callNode('join', [list, textArgument(separator, 'the separator of .join()')]),
      stringSchema,
      'present',
    ),
  each: (list, [rules]) => {
    const {
      element: variable,
      index,
      result,
    } = lambdaOver(list, rules, 'each', (given) => ruleNodes(given, '.each()'))
    const node = { kind: 'each', list: list.node, element: variable, index, rules: result } as const
    return made({ is: 'rule', rules: [node] }, () => `${describe(list.node)}.each(…)`)
  },
  deny: (list, [violation]) => {
    const {
      element: variable,
      index,
      result,
    } = lambdaOver(list, violation, 'deny', (given) => violationNode(given))
    const deny = { kind: 'deny', if: literalNode(true), violation: result } as const
    const node = { kind: 'each', list: list.node, element: variable, index, rules: [deny] } as const
    return made({ is: 'rule', rules: [node] }, () => `${describe(list.node)}.deny(…)`)
  },
}

/** A list with the same kind of elements. */
function sameElements(list: ValueSubject, node: Node): ValueSubject {
  return { ...list, node, presence: 'present' }
}

/** A list without some of its elements; like a condition, it has to reach the result. */
function filtered(list: ValueSubject, node: Node): ValueSubject {
  return made(sameElements(list, node), () => describe(node))
}

function element(list: ValueSubject, node: Node): ValueSubject {
  const items = itemsOf(list)
  return { is: 'value', node, schema: items, presence: 'maybe', vouched: list.vouched, ...domainOf(items) }
}

function at(list: ValueSubject, index: unknown, operation: string): ValueSubject {
  if (!Number.isSafeInteger(index)) {
    throw new DefinitionError(
      'not-an-index',
      `.${operation}() takes a whole number`,
      'a place that is computed has no meaning here',
    )
  }
  return element(list, {
    kind: 'at',
    list: list.node,
    index: index as number,
    type: readTypeOf(itemsOf(list)),
    vouched: list.vouched && itemsOf(list).type !== 'unknown',
  })
}

function someIn(list: ValueSubject, body: (item: ValueSubject) => Node): Node {
  return { kind: 'some', list: list.node, lambda: lambdaOf(list, body) }
}

function membersOf(list: ValueSubject, of: ValueSubject, members: boolean): Node {
  const lambda = lambdaOf(list, (item) => {
    const isMember = callNode('in', [item, of])
    return members ? isMember : { kind: 'not', of: isMember }
  })
  return { kind: 'filter', list: list.node, lambda }
}

/** A function over elements that the language itself writes. */
function lambdaOf(list: ValueSubject, body: (item: ValueSubject) => Node): ReturnType<typeof conditionOver> {
  const {
    element: variable,
    index,
    result,
  } = lambdaOver(
    list,
    (item: unknown) => item,
    'filter',
    (given) => body(subjectOf(given) as ValueSubject),
  )
  return { element: variable, index, body: result }
}

function having(list: ValueSubject, key: unknown): Subject {
  const items = itemsOf(list)
  if (typeof key !== 'string') throw new DefinitionError('not-a-field', '.having() takes the name of a field')
  if (items.type === 'object' && !Object.hasOwn(items.fields, key)) {
    const near = nearest(key, Object.keys(items.fields))
    throw new DefinitionError(
      'unknown-field',
      `the elements of \`${describe(list.node)}\` have no field \`${key}\``,
      near === undefined ? undefined : `did you mean \`${near}\`?`,
    )
  }
  const schema: Schema = items.type === 'object' ? withField(items, key) : items
  const field = items.type === 'object' ? (items.fields[key]?.schema ?? unknownSchema) : unknownSchema
  const lambda = lambdaOf(list, (item) => ({
    kind: 'call',
    operator: 'exists',
    arguments: [
      {
        kind: 'field',
        of: item.node,
        key,
        type: readTypeOf(field),
        vouched: list.vouched && field.type !== 'unknown',
        required: false,
      },
    ],
  }))
  const node: Node = { kind: 'filter', list: list.node, lambda }
  return filtered({ ...list, schema: { type: 'list', items: schema } }, node)
}

/** The elements that have these literals; of a union, the variants that can have them. */
function where(list: ValueSubject, variant: unknown): Subject {
  const literals = Object.entries(
    plainValue(variant, 'the operand of .where()') as Readonly<Record<string, unknown>>,
  )
  const items = itemsOf(list)
  const lambda = lambdaOf(list, (item) => hasLiterals(item, literals))
  const node: Node = { kind: 'filter', list: list.node, lambda }
  return filtered({ ...list, schema: { type: 'list', items: variantOf(items, literals) } }, node)
}

/** The condition that an object has these literals. */
export function hasLiterals(item: ValueSubject, literals: readonly (readonly [string, unknown])[]): Node {
  const all = literals.map(([key, literal]): Node => ({
    kind: 'call',
    operator: 'is',
    arguments: [
      { kind: 'field', of: item.node, key, type: 'string', vouched: item.vouched, required: false },
      literalNode(String(literal)),
    ],
  }))
  return { kind: 'and', all }
}

/** The variant that has these literals; what only it requires is there, and not vouched for in the others. */
export function variantOf(schema: Schema, literals: readonly (readonly [string, unknown])[]): Schema {
  if (schema.type !== 'union') return schema
  const has = (variant: ObjectSchema): boolean =>
    literals.every(([key, literal]) => {
      const field = variant.fields[key]?.schema
      return (
        field?.type === 'string' && (field.values === undefined || field.values.includes(String(literal)))
      )
    })
  const [variant, ...others] = schema.variants.filter(has)
  if (variant === undefined) {
    const shown = literals.map(([key, literal]) => `${key}: '${String(literal)}'`).join(', ')
    throw new DefinitionError('unknown-variant', `no variant has { ${shown} }`)
  }
  if (others.length > 0) return { type: 'union', variants: [variant, ...others] }
  const fields = Object.entries(variant.fields).map(
    ([key, field]) =>
      [key, field.required === true ? { schema: field.schema, narrowed: true } : field] as const,
  )
  return { ...variant, fields: Object.fromEntries(fields) }
}
