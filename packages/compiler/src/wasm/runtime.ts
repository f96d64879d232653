import { Bytes, Reader, sectionOrder, sections } from './binary.js'

/** The built runtime, taken apart so that functions and data can be added to it. */
export interface Runtime {
  /** Numbers of the functions that it exports, for policies and for hosts. */
  readonly functions: ReadonlyMap<string, number>
  /** The number that the first function of a module gets. */
  readonly functionCount: number
  /** Where data of a module may begin. */
  readonly dataEnd: number
  readonly sections: ReadonlyMap<number, Uint8Array>
  readonly importedCount: number
  readonly needs: Needs
}

/** By function that is no import: the functions that it calls, and the segments of data that it reads. */
export type Needs = readonly (readonly [calls: readonly number[], data: readonly number[]])[]

/** What a module adds to the runtime. */
export interface Added {
  /** Bodies of functions that take and give nothing; they stand in the table from 1. */
  readonly functions: readonly { readonly name: string; readonly body: Uint8Array }[]
  /** Memory from an address behind `Runtime.dataEnd` on, and words at the fixed address of the header. */
  readonly data: Uint8Array
  readonly dataAt: number
  readonly header: Uint8Array
  readonly headerAt: number
  /** The end of the data, where the heap begins. */
  readonly heapStart: number
  /** Sections that engines skip. */
  readonly custom: Uint8Array
  /** Functions of the runtime that those of the module call. */
  readonly called: ReadonlySet<number>
  /** The functions and globals that hosts see. */
  readonly exported: (name: string) => boolean
}

/** Reads a runtime that was built from the sources in `assembly`. */
export function readRuntime(bytes: Uint8Array, dataEnd: number, needs: Needs): Runtime {
  const reader = new Reader(bytes, 8)
  const found = new Map<number, Uint8Array>()
  while (reader.at < bytes.length) {
    const id = reader.byte()
    const content = reader.take(reader.unsigned())
    if (id !== sections.custom) found.set(id, content)
  }
  const functions = new Map<string, number>()
  const exports = new Reader(section(found, sections.export))
  for (let left = exports.unsigned(); left > 0; left--) {
    const name = exports.text()
    const kind = exports.byte()
    const index = exports.unsigned()
    if (kind === 0) functions.set(name, index)
  }
  const importedCount = importedFunctions(found)
  const functionCount = importedCount + new Reader(section(found, sections.function)).unsigned()
  return { functions, functionCount, dataEnd, sections: found, importedCount, needs }
}

const section = (of: ReadonlyMap<number, Uint8Array>, id: number): Uint8Array =>
  of.get(id) ?? Uint8Array.of(0)

function importedFunctions(of: ReadonlyMap<number, Uint8Array>): number {
  let count = 0
  const reader = new Reader(section(of, sections.import))
  for (let left = reader.unsigned(); left > 0; left--) if (readImport(reader).kind === 0) count++
  return count
}

interface Import {
  readonly kind: number
  readonly module: string
  readonly name: string
  readonly description: Uint8Array
}

function readImport(reader: Reader): Import {
  const module = reader.text()
  const name = reader.text()
  const kind = reader.byte()
  const start = reader.at
  if (kind === 0) reader.unsigned()
  else if (kind === 2) readLimits(reader)
  else throw new TypeError(`the runtime imports \`${name}\`, which is neither a function nor a memory`)
  return { kind, module, name, description: reader.bytes.slice(start, reader.at) }
}

function readLimits(reader: Reader): void {
  const hasMost = reader.byte() % 2 === 1
  reader.unsigned()
  if (hasMost) reader.unsigned()
}

/** OPA's hosts bring a memory of five pages where nobody says otherwise. */
const mostPages = 5
const pageSize = 65_536

/** The address at which the data of a module ends at the latest. */
export const mostData: number = mostPages * pageSize - 8

/** A module, and where in it the bodies of the added functions begin. */
export interface Linked {
  readonly bytes: Uint8Array
  readonly bodies: readonly number[]
}

/** Adds functions and data to the runtime. Stable: the same parts give the same bytes. */
export function link(runtime: Runtime, added: Added): Linked {
  const { sections: from, functionCount } = runtime
  const out = new Map(from)
  const { type, types } = withPlainType(section(from, sections.type))
  out.set(sections.type, types)
  const pages = Math.max(2, Math.ceil(added.heapStart / pageSize))
  if (pages > mostPages) throw new RangeError('the policies of a module have more data than fits into it')
  out.set(sections.import, imports(section(from, sections.import), pages))
  const bodies = [...added.functions.map(({ body }) => body), startBody(runtime, added.heapStart)]
  out.set(
    sections.function,
    extended(section(from, sections.function), bodies.length, (to) => {
      for (const _ of bodies) to.unsigned(type)
    }),
  )
  out.set(
    sections.table,
    new Bytes()
      .byte(1, 0x70, 0)
      .unsigned(added.functions.length + 1)
      .toBytes(),
  )
  out.set(sections.export, exportsOf(section(from, sections.export), added.exported))
  out.set(sections.start, new Bytes().unsigned(functionCount + added.functions.length).toBytes())
  const element = new Bytes().byte(1, 0, 0x41, 1, 0x0b).unsigned(added.functions.length)
  for (let i = 0; i < added.functions.length; i++) element.unsigned(functionCount + i)
  out.set(sections.element, element.toBytes())
  const used = usedOf(runtime, added)
  const starts: number[] = []
  const code = extended(
    withoutUnused(section(from, sections.code), runtime.importedCount, used.functions),
    bodies.length,
    (to) => {
      for (const body of bodies) {
        to.unsigned(body.length)
        starts.push(to.length)
        to.append(body)
      }
    },
  )
  out.set(sections.code, code)
  const data = extended(onlySegments(section(from, sections.data), used.segments), 2, (to) => {
    to.byte(0, 0x41).signed(added.headerAt).byte(0x0b).sized(added.header)
    to.byte(0, 0x41).signed(added.dataAt).byte(0x0b).sized(added.data)
  })
  out.set(sections.data, data)
  if (from.has(sections.dataCount)) {
    const count = new Reader(section(out, sections.data)).unsigned()
    out.set(sections.dataCount, new Bytes().unsigned(count).toBytes())
  }
  const module = new Bytes().byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  let codeAt = 0
  for (const id of sectionOrder) {
    const content = out.get(id)
    if (content === undefined) continue
    module.byte(id).unsigned(content.length)
    if (id === sections.code) codeAt = module.length
    module.append(content)
  }
  const names = new Bytes().text('name')
  const list = new Bytes().unsigned(added.functions.length)
  for (const [i, { name }] of added.functions.entries()) list.unsigned(functionCount + i).text(name)
  names.byte(1).sized(list.toBytes())
  const bytes = module.byte(sections.custom).sized(names.toBytes()).append(added.custom).toBytes()
  return { bytes, bodies: starts.slice(0, added.functions.length).map((start) => codeAt + start) }
}

