import type { Json } from '@gatewright/core'
import { refusal, type SchemaPart } from './structural-schema.js'

/** The most fields that may be left out and have no default: each doubles the alternatives that are written. */
const mostOptional = 5

/**
 * An object that has no other fields than these. A structural schema drops fields that it does not know, without a word, so that a
 * misspelt one would count as left out. This one keeps them, and counts: fields that are required or have a default are all there by
 * then, so that one more is one that nobody knows.
 */
export function closedObject(
  fields: Readonly<Record<string, SchemaPart>>,
  required: readonly string[],
  path: readonly string[],
): SchemaPart {
  const names = Object.keys(fields)
  const optional = names.filter((name) => !required.includes(name) && fields[name]?.['default'] === undefined)
  if (optional.length > mostOptional)
    throw refusal(
      path,
      `has ${optional.length} fields that may be left out and have no default`,
      `give some of them a default, so that there are ${mostOptional} at most; only then misspelt ones are refused`,
    )
  const always = names.length - optional.length
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    ...(names.length > 0 && { properties: fields }),
    'x-kubernetes-preserve-unknown-fields': true,
    ...(optional.length === 0
      ? { maxProperties: always }
      : { anyOf: subsets(optional).map((some) => sized(some, always + some.length)) }),
  }
}

const sized = (required: readonly string[], maxProperties: number): Json => ({
  ...(required.length > 0 && { required }),
  maxProperties,
})

function subsets(names: readonly string[]): readonly (readonly string[])[] {
  const [first, ...others] = names
  if (first === undefined) return [[]]
  const rest = subsets(others)
  return [...rest, ...rest.map((some) => [first, ...some])]
}
