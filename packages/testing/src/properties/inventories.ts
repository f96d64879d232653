import { type Json, needsOf } from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import type { Question } from '../search/questions.js'
import type { Property } from './property.js'
import type { Subject } from './subject.js'

/** The objects of an inventory that a policy looks up. */
function objectsIn({ inventory }: Question, { policy }: Subject): readonly Json[] {
  if (inventory === undefined) return []
  return needsOf(policy.ir).inventory.flatMap((resource) => inventory.list(resource).items)
}

/** How many other inventories an incomplete one is held against. */
const mostOthers = 8

export const incompleteInventory: Property = {
  name: 'inventory',
  says: 'what is said with an inventory that is not complete is not reversed by what is missing in it',
  advice: 'this is a fault of Gatewright: please report it with the seed',
  shownBy: 'verdicts with an incomplete inventory that were held against complete ones',
  enough: 60,
  unfit: ({ policy }) =>
    needsOf(policy.ir).inventory.length === 0 ? 'the policy looks no other objects up' : undefined,
  tried: (question, subject) => {
    const known = objectsIn(question, subject)
    const partial: Question = { ...question, inventory: inventoryOf(known, { complete: false }) }
    const first = subject.answered(partial)
    if (first.verdict.verdict !== 'allowed' && first.verdict.verdict !== 'denied') return undefined
    const others = [[], ...subject.seen.slice(0, mostOthers).map((each) => objectsIn(each, subject))]
    for (const more of others) {
      const whole: Question = { ...question, inventory: inventoryOf([...known, ...more], { complete: true }) }
      const then = subject.answered(whole)
      if (then.verdict.verdict !== first.verdict.verdict)
        return { because: 'the verdict is another one once all objects are known', first, then }
    }
    return 'holds'
  },
}
