import { type Json, wellFormed } from '@gatewright/core'
import { unreadableCharacter } from './characters.js'
import { decode, type Decoded, type Encoding } from './decode.js'
import { readJson, skipWhiteSpace } from './json/read-json.js'
import { largestDocument, largestFile, mostDocuments } from './limits.js'
import { expandLists } from './lists.js'
import { type Location, problemOf, type SourceProblem, unrenderedTemplate } from './problem.js'
import { type Range, Refusal } from './refusal.js'
import { type ReadBy, SourceDocument } from './source-document.js'
import { SourceText } from './source-text.js'
import { beginsAsJson, splitYaml } from './split.js'
import { isFastText, readFast } from './yaml/read-fast.js'
import { readFull } from './yaml/read-full.js'

export interface ReadOptions {
  /** The name of the source in locations, a path as a rule. */
  readonly name: string
  /** `manifests` (the default): every document must be a Kubernetes object or a list of them. `any`: values of any kind. */
  readonly expect?: 'manifests' | 'any'
}

/** What is in a source: its documents, and what could not be read. */
export interface Reading {
  readonly source: SourceText
  readonly format: 'yaml' | 'json'
  readonly encoding: Encoding
  readonly byteOrderMark: boolean
  readonly documents: readonly SourceDocument[]
  readonly problems: readonly SourceProblem[]
}

/**
 * Reads a YAML or JSON stream as kubectl does, from bytes or decoded text. A document that cannot be read is a problem with its
 * place, and the others are read all the same. What Kubernetes would drop in silence or read at random is refused.
 */
export function readDocuments(input: Uint8Array | string, options: ReadOptions): Reading {
  const size = typeof input === 'string' ? input.length : input.byteLength
  if (size > largestFile) return unread(options.name, tooLarge(size))
  const decoded = typeof input === 'string' ? decodedText(input) : decode(input)
  if ('problem' in decoded) {
    return unread(options.name, { level: 'error', code: 'not-text', message: decoded.problem })
  }
  const source = new SourceText(options.name, decoded.text)
  const reader = new StreamReader(source, options.expect ?? 'manifests')
  const format = reader.read()
  const { documents, problems } = reader
  return {
    source,
    format,
    encoding: decoded.encoding,
    byteOrderMark: decoded.byteOrderMark,
    documents,
    problems,
  }
}

function decodedText(input: string): Decoded {
  const byteOrderMark = input.startsWith('\uFEFF')
  return { text: wellFormed(byteOrderMark ? input.slice(1) : input), encoding: 'utf-8', byteOrderMark }
}

function unread(name: string, problem: SourceProblem): Reading {
  const source = new SourceText(name, '')
  return {
    source,
    format: 'yaml',
    encoding: 'utf-8',
    byteOrderMark: false,
    documents: [],
    problems: [problem],
  }
}

function tooLarge(size: number): SourceProblem {
  const message = `the file has ${size} bytes, more than the limit of ${largestFile}`
  return { level: 'error', code: 'file-too-large', message, help: 'split it into smaller files' }
}

class StreamReader {
  readonly documents: SourceDocument[] = []
  readonly problems: SourceProblem[] = []
  readonly #source: SourceText
  readonly #text: string
  readonly #manifests: boolean
  #next = 0

  constructor(source: SourceText, expect: 'manifests' | 'any') {
    this.#source = source
    this.#text = source.normalised
    this.#manifests = expect === 'manifests'
  }

