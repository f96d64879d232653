import { type Range, Refusal } from './refusal.js'

/** Everything that YAML allows raw and every reader takes alike: no NEL, LS, PS, lone CR or byte order mark. */
const unreadable =
  /[^\t\n\u0020-\u007E\u00A0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD\u{10000}-\u{10FFFF}]/u

/** The first character of a YAML text that is refused; undefined when there is none. */
export function unreadableCharacter(text: string): Refusal | undefined {
  const match = unreadable.exec(text)
  if (match === null) return undefined
  const at: Range = { start: match.index, end: match.index + match[0].length }
  const code = match[0].codePointAt(0) ?? 0
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  const why = reasons[code] ?? 'which YAML does not allow'
  return new Refusal('unreadable-character', `the character ${name} is in the text, ${why}`, at, {
    help: 'remove it, or write it as an escape in double quotes',
  })
}

const lineBreak = 'a line break for Kubernetes and for no other reader'

const reasons: Readonly<Record<number, string>> = {
  0x0d: 'a line break of its own only for some readers',
  0x85: lineBreak,
  0x2028: lineBreak,
  0x2029: lineBreak,
  0xfeff: 'a byte order mark that is not at the start',
}
