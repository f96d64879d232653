import type { Json, Path } from '@gatewright/core'
import { getOwn, isJsonObject, type JsonObject, setOwn } from './own-property.js'
import type { SourceObject } from './source-document.js'

/** Something wrong with a document as a manifest, and where in it. */
export interface ManifestProblem {
  readonly level: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly help?: string
  readonly path: Path
}

/** The objects of a manifest, and what is wrong with it. */
export interface Manifest {
  readonly objects: readonly SourceObject[]
  readonly problems: readonly ManifestProblem[]
}

/**
 * The objects of a document as kubectl finds them: every object with a top-level list `items` is a list of objects, whatever its
 * kind, and lists in lists are expanded too. Each object must be a mapping with a `kind`.
 */
export function expandLists(root: Json): Manifest {
  const objects: SourceObject[] = []
  const problems: ManifestProblem[] = []
  const problem = (code: string, message: string, path: Path, help?: string): void => {
    problems.push({ level: 'error', code, message, path, ...(help !== undefined && { help }) })
  }
  const expand = (value: Json, path: Path): void => {
    if (!isJsonObject(value)) {
      problem('not-an-object', `a manifest must be a mapping, found ${kindOfValue(value)}`, path)
      return
    }
    const kind = getOwn(value, 'kind')
    if (typeof kind !== 'string' || kind === '') {
      problem('no-kind', 'the object has no `kind`', path, 'every manifest needs `apiVersion` and `kind`')
      return
    }
    const items = getOwn(value, 'items')
    if (items === undefined) {
      objects.push({ value, path })
    } else if (items === null || Array.isArray(items)) {
      expandItems(value, (items ?? []) as readonly Json[], [...path, 'items'])
    } else {
      problem('bad-list', `\`items\` must be a list, found ${kindOfValue(items)}`, [...path, 'items'])
    }
  }
  const expandItems = (list: Json, items: readonly Json[], path: Path): void => {
    if (items.length === 0) {
      const message = 'the list is empty: there is nothing to judge in it'
      problems.push({ level: 'warning', code: 'empty-list', message, path: path.slice(0, -1) })
    }
    for (const [index, item] of items.entries()) expand(typed(item, list), [...path, index])
  }
  expand(root, [])
  return { objects, problems }
}

/** An item of a typed list has its kind and version from the list when it has neither of its own. */
function typed(item: Json, list: Json): Json {
  const listKind = getOwn(list, 'kind')
  if (!isJsonObject(item) || typeof listKind !== 'string') return item
  const kind = listKind.replace(/List$/, '')
  if (kind === '' || named(item, 'kind') || named(item, 'apiVersion')) return item
  const object: JsonObject = { apiVersion: getOwn(list, 'apiVersion') ?? '', kind }
  for (const [key, value] of Object.entries(item)) {
    if (key !== 'kind' && key !== 'apiVersion') setOwn(object, key, value)
  }
  return object
}

function named(item: Json, key: string): boolean {
  const value = getOwn(item, key)
  return typeof value === 'string' && value !== ''
}

function kindOfValue(value: Json): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'object' && isJsonObject(value)
    ? 'a mapping'
    : typeof value === 'boolean'
      ? 'a boolean'
      : 'a number'
}
