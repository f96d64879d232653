/**
 * Writes the Unicode tables of the pattern compiler in WebAssembly, `packages/compiler/assembly/patterns/generated/unicode.ts`, from those
 * of re2js, so that both know the same version of Unicode: node scripts/unicode-tables.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const entry = createRequire(import.meta.url).resolve('re2js')
const source = readFileSync(join(dirname(entry), 'index.js'), 'utf8')
const end = 0x110000

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-'

function numbersOf(text) {
  const numbers = []
  let [value, shift] = [0, 0]
  for (const digit of text) {
    const bits = digits.indexOf(digit)
    value |= (bits & 31) << shift
    shift += 5
    if (bits & 32) continue
    numbers.push(value)
    value = shift = 0
  }
  return numbers
}

/** The code points of a table, as one byte for each. */
function membersOf(text, isStride1) {
  const members = new Uint8Array(end)
  const numbers = numbersOf(text)
  let current = 0
  for (let i = 0; i < numbers.length; i += isStride1 ? 2 : 3) {
    const low = current + numbers[i]
    current = low + numbers[i + 1]
    for (let c = low; c <= current; c += isStride1 ? 1 : numbers[i + 2]) members[c] = 1
  }
  return members
}

function tablesOf(name) {
  const from = source.indexOf(`static ${name} = new LazyMap({`)
  if (from < 0) throw new Error(`re2js has no ${name}`)
  const section = source.slice(from, source.indexOf('});', from))
  const entries = section.matchAll(
    /(\w+): \(\) => new UnicodeRangeTable\(decodeRanges\("([^"]*)", (\w+)\)\)/g,
  )
  return new Map(Array.from(entries, ([, key, text, flag]) => [key, membersOf(text, flag === 'true')]))
}

const categories = tablesOf('CATEGORIES')
const scripts = tablesOf('SCRIPTS')
const folded = new Map([...tablesOf('FOLD_CATEGORIES'), ...tablesOf('FOLD_SCRIPT')])

const orbit = new Map()
{
  const numbers = numbersOf(/decodeOrbit\("([^"]*)"\)/.exec(source)[1])
  let key = 0
  for (let i = 0; i < numbers.length; i += 2) {
    key += numbers[i]
    orbit.set(key, key + ((numbers[i + 1] >>> 1) ^ -(numbers[i + 1] & 1)))
  }
  for (let upper = 65; upper <= 90; upper++) {
    if (!orbit.has(upper)) orbit.set(upper, upper + 32)
    if (!orbit.has(upper + 32)) orbit.set(upper + 32, upper)
  }
}

// what (?i) adds to a table is made from the orbits; re2js has it as tables of its own
for (const [name, members] of [...categories, ...scripts]) {
  const expected = folded.get(name)
  for (const [from] of orbit) {
    if (members[from]) continue
    let added = 0
    for (let c = orbit.get(from); c !== from; c = orbit.get(c)) if (members[c]) added = 1
    if (added !== (expected?.[from] ?? 0))
      console.error(`${name}: U+${from.toString(16)} is folded differently: ${added}`)
  }
}

function pushNumber(bytes, number) {
  for (; number >= 128; number >>>= 7) bytes.push((number & 127) | 128)
  bytes.push(number)
}

const single = [...categories.keys()].filter((name) => name.length === 2 && name !== 'LC')
const properties = [...categories.keys()].filter((name) => name.length > 2)
const groups = [...categories.keys()].filter((name) => name.length === 1 || name === 'LC')

function partition(names, tables) {
  const of = new Uint8Array(end).fill(255)
  names.forEach((name, index) => {
    const members = tables.get(name)
    for (let c = 0; c < end; c++) {
      if (!members[c]) continue
      if (of[c] !== 255) throw new Error(`${name} overlaps`)
      of[c] = index
    }
  })
  if (of.includes(255)) throw new Error('not every code point is in a table')
  const runs = []
  for (let c = 0; c < end;) {
    let to = c
    while (to < end && of[to] === of[c]) to++
    runs.push([of[c], to - c])
    c = to
  }
  return runs
}