  read(): 'yaml' | 'json' {
    if (!beginsAsJson(this.#text)) {
      this.#yaml(0)
      return 'yaml'
    }
    return this.#json() ? 'json' : 'yaml'
  }

  /** Whether all of it was JSON. A JSON error among the first two documents makes the rest YAML. */
  #json(): boolean {
    let end = 0
    for (;;) {
      const start = skipWhiteSpace(this.#text, end)
      if (start >= this.#text.length) return true
      if (this.#full()) return true
      try {
        const result = readJson(this.#text, start)
        this.#checkSize({ start, end: result.end })
        end = result.end
        if (result.value === null) continue
        if (result.refusal === undefined) this.#add({ start, end }, result.value, { reader: 'json' })
        else this.#refuse(result.refusal, 0)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        if (error.code !== 'json-syntax' || this.#next > 1) {
          const { code, message, range } = error
          this.#refuse(new Refusal(code, message, range, { help: 'the rest of the file is not read' }), 0)
          return true
        }
        this.#afterJson(end, error)
        return false
      }
    }
  }

  /** kubectl drops white space up to the end of the line, and needs four bytes from there to go on. */
  #afterJson(end: number, error: Refusal): void {
    const blank = /\s*?(?:\n|(?=\S))/y
    blank.lastIndex = end
    const skipped = blank.exec(this.#text)?.[0] ?? ''
    const stop = end + skipped.length - (skipped.endsWith('\n') ? 1 : 0)
    const rest = this.#source.text.endsWith('\n') ? this.#text.slice(stop) : this.#text.slice(stop, -1)
    if (rest.length < 4 && Buffer.byteLength(rest) < 4) this.#refuse(error, 0)
    else this.#yaml(end + skipped.length, error)
  }

  #yaml(from: number, jsonError?: Refusal): void {
    const clean = isFastText(this.#text)
    for (const chunk of splitYaml(this.#text, from)) {
      if (this.#full()) return
      if (chunk instanceof Refusal) this.#refuse(chunk, 0)
      else this.#chunk(chunk, clean, jsonError)
    }
  }

  #chunk(range: Range, clean: boolean, jsonError: Refusal | undefined): void {
    const { start, end } = range
    try {
      this.#checkSize(range)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#refuse(error, 0)
      return
    }
    const fast =
      clean || isFastText(this.#text.slice(start, end))
        ? readFast(this.#text, start, end)
        : { handOver: 'characters' }
    if ('value' in fast) {
      this.#add(range, fast.value, { reader: 'fast' })
      return
    }
    const chunk = this.#text.slice(start, end)
    try {
      const character = unreadableCharacter(chunk)
      if (character !== undefined) throw character
      const value = readFull(chunk)
      if (value !== null) this.#add(range, value, { reader: 'full', handOver: fast.handOver })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (jsonError !== undefined && /^\s*\{\s*"/.test(chunk)) this.#refuse(jsonError, 0)
      else this.#refuse(error, start, chunk.includes('{{'))
    }
  }

  #checkSize(range: Range): void {
    const length = range.end - range.start
    if (length * 3 <= largestDocument) return
    const size = Buffer.byteLength(this.#text.slice(range.start, range.end))
    if (size <= largestDocument) return
    const message = `the document has ${size} bytes, more than the limit of ${largestDocument}`
    throw new Refusal('document-too-large', message, range, { help: 'an API server would refuse it too' })
  }

  #full(): boolean {
    if (this.#next < mostDocuments) return false
    const message = `the file has more than ${mostDocuments} documents; the rest is not read`
    this.problems.push({ level: 'error', code: 'too-many-documents', message, help: 'split the file' })
    return true
  }

  #refuse(refusal: Refusal, offset: number, template = false): void {
    const problem = problemOf(refusal, this.#source, offset, this.#next++)
    this.problems.push(template ? unrenderedTemplate(problem) : problem)
  }

  #add(range: Range, value: Json, readBy: ReadBy): void {
    const index = this.#next++
    if (!this.#manifests) {
      this.documents.push(
        new SourceDocument(this.#source, index, range, value, readBy, [{ value, path: [] }]),
      )
      return
    }
    const { objects, problems } = expandLists(value)
    const document = new SourceDocument(this.#source, index, range, value, readBy, objects)
    this.documents.push(document)
    for (const { path, ...problem } of problems) {
      const location: Location = document.locate(path).value
      this.problems.push({ ...problem, document: index, location })
    }
  }
}
