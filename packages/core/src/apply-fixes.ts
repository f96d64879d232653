import { equalJson, type Json } from './json.js'
import { pathText } from './analysis/reads.js'
import { comparePaths, type Fix, type Path } from './verdict.js'

/**
 * An object with fixes applied. What has to be there on the way to a value that is set is made; a value that is not there is not
 * removed. Throws an `Error` where two fixes contradict each other, or where a step of a path leads through a text or past a list.
 */
export function applyFixes(object: Json, fixes: readonly Fix[]): Json {
  refuseContradiction(fixes)
  const sets = fixes.filter((fix) => fix.kind === 'set')
  // from the end of a list to its start, so that no removal moves what another one means
  const removals = fixes
    .filter((fix) => fix.kind === 'remove')
    .toSorted((a, b) => comparePaths(b.at, a.at))
    .filter((fix, i, all) => i === 0 || comparePaths(fix.at, (all[i - 1] as Fix).at) !== 0)
  const copies: Copies = new Set()
  const set = sets.reduce((to, { at, value }) => withValue(to, at, 0, value, copies), object)
  return removals.reduce((from, { at }) => without(from, at, 0, copies), set)
}

function refuseContradiction(fixes: readonly Fix[]): void {
  // those of one place stand together then, in their order
  const sorted = fixes.toSorted((a, b) => comparePaths(a.at, b.at))
  let [first] = sorted
  for (const fix of sorted) {
    if (first === undefined || comparePaths(first.at, fix.at) !== 0) first = fix
    else if (!sameChange(fix, first))
      throw new Error(`two fixes change \`${pathText(fix.at)}\` to different values`)
  }
}

const sameChange = (a: Fix, b: Fix): boolean =>
  a.kind === 'set' ? b.kind === 'set' && equalJson(a.value, b.value) : b.kind === 'remove'

type Fields = Readonly<Record<string, Json>>

const isMap = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Lists and maps that were made here: they are changed in place, so that each is copied once, however many fixes lead into it. */
type Copies = Set<object>

function listCopy(of: readonly Json[], copies: Copies): Json[] {
  if (copies.has(of)) return of as Json[]
  const copy = [...of]
  copies.add(copy)
  return copy
}

function mapCopy(of: Fields, copies: Copies): Record<string, Json> {
  if (copies.has(of)) return of
  const copy = Object.fromEntries(Object.entries(of))
  copies.add(copy)
  return copy
}

function withValue(of: Json | undefined, at: Path, depth: number, value: Json, copies: Copies): Json {
  if (depth === at.length) return value
  const step = at[depth] as string | number
  if (typeof step === 'number') {
    if (!Array.isArray(of) || step > of.length) throw noWay(at, depth)
    const list = listCopy(of as readonly Json[], copies)
    list[step] = withValue(list[step], at, depth + 1, value, copies)
    return list
  }
  const map = of ?? {}
  if (!isMap(map)) throw noWay(at, depth)
  const changed = withValue(Object.hasOwn(map, step) ? map[step] : undefined, at, depth + 1, value, copies)
  const copy = mapCopy(map, copies)
  // a key may be called `__proto__`
  Object.defineProperty(copy, step, { value: changed, enumerable: true, writable: true, configurable: true })
  return copy
}

function without(of: Json, at: Path, depth: number, copies: Copies): Json {
  const step = at[depth]
  const isLast = depth === at.length - 1
  if (typeof step === 'number') {
    if (!Array.isArray(of) || step >= of.length) return of
    const list = listCopy(of as readonly Json[], copies)
    if (isLast) list.splice(step, 1)
    else list[step] = without(list[step] as Json, at, depth + 1, copies)
    return list
  }
  if (step === undefined || !isMap(of) || !Object.hasOwn(of, step)) return of
  const copy = mapCopy(of, copies)
  if (isLast) Reflect.deleteProperty(copy, step)
  else
    Object.defineProperty(copy, step, {
      value: without(of[step] as Json, at, depth + 1, copies),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  return copy
}

const noWay = (at: Path, depth: number): Error =>
  new Error(`a fix sets \`${pathText(at)}\`, but \`${pathText(at.slice(0, depth))}\` has no such place`)
