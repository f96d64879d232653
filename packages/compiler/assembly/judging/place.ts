/** Where values lie in the judged object: chains of steps, made only where a violation is reported. 0 lies nowhere. */
import { allocate } from '../cells'
import { compareText, equalText } from '../values/text'

const ROOT: u8 = 1
const KEY: u8 = 2
const INDEX: u8 = 3
/** A record that an expression built: its fields have places of their own. */
const PARTS: u8 = 4

/** A place: its kind, whether it has ended at a computed key, the place above, and the step: the cell of a key, or an index. */
function newPlace(kind: u8, above: u32, step: u32): u32 {
  const place = allocate(16)
  store<u32>(place, kind)
  store<u32>(place, above, 4)
  store<u32>(place, step, 8)
  return place
}

/** The place of a document itself. */
export function rootPlace(): u32 {
  return newPlace(ROOT, 0, 0)
}

function kindOf(place: u32): u8 {
  return load<u8>(place)
}

function hasEnded(place: u32): bool {
  return load<u8>(place, 1) != 0
}

/** The place of a field. Nothing below an ended place is part of it (law 8). */
export function keyPlace(given: u32, key: u32): u32 {
  if (given == 0) return 0
  if (kindOf(given) == PARTS) return partOf(given, key)
  return hasEnded(given) ? given : newPlace(KEY, given, key)
}

/** The place of an element. */
export function indexPlace(given: u32, index: u32): u32 {
  if (given == 0 || kindOf(given) == PARTS) return 0
  return hasEnded(given) ? given : newPlace(INDEX, given, index)
}

/** The place, of which nothing below is part. */
export function endedPlace(given: u32): u32 {
  if (given == 0 || kindOf(given) == PARTS) return 0
  const place = newPlace(kindOf(given), load<u32>(given, 4), load<u32>(given, 8))
  store<u8>(place, 1, 1)
  return place
}

/** The place under a computed key, which is part of it where the key is bound by an iteration over the same object. */
export function computedPlace(given: u32, key: u32, isOwn: bool): u32 {
  if (given != 0 && kindOf(given) == PARTS) return key == 0 ? 0 : partOf(given, key)
  return isOwn && key != 0 ? keyPlace(given, key) : endedPlace(given)
}

/** The places of a record's fields; `parts` is the address of an array of keys and places. */
export function partsPlace(parts: u32, count: u32): u32 {
  return newPlace(PARTS, parts, count)
}

function partOf(given: u32, key: u32): u32 {
  const parts = load<u32>(given, 4)
  const count = load<u32>(given, 8)
  for (let i: u32 = 0; i < count; i++) {
    const at = parts + (i << 3)
    if (equalText(load<u32>(at), key)) return load<u32>(at, 4)
  }
  return 0
}

/** Whether a place lies directly under another. */
export function isDirectlyUnder(place: u32, above: u32): bool {
  if (place == 0 || above == 0) return false
  const kind = kindOf(place)
  return (kind == KEY || kind == INDEX) && comparePlaces(load<u32>(place, 4), above) == 0
}

/** The number of steps. */
export function depthOf(place: u32): u32 {
  let depth: u32 = 0
  while (place != 0 && kindOf(place) != ROOT && kindOf(place) != PARTS) {
    depth++
    place = load<u32>(place, 4)
  }
  return depth
}

/** The step at a depth below that of the place, as a place. */
function stepAt(place: u32, depth: u32, wanted: u32): u32 {
  while (depth > wanted) {
    place = load<u32>(place, 4)
    depth--
  }
  return place
}

/** Orders places as paths: numbers by value before keys by code point, a prefix first. */
export function comparePlaces(a: u32, b: u32): i32 {
  const depthA = depthOf(a)
  const depthB = depthOf(b)
  const shared = min(depthA, depthB)
  for (let depth: u32 = 1; depth <= shared; depth++) {
    const x = stepAt(a, depthA, depth)
    const y = stepAt(b, depthB, depth)
    if (x == y) continue
    const order = compareSteps(x, y)
    if (order != 0) return order
  }
  return <i32>depthA - <i32>depthB
}

function compareSteps(x: u32, y: u32): i32 {
  const step = load<u32>(x, 8)
  const other = load<u32>(y, 8)
  if (kindOf(x) == INDEX) return kindOf(y) == INDEX ? <i32>step - <i32>other : -1
  return kindOf(y) == INDEX ? 1 : compareText(step, other)
}

/** The step at a depth, 1 for the first. */
export function stepOf(place: u32, depth: u32): u32 {
  return stepAt(place, depthOf(place), depth)
}

export function isIndex(step: u32): bool {
  return kindOf(step) == INDEX
}

export function stepValue(step: u32): u32 {
  return load<u32>(step, 8)
}
