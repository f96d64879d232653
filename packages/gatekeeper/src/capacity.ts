import {
  celCapacity,
  type CelCapacity,
  type CelEvaluator,
  type CelExpressions,
  usualSizes,
} from '@gatewright/compiler'
import { GatekeeperError } from './gatekeeper-error.js'
import type { ParameterSizes } from './parameter-sizes.js'

/** Fewest elements of an object's lists that a policy in CEL has to hold to, where nothing else is said. Gatekeeper lets it cost a tenth. */
const fewestElements: Readonly<Record<CelEvaluator, number>> = { 'api-server': 40, gatekeeper: 20 }

const evaluators: Readonly<Record<CelEvaluator, string>> = {
  'api-server': 'the API server',
  gatekeeper: 'Gatekeeper',
}

/**
 * What a policy in CEL holds to. Nothing tells when it is stored that it costs too much: objects that are large enough are denied then,
 * good or bad. Throws a `GatekeeperError` where it would not hold to as many elements as it has to.
 */
export function heldCapacity(
  id: string,
  expressions: CelExpressions,
  by: CelEvaluator,
  {
    fewest = fewestElements[by],
    sizes,
  }: { readonly fewest?: number | undefined; readonly sizes?: ParameterSizes } = {},
): CelCapacity {
  const capacity = celCapacity(expressions, by, { ...usualSizes, ...sizes })
  const { elements, cost } = capacity
  if (elements !== undefined && elements < fewest)
    throw new GatekeeperError(
      'over-cost',
      `\`${id}\` costs too much in CEL: ${evaluators[by]} would judge no object with more than ${capacityText(capacity)}, and deny all that are larger; what costs most is ${cost.dearest.name}`,
      `give it fewer parameters, or say that ${elements} are enough, or have it judged by Rego or by a webhook`,
    )
  return capacity
}

/** A capacity in words: `138 elements in its lists, …`. */
export const capacityText = ({ elements, sizes }: CelCapacity): string =>
  elements === undefined
    ? 'any number of elements in its lists'
    : `${elements} elements in its lists, with lists in these of up to ${sizes.nested} and texts of up to ${sizes.text} characters`

/** The same with how large parameters may be that are read when an object is judged. */
export const parametrisedCapacityText = (capacity: CelCapacity): string =>
  `${capacityText(capacity)}; with parameters of up to ${capacity.sizes.parameters} elements and ${capacity.sizes.parameterText} characters`
