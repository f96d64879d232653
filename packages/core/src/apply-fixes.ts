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
  const set = sets.reduce((to, { at, value }) => withValue(to, at, 0, value), object)
  return removals.reduce((from, { at }) => without(from, at), set)
}

function refuseContradiction(fixes: readonly Fix[]): void {
  for (const [i, fix] of fixes.entries()) {
    const other = fixes.slice(0, i).find(({ at }) => comparePaths(at, fix.at) === 0)
    if (other === undefined || sameChange(fix, other)) continue
    throw new Error(`two fixes change \`${pathText(fix.at)}\` to different values`)
  }
}

const sameChange = (a: Fix, b: Fix): boolean =>
  a.kind === 'set' ? b.kind === 'set' && equalJson(a.value, b.value) : b.kind === 'remove'

type Fields = Readonly<Record<string, Json>>

const isMap = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

function withValue(of: Json | undefined, at: Path, depth: number, value: Json): Json {
  if (depth === at.length) return value
  const step = at[depth] as string | number
  if (typeof step === 'number') {
    if (!Array.isArray(of) || step > of.length) throw noWay(at, depth)
    return of.toSpliced(step, 1, withValue(of[step] as Json | undefined, at, depth + 1, value)) as Json
  }
  const map = of ?? {}
  if (!isMap(map)) throw noWay(at, depth)
  const isThere = Object.hasOwn(map, step)
  const changed = withValue(isThere ? map[step] : undefined, at, depth + 1, value)
  const entries = Object.entries(map).map(([key, item]) => [key, key === step ? changed : item] as const)
  return Object.fromEntries(isThere ? entries : [...entries, [step, changed]])
}

function without(of: Json, at: Path): Json {
  const [step, ...rest] = at
  if (typeof step === 'number') {
    if (!Array.isArray(of) || step >= of.length) return of
    return rest.length === 0
      ? (of.toSpliced(step, 1) as Json)
      : (of.toSpliced(step, 1, without(of[step] as Json, rest)) as Json)
  }
  if (step === undefined || !isMap(of) || !Object.hasOwn(of, step)) return of
  return Object.fromEntries(
    Object.entries(of).flatMap(([key, value]) => {
      if (key !== step) return [[key, value]]
      return rest.length === 0 ? [] : [[key, without(value, rest)]]
    }),
  )
}

const noWay = (at: Path, depth: number): Error =>
  new Error(`a fix sets \`${pathText(at)}\`, but \`${pathText(at.slice(0, depth))}\` has no such place`)