/** Runs of general categories: five bits of category, three of length less one; the most of those has the rest behind it. */
const categoryBytes = []
for (const [category, length] of partition(single, categories)) {
  categoryBytes.push((category << 3) | Math.min(length - 1, 7))
  if (length >= 8) pushNumber(categoryBytes, length - 8)
}
const scriptNames = [...scripts.keys()]
const scriptBytes = []
for (const [script, length] of partition(scriptNames, scripts)) {
  scriptBytes.push(script)
  pushNumber(scriptBytes, length)
}

const masks = groups.map((group) => {
  const within = categories.get(group)
  let mask = 0
  single.forEach((name, index) => {
    const members = categories.get(name)
    const first = members.indexOf(1)
    if (within[first]) mask |= 1 << index
    for (let c = 0; c < end; c++)
      if (members[c] && within[c] !== within[first]) throw new Error(`${group} cuts ${name}`)
  })
  return mask >>> 0
})

/** Names of properties, each with the distances between the ends of its ranges. */
const propertyBytes = []
for (const name of properties) {
  const members = categories.get(name)
  const bounds = []
  for (let c = 0; c <= end; c++) if ((members[c] ?? 0) !== (members[c - 1] ?? 0)) bounds.push(c)
  const bytes = []
  let last = 0
  for (const bound of bounds) {
    pushNumber(bytes, bound - last)
    last = bound
  }
  propertyBytes.push(name.length, ...Buffer.from(name))
  pushNumber(propertyBytes, bytes.length)
  propertyBytes.push(...bytes)
}
propertyBytes.push(0)

/**
 * Runs of code points with another case: how far behind the last run, how many, and one of two steps with the distance to the
 * next one of the orbit: the same for all, one or two code points apart, or forth and back in pairs.
 */
const orbitBytes = []
{
  const keys = [...orbit.keys()].sort((a, b) => a - b)
  const distance = (key) => orbit.get(key) - key
  let last = 0
  for (let i = 0; i < keys.length;) {
    const lengthOf = (step, next) => {
      let n = 1
      while (
        i + n < keys.length &&
        keys[i + n] === keys[i] + n * step &&
        distance(keys[i + n]) === (next && n % 2 === 1 ? -distance(keys[i]) : distance(keys[i]))
      )
        n++
      return n
    }
    const lengths = [lengthOf(1, false), lengthOf(2, false), lengthOf(1, true)]
    const kind = lengths.indexOf(Math.max(...lengths))
    const count = lengths[kind]
    const first = distance(keys[i])
    pushNumber(orbitBytes, keys[i] - last)
    pushNumber(orbitBytes, (count - 1) * 3 + kind)
    pushNumber(orbitBytes, first < 0 ? -first * 2 - 1 : first * 2)
    last = keys[i + count - 1]
    i += count
  }
}

const names = (list) => [...list.flatMap((name) => [name.length, ...Buffer.from(name)]), 0]
const data = (name, bytes) =>
  `export const ${name}: u32 = <u32>memory.data<u8>([${bytes.join(',')}])\nexport const ${name}_SIZE: u32 = ${bytes.length}\n`
const text = [
  '// written by scripts/unicode-tables.mjs\n',
  data('CATEGORY_NAMES', names(single)),
  data('CATEGORY_RUNS', categoryBytes),
  data('GROUP_NAMES', names(groups)),
  `export const GROUP_MASKS: u32 = <u32>memory.data<u32>([${masks.join(',')}])\n`,
  data('SCRIPT_NAMES', names(scriptNames)),
  data('SCRIPT_RUNS', scriptBytes),
  data('PROPERTIES', propertyBytes),
  data('ORBITS', orbitBytes),
].join('')
writeFileSync('packages/compiler/assembly/patterns/generated/unicode.ts', text)
console.log({
  categories: categoryBytes.length,
  scripts: scriptBytes.length,
  scriptNames: names(scriptNames).length,
  properties: propertyBytes.length,
  orbits: orbitBytes.length,
  single: single.length,
})
