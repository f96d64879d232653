import { type Range, Refusal, shown } from './refusal.js'

/** One document's text in a YAML stream, or a separator that kubectl refuses. */
export type Chunk = Range | Refusal

/** Go's `unicode.IsSpace`, without line feed. */
const space = '[\\t\\v\\f\\r \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]'
const separatorTail = new RegExp(`^${space}*(?:#|$)`)
const bracedStart = new RegExp(`^(?:${space}|\\n)*\\{`)

/** How far kubectl looks for the `{` that makes a file JSON. */
const jsonWindow = 4096

/** Whether a text is read as JSON first: its first character that is no space is `{`, near enough to the start. */
export function beginsAsJson(text: string): boolean {
  return bracedStart.test(text.slice(0, jsonWindow))
}

/**
 * Splits a YAML stream at the lines that begin with `---`, wherever they are, as kubectl does. A separator with no text before
 * it stays in its chunk. Text must use line feeds and end with one.
 */
export function* splitYaml(text: string, from: number): Generator<Chunk> {
  let start = from
  let separator = text.startsWith('---', from) ? from : nextSeparator(text, from)
  while (separator !== -1) {
    const lineEnd = endOfLine(text, separator)
    const tail = text.slice(separator + 3, lineEnd)
    const valid = separatorTail.test(tail)
    if (separator > start) yield { start, end: separator }
    if (valid) {
      start = separator > start ? lineEnd + 1 : separator
    } else {
      yield new Refusal(
        'bad-separator',
        `only a comment may follow \`---\` on its line, found \`${shown(tail.trim())}\``,
        { start: separator, end: lineEnd },
        { help: 'kubectl stops reading here' },
      )
      start = lineEnd + 1
    }
    separator = text.startsWith('---', lineEnd + 1) ? lineEnd + 1 : nextSeparator(text, lineEnd + 1)
  }
  if (start < text.length) yield { start, end: text.length }
}

function nextSeparator(text: string, from: number): number {
  const at = text.indexOf('\n---', from)
  return at === -1 ? -1 : at + 1
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at === -1 ? text.length : at
}
