import type { CST } from 'yaml'
import { type Range, Refusal } from '../refusal.js'

/**
 * Refuses the constructs that `yaml` and go-yaml read differently; each was found by comparing them on random documents.
 * Returns the comments, in order.
 */
export function refuseTokens(chunk: string, tokens: readonly CST.Token[]): Range[] {
  const check = new SyntaxCheck(chunk)
  for (const token of tokens) check.token(token, false)
  return check.comments
}

const anchorName = /^[&*][A-Za-z0-9_-]+$/
const tagText = /^!(?:!?[A-Za-z0-9_-]+|<[A-Za-z0-9_:,.-]+>)?$/
const closedSingle = /^'(?:[^']|'')*'$/
const closedDouble = /^"(?:[^"\\]|\\[^])*"$/
const escapes = /\\(?:u[dD][89a-fA-F]|U0000[dD][89a-fA-F]|\/|\n[ \t]*\n)/
const tabbedContinuation = /\n *\t/

const unclosed = 'a quoted text is not closed, or a line of it is not further right than its key'

/** The longest key that go-yaml looks for a `:` after. */
const longestImplicitKey = 1024

class SyntaxCheck {
  readonly comments: Range[] = []
  readonly #chunk: string
  #began = false
  #ended = false

  constructor(chunk: string) {
    this.#chunk = chunk
  }

  token(token: CST.Token, inFlow: boolean): void {
    if (this.#ended) this.#afterEnd(token)
    switch (token.type) {
      case 'document':
        this.#document(token)
        break
      case 'doc-end':
        if (!this.#began) this.#refuse('unread-content', 'a document ends here that did not begin', token)
        this.#ended = true
        this.#all(token.end, false)
        break
      case 'directive':
        this.#refuse('directive', 'directives are not read', token)
        break
      case 'alias':
        if (!anchorName.test(token.source)) this.#oddAnchor(token)
        this.#all(token.end, inFlow)
        break
      case 'scalar':
        this.#plain(token, inFlow)
        this.#all(token.end, inFlow)
        break
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        this.#quoted(token)
        this.#all(token.end, inFlow)
        break
      case 'block-scalar':
        this.#block(token)
        break
      case 'block-map':
      case 'block-seq':
        for (const item of token.items) this.#item(item, false)
        break
      case 'flow-collection':
        for (const item of token.items) this.#item(item, true)
        this.#all(token.end, inFlow)
        break
      default:
        this.#source(token, inFlow)
    }
  }

  #all(tokens: readonly CST.Token[] | undefined, inFlow: boolean): void {
    if (tokens === undefined) return
    for (const token of tokens) this.token(token, inFlow)
  }

  #document(document: CST.Document): void {
    this.#began = document.start.length > 0 || document.value !== undefined
    this.#all(document.start, false)
    if (document.value !== undefined) {
      if (document.value.type === 'block-scalar') {
        this.#refuse('root-block-scalar', 'the document is a block scalar', document.value)
      }
      this.token(document.value, false)
    }
    this.#all(document.end, false)
  }