/** A vector with entries behind those that it has. */
function extended(content: Uint8Array, more: number, write: (to: Bytes) => void): Uint8Array {
  const reader = new Reader(content)
  const count = reader.unsigned()
  const to = new Bytes().unsigned(count + more).append(content.subarray(reader.at))
  write(to)
  return to.toBytes()
}

/** The types, with that of a function that takes and gives nothing behind them. */
function withPlainType(content: Uint8Array): { readonly type: number; readonly types: Uint8Array } {
  return {
    type: new Reader(content).unsigned(),
    types: extended(content, 1, (to) => to.byte(0x60, 0, 0)),
  }
}

function imports(content: Uint8Array, pages: number): Uint8Array {
  const reader = new Reader(content)
  const count = reader.unsigned()
  const to = new Bytes().unsigned(count)
  for (let i = 0; i < count; i++) {
    const { module, name, kind, description } = readImport(reader)
    to.text(module).text(name).byte(kind)
    if (kind === 2) to.byte(0).unsigned(pages)
    else to.append(description)
  }
  return to.toBytes()
}

function exportsOf(content: Uint8Array, isExported: (name: string) => boolean): Uint8Array {
  const reader = new Reader(content)
  const kept: { readonly name: string; readonly kind: number; readonly index: number }[] = []
  for (let left = reader.unsigned(); left > 0; left--) {
    const each = { name: reader.text(), kind: reader.byte(), index: reader.unsigned() }
    if (isExported(each.name)) kept.push(each)
  }
  const to = new Bytes().unsigned(kept.length)
  for (const { name, kind, index } of kept) to.text(name).byte(kind).unsigned(index)
  return to.toBytes()
}

/** Runs what the runtime would start with, and sets the heap behind the data. */
function startBody(runtime: Runtime, heapStart: number): Uint8Array {
  const body = new Bytes().unsigned(0)
  const own = runtime.sections.get(sections.start)
  if (own !== undefined) body.byte(0x10).unsigned(new Reader(own).unsigned())
  const setHeap = runtime.functions.get('setHeap')
  if (setHeap === undefined) throw new TypeError('the runtime has no `setHeap`')
  return body.byte(0x41).signed(heapStart).byte(0x10).unsigned(setHeap).byte(0x0b).toBytes()
}

/** What of the runtime a module needs: what hosts and its policies call, and what that needs in turn. */
function usedOf(
  { functions, importedCount, needs, sections: from }: Runtime,
  { called, exported }: Added,
): { readonly functions: ReadonlySet<number>; readonly segments: ReadonlySet<number> } {
  const used = new Set<number>()
  const segments = new Set<number>()
  const start = from.get(sections.start)
  const open = [
    ...called,
    ...[...functions].flatMap(([name, index]) => (exported(name) ? [index] : [])),
    functions.get('setHeap') ?? 0,
    ...(start === undefined ? [] : [new Reader(start).unsigned()]),
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (used.has(next) || next < importedCount) continue
    used.add(next)
    const [calls = [], data = []] = needs[next - importedCount] ?? []
    open.push(...calls)
    for (const segment of data) segments.add(segment)
  }
  return { functions: used, segments }
}

/** The code, with functions that nothing calls as ones that trap, so that all keep their numbers. */
function withoutUnused(content: Uint8Array, first: number, used: ReadonlySet<number>): Uint8Array {
  const reader = new Reader(content)
  const count = reader.unsigned()
  const to = new Bytes().unsigned(count)
  for (let i = 0; i < count; i++) {
    const body = reader.take(reader.unsigned())
    to.sized(used.has(first + i) ? body : traps)
  }
  return to.toBytes()
}

const traps = Uint8Array.of(0, 0x00, 0x0b)

function onlySegments(content: Uint8Array, used: ReadonlySet<number>): Uint8Array {
  const reader = new Reader(content)
  const kept: Uint8Array[] = []
  const count = reader.unsigned()
  for (let i = 0; i < count; i++) {
    const start = reader.at
    reader.unsigned()
    reader.byte()
    reader.unsigned()
    reader.byte()
    reader.take(reader.unsigned())
    if (used.has(i)) kept.push(content.subarray(start, reader.at))
  }
  const to = new Bytes().unsigned(kept.length)
  for (const segment of kept) to.append(segment)
  return to.toBytes()
}
