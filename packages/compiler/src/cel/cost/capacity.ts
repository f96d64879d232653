import type { CelExpressions } from '../module.js'
import { type CelCost, costedPolicy } from './cost.js'
import type { CelSizes } from './shape.js'

/** Who evaluates a policy: the API server by itself, or Gatekeeper's engine for CEL. */
export type CelEvaluator = 'api-server' | 'gatekeeper'

/**
 * The limits of one policy for one object: of each expression by itself, and of all together (`pkg/apis/cel/config.go` of the API
 * server; Gatekeeper 3.23 gives the first as both).
 */
export const celLimits: Readonly<Record<CelEvaluator, { readonly each: number; readonly total: number }>> = {
  'api-server': { each: 1_000_000, total: 10_000_000 },
  gatekeeper: { each: 1_000_000, total: 1_000_000 },
}

/** Sizes that a bound is stated for, beside the number of elements. */
export const usualSizes: Omit<CelSizes, 'elements'> = {
  nested: 16,
  text: 128,
  parts: 8,
  parameters: 8,
  parameterText: 48,
}

/** Most elements that are asked about: an object of more is larger than what etcd stores. */
const mostElements = 20_000

/** What a policy holds to. */
export interface CelCapacity {
  /** Elements of all lists of an object together up to which it is judged; undefined where no number of them is too many. */
  readonly elements: number | undefined
  readonly sizes: CelSizes
  /** What it costs at these, or at the most that are asked about. */
  readonly cost: CelCost
}

/**
 * Up to how many elements an object is judged within the limits. One that has more is denied, since a policy that fails is closed. Gives
 * 0 elements for a policy that is over the limits before there is any.
 */
export function celCapacity(
  expressions: Omit<CelExpressions, 'fallback'>,
  by: CelEvaluator,
  sizes: Omit<CelSizes, 'elements'> = usualSizes,
): CelCapacity {
  const cost = costedPolicy(expressions)
  const { each, total } = celLimits[by]
  const fits = (elements: number): boolean => {
    const { total: all, dearest } = cost({ ...sizes, elements })
    return all <= total && dearest.cost <= each
  }
  const given = (elements: number): CelCapacity => {
    const whole = { ...sizes, elements }
    return { elements: elements === mostElements ? undefined : elements, sizes: whole, cost: cost(whole) }
  }
  if (fits(mostElements)) return given(mostElements)
  let [low, high] = [0, mostElements]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return given(low)
}
