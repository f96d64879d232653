import { OpaLoadError } from './load-error.js'

const block = 512
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the files of a tar archive by their names (POSIX ustar, with the extended headers of pax and GNU's long names). Refuses
 * what no bundle has: links and devices, names that lead out of it, one name twice, an end that is missing.
 */
export function readTar(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  let extended: ReadonlyMap<string, string> = new Map()
  let longName: string | undefined
  let at = 0
  for (;;) {
    const header = bytes.subarray(at, at + block)
    if (header.length < block) throw bad('it ends too early')
    if (header.every((byte) => byte === 0)) break
    if (numberIn(header, 148, 8) !== checksumOf(header)) throw bad('the checksum of a header is wrong')
    const size = sizeIn(header, extended)
    const start = at + block
    const content = bytes.subarray(start, start + size)
    if (content.length < size) throw bad('it ends too early')
    at = start + Math.ceil(size / block) * block
    const type = String.fromCharCode(header[156] as number)
    if (type === 'x') extended = extensionsIn(content)
    else if (type === 'L') longName = textOf(content).replace(/\0+$/, '')
    else if (type !== 'g') {
      const name = extended.get('path') ?? longName ?? nameIn(header)
      extended = new Map()
      longName = undefined
      if (type === '5') continue
      if (type !== '0' && type !== '\0') throw bad(`\`${name}\` is no file`)
      const plain = plainName(name)
      if (files.has(plain)) throw bad(`\`${plain}\` stands in it twice`)
      files.set(plain, content)
    }
  }
  if (bytes.subarray(at).some((byte) => byte !== 0)) throw bad('something stands behind its end')
  return files
}

const bad = (message: string): OpaLoadError =>
  new OpaLoadError('bad-bundle', `the bundle cannot be read: ${message}`)

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw bad('a name is no UTF-8')
  }
}

function textIn(header: Uint8Array, at: number, size: number): string {
  const field = header.subarray(at, at + size)
  const end = field.indexOf(0)
  return textOf(end < 0 ? field : field.subarray(0, end))
}

function numberIn(header: Uint8Array, at: number, size: number): number {
  const text = textIn(header, at, size).trim()
  if (!/^[0-7]+$/.test(text)) throw bad('a header has no number where one must be')
  return Number.parseInt(text, 8)
}

function sizeIn(header: Uint8Array, extended: ReadonlyMap<string, string>): number {
  const text = extended.get('size')
  if (text === undefined) return numberIn(header, 124, 12)
  if (!/^[0-9]{1,12}$/.test(text)) throw bad('a size is no number')
  return Number(text)
}

/** The sum of the bytes of a header, its own field as blanks. */
function checksumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0)
}

function nameIn(header: Uint8Array): string {
  const name = textIn(header, 0, 100)
  const prefix = textIn(header, 257, 5) === 'ustar' ? textIn(header, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** The records of an extended header: `<length> <key>=<value>\n`. */
function extensionsIn(content: Uint8Array): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let at = 0
  while (at < content.length) {
    const blank = content.indexOf(0x20, at)
    const length = Number(textOf(content.subarray(at, blank < 0 ? at : blank)))
    const record = textOf(content.subarray(blank + 1, at + length))
    const equals = record.indexOf('=')
    if (!Number.isInteger(length) || length <= 0 || equals < 0 || !record.endsWith('\n'))
      throw bad('an extended header cannot be read')
    found.set(record.slice(0, equals), record.slice(equals + 1, -1))
    at += length
  }
  return found
}

function plainName(name: string): string {
  const plain = name.replace(/^(?:\.?\/)+/, '')
  const steps = plain.split('/')
  if (/[\\\0]/.test(plain) || steps.some((step) => step === '' || step === '.' || step === '..'))
    throw bad(`the name \`${name}\` is none`)
  return plain
}
