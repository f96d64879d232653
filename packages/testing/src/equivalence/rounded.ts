import { isNumber, isObject, type Json, numberText } from '@gatewright/core'

/** A value with its numbers as a host reads them that knows doubles alone. */
export function rounded<T>(value: T): T {
  return roundedJson(value as unknown as Json) as unknown as T
}

function roundedJson(value: Json): Json {
  if (isNumber(value)) return Number(numberText(value))
  if (Array.isArray(value)) return (value as readonly Json[]).map(roundedJson)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, roundedJson(each)]])),
  )
}
