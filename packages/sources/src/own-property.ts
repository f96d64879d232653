import type { Json } from '@gatewright/core'

/** A JSON object that is being built. */
export type JsonObject = Record<string, Json>

/** Sets a property of the object itself, `__proto__` included. */
export function setOwn(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  } else {
    object[key] = value
  }
}

/** The property of the object itself, never an inherited one. */
export function getOwn(object: Json | undefined, key: string): Json | undefined {
  if (!isJsonObject(object) || !Object.hasOwn(object, key)) return undefined
  return object[key]
}

/** Whether a value is a JSON object: no list, no number. */
export function isJsonObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  )
}
