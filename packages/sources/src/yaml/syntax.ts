import {
  Composer,
  type CST,
  type Document,
  type ErrorCode,
  Lexer,
  type ParsedNode,
  Parser,
  type YAMLParseError,
} from 'yaml'
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
    if (error !== undefined) throw syntaxError(error, chunk)
  }
  const [error] = composer.streamInfo().errors
  if (error !== undefined) throw syntaxError(error, chunk)
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

const messages: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DQ_ESCAPE: 'an escape is not one of YAML',
  BAD_INDENT: 'the indentation does not fit what is around it',
  BAD_SCALAR_START: 'a plain text must not begin with this character',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping in a mapping must begin on a line of its own',
  BLOCK_IN_FLOW: 'a flow collection has a line in block style in it',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line',
  TAB_AS_INDENT: 'a tab is used as indentation',
  UNEXPECTED_TOKEN: 'this does not fit here',
}

/** The parser's own words where none of ours say more. */
function syntaxError({ code, message, pos }: YAMLParseError, chunk: string): Refusal {
  const theirs = message.split('\n', 1)[0] ?? ''
  const text = messages[code] ?? shown(theirs.charAt(0).toLowerCase() + theirs.slice(1)).replace(/\.$/, '')
  return new Refusal('yaml-syntax', text, rangeOf(pos, chunk), {
    help: 'check the indentation, quotes and brackets here and on the line before',
  })
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
