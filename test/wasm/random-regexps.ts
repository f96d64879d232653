import type { Dice } from '../fuzz/dice.js'

const letters = ['a', 'b', 'k', 's', 'K', 'x', '0', '_', ' ', '-', ':', '/', ',', '=', '<', '>', '!', '#']
/** Code points at the ends of what UTF-8 and UTF-16 write in one length, and such as have other cases. */
const odd = [
  ...['\u{0}', '\n', '\r', '\t', '\u{b}', '\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{ffff}', '\u{10000}'],
  ...['\u{10ffff}', '\u{d7ff}', '\u{e000}', '\u{feff}', '\u{2028}', '\u{85}', '\u{a0}', 'é', 'É', 'ß', 'ẞ'],
  ...['ſ', 'K', 'Å', 'å', 'ı', 'İ', 'ǅ', 'Ǆ', 'ǆ', 'σ', 'ς', 'Σ', 'ε', 'ϵ', 'Ω', 'Ω', 'ω', 'ͅ', 'ι', 'ι'],
  ...['Ж', 'ж', 'ᲀ', 'в', 'В', 'ა', 'Ა', '𐐀', '𐐨', '𞤀', '𞤢', '漢', 'あ', '٣', '😀', '\u{301}', '½', 'Ⅷ', 'ⅷ'],
]
const special = ['\\', '(', ')', '[', ']', '{', '}', '|', '*', '+', '?', '.', '^', '$', '-', '<', '>', ':']
export const properties = [
  'L',
  'Lu',
  'Ll',
  'Lt',
  'LC',
  'Lc',
  'N',
  'Nd',
  'P',
  'S',
  'Z',
  'C',
  'Cn',
  'M',
  'Sc',
  'Any',
]
  .concat(['Ascii', 'Assigned', 'Greek', 'Cyrillic', 'Latin', 'Han', 'Common', 'Inherited', 'Alphabetic'])
  .concat([
    'Uppercase',
    'Lowercase',
    'White_Space',
    'Emoji',
    'Math',
    'Dash',
    'Hex_Digit',
    'Unknown',
    'Georgian',
  ])
const posix = [
  'alnum',
  'alpha',
  'ascii',
  'blank',
  'cntrl',
  'digit',
  'graph',
  'lower',
  'print',
  'punct',
].concat(['space', 'upper', 'word', 'xdigit'])

function character(dice: Dice): string {
  return dice.chance(0.75) ? dice.one(letters) : dice.one(odd)
}

function escaped(dice: Dice): string {
  const c = character(dice)
  const code = c.codePointAt(0) ?? 0
  switch (dice.below(6)) {
    case 0:
      return `\\x{${code.toString(16)}}`
    case 1:
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : c
    case 2:
      return dice.one([
        '\\a',
        '\\f',
        '\\n',
        '\\r',
        '\\t',
        '\\v',
        '\\0',
        '\\012',
        '\\101',
        '\\x{d800}',
        '\\x{DFFF}',
      ])
    case 3:
      return `\\${dice.one(special)}`
    case 4:
      return dice.one(['\\-', '\\_', '\\]', '\\/', '\\"', '\\ ', "\\'"])
    default:
      return /[\w\n]/.test(c) || code > 127 ? c : `\\${c}`
  }
}

function property(dice: Dice): string {
  const letter = dice.one(['p', 'P'])
  const name = dice.one(properties)
  if (name.length === 1 && dice.chance(0.5)) return `\\${letter}${name}`
  return `\\${letter}{${dice.chance(0.2) ? '^' : ''}${name}}`
}

function bracket(dice: Dice): string {
  const items = [
    dice.chance(0.1) ? ']' : '',
    ...dice.several(4, () => {
      switch (dice.below(8)) {
        case 0:
          return dice.one(['\\d', '\\D', '\\s', '\\S', '\\w', '\\W'])
        case 1:
          return `[:${dice.chance(0.3) ? '^' : ''}${dice.one(posix)}:]`
        case 2:
          return property(dice)
        case 3:
        case 4: {
          const [a, b] = [character(dice), character(dice)].sort(
            (x, y) => x.codePointAt(0)! - y.codePointAt(0)!,
          )
          return `${plain(a!)}-${plain(b!)}`
        }
        case 5:
          return escaped(dice)
        default:
          return plain(character(dice))
      }
    }),
    dice.chance(0.1) ? '-' : '',
  ].join('')
  return `[${dice.chance(0.3) ? '^' : ''}${items === '' ? 'a' : items}]`
}