  #item({ start, key, sep, value }: CST.CollectionItem, inFlow: boolean): void {
    this.#all(start, inFlow)
    if (key !== undefined && key !== null) {
      this.token(key, inFlow)
      this.#key(key, sep ?? [], inFlow)
    }
    this.#all(sep, inFlow)
    if (value !== undefined) this.token(value, inFlow)
  }

  #key(key: CST.Token, sep: readonly CST.SourceToken[], inFlow: boolean): void {
    const colon = sep.find(({ type }) => type === 'map-value-ind')
    if (colon === undefined) return
    if (key.type === 'scalar' && inFlow && !this.#blankAt(colon.offset + 1)) {
      this.#refuse('colon-in-flow', 'a `:` in a flow collection needs a space after it', colon)
    }
    const from = 'offset' in key ? key.offset : colon.offset
    if (this.#chunk.slice(from, colon.offset).includes('\n')) {
      this.#refuse('key-over-lines', 'a key and its `:` must be on one line', key)
    }
    if (colon.offset - from > longestImplicitKey) {
      this.#refuse('long-key', `a key is longer than ${longestImplicitKey} characters`, key)
    }
  }

  #source(token: CST.SourceToken | CST.ErrorToken, inFlow: boolean): void {
    switch (token.type) {
      case 'comment':
        this.comments.push({ start: token.offset, end: token.offset + token.source.length })
        break
      case 'anchor':
        this.#beginsApart(token)
        if (!anchorName.test(token.source)) this.#oddAnchor(token)
        break
      case 'tag':
        this.#beginsApart(token)
        if (!tagText.test(token.source) || !this.#blankAt(token.offset + token.source.length)) {
          this.#refuse('odd-tag', 'the tag is not read alike by all readers', token)
        }
        break
      case 'explicit-key-ind':
        this.#refuse('explicit-key', 'keys after `?` are not read', token)
        break
      case 'space':
        if (!inFlow && token.source.includes('\t')) this.#tab(token)
        break
      default:
    }
  }

  /** An anchor or tag right behind a scalar belongs to nothing for go-yaml. */
  #beginsApart(token: CST.SourceToken): void {
    const before = this.#chunk[token.offset - 1]
    if (before !== undefined && !/[\s,[{:]/.test(before)) {
      this.#refuse('odd-tag', 'an anchor or tag needs a space before it', token)
    }
  }

  #tab(token: CST.SourceToken): void {
    const lineStart = this.#chunk.lastIndexOf('\n', token.offset - 1) + 1
    if (/^[ \t?-]*$/.test(this.#chunk.slice(lineStart, token.offset))) {
      this.#refuse('tab', 'a tab is used as indentation', token)
    }
  }

  #plain(token: CST.FlowScalar, inFlow: boolean): void {
    const { source } = token
    if (inFlow && (source.startsWith(':') || source.includes('?'))) {
      this.#refuse(
        'odd-plain',
        'a plain scalar in a flow collection must not begin with `:` or contain `?`',
        token,
      )
    }
    if (tabbedContinuation.test(source)) this.#refuse('tab', 'a tab is used as indentation', token)
  }

  #quoted(token: CST.FlowScalar): void {
    const { source, type } = token
    const closed = type === 'single-quoted-scalar' ? closedSingle : closedDouble
    if (!closed.test(source)) this.#refuse('unclosed-quote', unclosed, token)
    if (type === 'double-quoted-scalar' && source.includes('\\')) this.#escapes(token)
  }

  #escapes(token: CST.FlowScalar): void {
    const { source } = token
    for (let at = source.indexOf('\\'); at !== -1; at = source.indexOf('\\', at + 2)) {
      const match = escapes.exec(source.slice(at, at + 400))
      if (match?.index === 0) {
        const start = token.offset + at
        throw new Refusal('escape', 'an escape is not one of YAML, or not read alike by all readers', {
          start,
          end: start + match[0].trimEnd().length,
        })
      }
    }
  }

  #block(token: CST.BlockScalar): void {
    this.#all(token.props, false)
    const header = token.props.find(({ type }) => type === 'block-scalar-header')
    if (header !== undefined && /[0-9]/.test('source' in header ? header.source : '')) {
      this.#refuse('indentation-digit', 'a block scalar with an indentation digit is not read', header)
    }
    const lines = token.source.split('\n')
    const first = lines.find((line) => /[^ ]/.test(line))
    if (first === undefined) return
    const indentation = first.length - first.trimStart().length
    const spaces = /^ */
    for (const line of lines) {
      const width = spaces.exec(line)?.[0].length ?? 0
      if (line[width] === '\t' && width < indentation) {
        this.#refuse('tab', 'a tab is used as indentation in a block scalar', token)
      }
    }
  }

  #afterEnd(token: CST.Token): void {
    if (token.type === 'comment' || token.type === 'newline' || token.type === 'space') return
    if (token.type === 'doc-end')
      this.#refuse('unread-content', 'kubectl would not read what follows `...`', token)
    if (token.type === 'document') {
      this.#refuse('unread-content', 'kubectl would not read what follows `...`', token)
    }
  }

  #oddAnchor(token: CST.Token): never {
    return this.#refuse(
      'odd-anchor',
      'the name of an anchor may only have letters, digits, `_` and `-`',
      token,
    )
  }

  #blankAt(offset: number): boolean {
    const character = this.#chunk[offset]
    return character === undefined || character === ' ' || character === '\n' || character === '\t'
  }

  #refuse(code: string, message: string, token: CST.Token): never {
    const start = token.offset
    const length = 'source' in token && typeof token.source === 'string' ? token.source.length : 1
    throw new Refusal(code, message, { start, end: start + length })
  }
}
