import { equalJson, isObject, type Json, type Path } from '@gatewright/core'

/** An operation of a JSON Patch. Source: RFC 6902. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }

/** A path as a JSON Pointer. Source: RFC 6901. */
export const pointerOf = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The patch that makes one value of another. A list of another length is replaced whole, so that no index hangs on another operation. */
export function patchBetween(before: Json, after: Json, at: Path = []): readonly PatchOperation[] {
  if (equalJson(before, after)) return []
  if (isObject(before) && isObject(after)) {
    const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
    return [
      ...removed.map((key): PatchOperation => ({ op: 'remove', path: pointerOf([...at, key]) })),
      ...Object.entries(after).flatMap(([key, value]): readonly PatchOperation[] => {
        const place = [...at, key]
        return Object.hasOwn(before, key)
          ? patchBetween(before[key] as Json, value, place)
          : [{ op: 'add', path: pointerOf(place), value }]
      }),
    ]
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return after.flatMap((item, i) => patchBetween(before[i] as Json, item as Json, [...at, i]))
  return [{ op: 'replace', path: pointerOf(at), value: after }]
}
