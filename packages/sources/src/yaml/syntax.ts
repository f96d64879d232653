import { Composer, type CST, type Document, Lexer, type ParsedNode, Parser } from 'yaml'
import { deepest } from '../limits.js'
import { type Range, Refusal, shown, tooDeep } from '../refusal.js'
import { trimmedEnd } from './fast-scalars.js'
import { refuseTokens } from './refused-syntax.js'

/** The syntax tree of one chunk, and its comments; offsets are the chunk's own. */
export interface Syntax {
  readonly root: ParsedNode | null
  readonly comments: readonly Range[]
}

/**
 * Parses one chunk with `yaml`, for its syntax only, and refuses what go-yaml reads otherwise or not at all. Nesting is bounded
 * while tokens are made, since `yaml` would overflow the stack.
 */
export function parseSyntax(chunk: string): Syntax {
  const tokens = tokensOf(chunk)
  const comments = refuseTokens(chunk, tokens)
  const composer = new Composer({
    schema: 'failsafe',
    customTags: [],
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false,
    version: '1.1',
    strict: true,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const documents = [...composer.compose(tokens)] as Document.Parsed[]
  for (const { errors } of documents) {
    const [error] = errors
    if (error !== undefined) throw syntaxError(error.message, rangeOf(error.pos, chunk))
  }
  const [error] = composer.streamInfo().errors
  if (error !== undefined) throw syntaxError(error.message, rangeOf(error.pos, chunk))
  const [document, second] = documents
  if (second !== undefined) {
    const at = second.range[0]
    throw new Refusal('unread-content', 'kubectl would not read what follows here', { start: at, end: at })
  }
  return { root: document?.contents ?? null, comments }
}

function rangeOf([start, end]: readonly [number, number], chunk: string): Range {
  // what is missing at the end is missing on the last line with text
  const last = trimmedEnd(chunk, chunk.length)
  return { start: Math.min(start, last), end: Math.min(Math.max(start, end), last) }
}

/** Words of the parser, which speaks in sentences. */
function syntaxError(message: string, range: Range): Refusal {
  const lower = message.charAt(0).toLowerCase() + message.slice(1)
  return new Refusal('yaml-syntax', shown(lower.split('\n', 1)[0] ?? '').replace(/\.$/, ''), range)
}

function tokensOf(chunk: string): CST.Token[] {
  const tokens: CST.Token[] = []
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(chunk)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    // the stack holds the document and at most one scalar besides the collections
    if (parser.stack.length > deepest + 2) {
      throw tooDeep(deepest, { start: parser.offset, end: parser.offset })
    }
  }
  for (const token of parser.end()) tokens.push(token)
  return tokens
}
