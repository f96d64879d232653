/** What may be given of a value: any of its fields, at any depth. Lists are given whole; `undefined` takes a default away. */
export type Given<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly unknown[]
      ? T
      : { readonly [K in keyof T]?: Given<T[K]> | undefined }

type Fields = Readonly<Record<string, unknown>>

/** A value with what is given over it: maps are merged, everything else replaces. Nothing of either is changed. */
export function merged(base: unknown, given: unknown): unknown {
  if (given === undefined) return base
  if (Array.isArray(given)) return given.map((item) => merged(undefined, item))
  if (!isMap(given)) return given
  const below: Fields = isMap(base) ? base : {}
  const keys = [...new Set([...Object.keys(below), ...Object.keys(given)])]
  // entries, so that a key such as `__proto__` stays one
  return Object.fromEntries(
    keys.flatMap((key) => {
      const before = Object.hasOwn(below, key) ? below[key] : undefined
      if (!Object.hasOwn(given, key)) return [[key, before]]
      return given[key] === undefined ? [] : [[key, merged(before, given[key])]]
    }),
  )
}

/** A map of a manifest; class instances are values. */
function isMap(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
