import { type Inventory, kindOf } from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import { jsonOf } from './review.js'

/**
 * The objects that rules may look up beside the one that is judged; `complete` says that there are no others. Throws a `TypeError`
 * for one without `apiVersion` and `kind`, which no look-up would find.
 */
export function inventory(objects: Iterable<object>, options: { readonly complete: boolean }): Inventory {
  const known = [...objects].map((each, i) => {
    const json = jsonOf(each, `object ${i} of the inventory`)
    if (kindOf(json) === undefined) {
      throw new TypeError(`object ${i} of the inventory has no \`apiVersion\` and \`kind\``)
    }
    return json
  })
  return inventoryOf(known, options)
}