function plain(c: string): string {
  return /[\\\][^-]/.test(c) ? `\\${c}` : c
}

function atom(dice: Dice, depth: number): string {
  const kind = dice.below(depth > 0 ? 22 : 15)
  if (kind < 6) {
    const c = character(dice)
    return special.includes(c) && c !== '-' && c !== '<' && c !== '>' && c !== ':' ? `\\${c}` : c
  }
  if (kind === 6) return escaped(dice)
  if (kind === 7) return '.'
  if (kind === 8) return dice.one(['^', '$', '\\A', '\\z', '\\b', '\\B'])
  if (kind === 9) return dice.one(['\\d', '\\D', '\\s', '\\S', '\\w', '\\W'])
  if (kind === 10) return property(dice)
  if (kind < 14) return bracket(dice)
  if (kind === 14) {
    if (dice.chance(0.5))
      return `\\Q${dice.several(3, () => dice.one([...letters, ...special.slice(1)])).join('')}\\E`
    return dice.one([
      '\\C',
      '\\z',
      '(?i)',
      '(?s)',
      '(?m)',
      '(?U)',
      '(?-i)',
      '(?im-s)',
      '',
      '{',
      '{,2}',
      '{a}',
      '{1',
    ])
  }
  const inside = expression(dice, depth - 1)
  switch (dice.below(6)) {
    case 0:
      return `(${inside})`
    case 1:
      return `(?P<n${dice.below(40)}>${inside})`
    case 2:
      return `(?<n${dice.below(40)}>${inside})`
    case 3:
      return `(?${dice.one(['i', 's', 'm', 'U', 'i-s', '-i', 'is', 'ims', 'sm-i', '-s'])}:${inside})`
    default:
      return `(?:${inside})`
  }
}

function repeated(dice: Dice, depth: number): string {
  const one = atom(dice, depth)
  if (!dice.chance(0.35)) return one
  const low = dice.below(4)
  const count = dice.one([
    '*',
    '+',
    '?',
    `{${low}}`,
    `{${low},}`,
    `{${low},${low + dice.below(4)}}`,
    '{0}',
    '{0,0}',
  ])
  return one + count + (dice.chance(0.2) ? '?' : '')
}

function expression(dice: Dice, depth: number): string {
  const alternatives = dice.chance(0.3) ? 2 + dice.below(3) : 1
  // what begins alike is factored out
  const prefix = alternatives > 1 && dice.chance(0.4) ? repeated(dice, 0) : ''
  return Array.from(
    { length: alternatives },
    () => (dice.chance(0.8) ? prefix : '') + dice.several(4, () => repeated(dice, depth)).join(''),
  ).join('|')
}

/** A pattern that uses all of RE2's syntax; some are not valid. */
export function randomRegexp(dice: Dice): string {
  let pattern = expression(dice, dice.below(4))
  if (dice.chance(0.15)) pattern = `^${pattern}`
  if (dice.chance(0.15)) pattern = `${pattern}$`
  if (dice.chance(0.15)) pattern = `(?${dice.one(['i', 'm', 's', 'is', 'U'])})${pattern}`
  if (!dice.chance(0.3)) return pattern
  const points = Array.from(pattern)
  for (let i = dice.below(4); i > 0; i--) {
    const at = dice.below(points.length + 1)
    const change = dice.below(3)
    if (change === 0) points.splice(at, 1)
    else
      points.splice(
        at,
        change - 1,
        dice.one([...special, ...letters, 'Q', 'E', 'p', 'P', 'x', 'z', '1', '9', '?:', '(?']),
      )
  }
  return points.join('')
}

/** A text of what a pattern is written with, in either case, and of odd code points. */
export function randomText(dice: Dice, pattern: string): string {
  const own = Array.from(pattern)
  const words = pattern.split(/[^\p{L}\p{N}_]+/u)
  return Array.from({ length: dice.below(dice.chance(0.1) ? 60 : 14) }, () => {
    const kind = dice.below(10)
    if (kind === 0) return dice.one(odd)
    if (kind < 3) return dice.one(letters)
    if (kind === 3) return dice.one(['\n', ' ', 'a', 'b'])
    if (kind === 4) return dice.one(words) ?? ''
    const c = own.length === 0 ? 'a' : dice.one(own)
    return dice.chance(0.15) ? (dice.chance(0.5) ? c.toUpperCase() : c.toLowerCase()) : c
  }).join('')
}
