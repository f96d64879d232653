import { Decimal, isNumber, type Json, numberText } from '@gatewright/core'

/** A TypeScript expression: a value, a call, or what is in brackets. */
export type Code =
  | string
  | { readonly entries: readonly (readonly [key: string, value: Code])[] }
  | { readonly items: readonly Code[] }
  | { readonly calls: string; readonly with: readonly Code[] }

/** A JSON value as an expression. Throws a `RangeError` for a number that no literal is. */
export function codeOf(value: Json): Code {
  if (typeof value === 'string') return textCode(value)
  if (value instanceof Decimal)
    throw new RangeError(`no literal of TypeScript is the number ${numberText(value)}`)
  if (isNumber(value))
    return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return { items: value.map((each: Json) => codeOf(each)) }
  if (typeof value === 'object' && value !== null)
    return { entries: Object.entries(value).map(([key, each]) => [key, codeOf(each as Json)]) }
  return String(value)
}

/** A text in quotes: single ones, unless it has some and no double ones. */
export function textCode(text: string): string {
  // these end a line in some readers
  const quoted = JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  if (text.includes("'") && !text.includes('"')) return quoted
  return `'${quoted.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** An expression in one line where it fits, else with each part on a line of its own. */
export function printed(code: Code, indentation = '', before = 0): string {
  const flat = inOneLine(code)
  if (indentation.length + before + flat.length <= 100) return flat
  if (typeof code === 'string') return code
  if ('calls' in code)
    return `${code.calls}(${code.with.map((each) => printed(each, indentation, code.calls.length + 1)).join(', ')})`
  const inner = `${indentation}  `
  const parts =
    'items' in code
      ? code.items.map((each) => printed(each, inner))
      : code.entries.map(([key, value]) => {
          const name = keyCode(key)
          return `${name}: ${printed(value, inner, name.length + 2)}`
        })
  const [open, close] = 'items' in code ? '[]' : '{}'
  return `${open}\n${parts.map((each) => `${inner}${each},\n`).join('')}${indentation}${close}`
}

function inOneLine(code: Code): string {
  if (typeof code === 'string') return code
  if ('calls' in code) return `${code.calls}(${code.with.map(inOneLine).join(', ')})`
  if ('items' in code) return `[${code.items.map(inOneLine).join(', ')}]`
  if (code.entries.length === 0) return '{}'
  return `{ ${code.entries.map(([key, value]) => `${keyCode(key)}: ${inOneLine(value)}`).join(', ')} }`
}

/** `__proto__` in quotes would still be the prototype. */
function keyCode(key: string): string {
  if (key === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : textCode(key)
}
