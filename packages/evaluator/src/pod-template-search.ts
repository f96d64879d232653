import { type Json, type Path, pathText } from '@gatewright/core'

/** How deep pods are looked for. */
const deepest = 12

/**
 * Where an object of another kind holds something like a pod: a list `containers` of objects with an image. Custom resources
 * do, and a policy about workloads does not look there, so reports say it.
 */
export function unknownPodTemplate(object: Json): string | undefined {
  const path = search(object, [])
  return path === undefined ? undefined : pathText(path)
}

function search(value: Json, path: Path): Path | undefined {
  if (typeof value !== 'object' || value === null || path.length > deepest) return undefined
  if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries()) {
      const found = search(item, [...path, index])
      if (found !== undefined) return found
    }
    return undefined
  }
  const { containers } = value as { readonly containers?: Json }
  if (Array.isArray(containers) && containers.some(hasImage)) return path
  for (const [key, item] of Object.entries(value)) {
    const found = search(item, [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}

const hasImage = (value: Json): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'image')
