import { type Json, type Node } from '@gatewright/core'

/** What a ModifySet does to a list that is a set. */
export interface SetChange {
  readonly operation: 'merge' | 'prune'
  readonly values: readonly Json[]
}

/** Whether what stands at a place is denied; the condition that this also hangs on, where nobody knows. */
export type IsDenied = (value: Json | undefined) => boolean | Node

/** Most constants whose subsets are tried, each as a list. */
const mostConstants = 6

/**
 * The values that a list has to have not to be denied; undefined where it does not hang on those alone, so that merging them in would change
 * what is allowed, or would not do. `wanted` is what a fix sets the list to.
 *
 * Conditions read a list by comparing its elements with constants: all lists of these, with and without another element, stand for all
 * that there are.
 */
export function mergedValues(
  wanted: readonly Json[],
  constants: readonly Json[],
  isDenied: IsDenied,
): readonly Json[] | Node | undefined {
  const known = [...new Set([...constants, ...wanted])]
  if (known.length > mostConstants) return undefined
  const lists = subsets(known)
  const answers = lists.map((list) => [list, isDenied(list), isDenied([...list, other])] as const)
  const open = answers.flatMap((each) => [each[1], each[2]]).find((each) => typeof each !== 'boolean')
  if (open !== undefined) return open as Node
  const values = wanted.filter((value) => isDenied([...wanted.filter((each) => each !== value)]) === true)
  const isExact = answers.every(([list, alone, more]) => {
    const lacks = !values.every((value) => list.includes(value))
    return alone === lacks && more === lacks
  })
  return values.length > 0 && isExact && isDenied(undefined) === true ? values : undefined
}

/** The elements of a list that are denied and removed; undefined where those are not some constants alone. */
export function prunedValues(
  constants: readonly Json[],
  isDenied: IsDenied,
): readonly Json[] | Node | undefined {
  const answers = [...constants, other, 7.25, true].map((value) => [value, isDenied(value)] as const)
  const open = answers.find(([, is]) => typeof is !== 'boolean')
  if (open !== undefined) return open[1] as Node
  const denied = answers.flatMap(([value, is]) => (is === true ? [value] : []))
  return denied.length > 0 && denied.every((each) => constants.includes(each)) ? denied : undefined
}

/** A text that no condition compares with. */
const other = 'another text'

function subsets(of: readonly Json[]): readonly (readonly Json[])[] {
  const [first, ...rest] = of
  if (first === undefined) return [[]]
  const without = subsets(rest)
  return [...without, ...without.map((some) => [first, ...some])]
}
