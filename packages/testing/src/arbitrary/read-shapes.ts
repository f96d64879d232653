import type { ReadTree } from '@gatewright/core'
import { anyText, anything, boolean, dnsLabel, integer } from './leaves.js'
import { lazyField, listOf, mapOf, type Shape } from './shape.js'

/** The shape of what is read, for objects whose schema a policy does not keep. */
export function shapeFromReads(reads: ReadTree | undefined): Shape {
  if (reads === undefined) return { is: 'object', fields: new Map() }
  const { fields, elements, values, types } = reads
  if (elements !== undefined || types.has('list')) return listOf(shapeFromReads(elements))
  if (fields.size > 0) {
    return {
      is: 'object',
      fields: new Map(
        [...fields].map(([key, each]) => [key, lazyField(each.assumed, 0.7, () => shapeFromReads(each))]),
      ),
    }
  }
  if (values !== undefined) return mapOf(dnsLabel, shapeFromReads(values))
  if (types.has('string')) return anyText
  if (types.has('number')) return integer(-1000, 1000, 1, 0)
  if (types.has('boolean')) return boolean
  return types.has('object') ? { is: 'object', fields: new Map() } : anything
}
