/** A place in the text that readers see: offsets in UTF-16 units, `end` exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Why a text is not read; caught where documents are read and reported as a problem. */
export class Refusal extends Error {
  readonly code: string
  readonly range: Range
  readonly help?: string
  readonly related?: { readonly message: string; readonly range: Range }

  constructor(
    code: string,
    message: string,
    range: Range,
    more: {
      readonly help?: string
      readonly related?: { readonly message: string; readonly range: Range }
    } = {},
  ) {
    super(message)
    this.code = code
    this.range = range
    if (more.help !== undefined) this.help = more.help
    if (more.related !== undefined) this.related = more.related
  }
}

/** A key that is written twice in one mapping, with both places. */
export function duplicateKey(key: string, again: Range, first: Range): Refusal {
  return new Refusal('duplicate-key', `the key \`${shown(key)}\` is written twice`, again, {
    help: 'remove one of them: which one a cluster would use depends on the reader',
    related: { message: 'first written here', range: first },
  })
}

/** Nesting beyond the limit. */
export function tooDeep(limit: number, at: Range): Refusal {
  return new Refusal('too-deep', `the document nests deeper than ${limit} levels`, at)
}

/** User text for a message: short and on one line, so that an error never prints a secret in full. */
export function shown(text: string): string {
  const line = text.replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, '\uFFFD')
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}
