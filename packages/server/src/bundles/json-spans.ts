/**
 * The texts of the elements of a JSON list, or of the members of an object by their names, as they stand: a number keeps every digit.
 * The text has to be sound JSON, which `JSON.parse` sees to before.
 */
export function elementTexts(text: string): readonly string[] {
  return parts(text).filter((part) => part !== '')
}

export function memberTexts(text: string): ReadonlyMap<string, string> {
  return new Map(
    elementTexts(text).map((part) => {
      const end = endOfString(part, 0)
      const value = part.slice(end).replace(/^\s*:/, '').trim()
      return [JSON.parse(part.slice(0, end)) as string, value] as const
    }),
  )
}

/** What stands between the commas of the outermost list or object. */
function parts(text: string): readonly string[] {
  const found: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const each = text[at]
    if (each === '"') at = endOfString(text, at) - 1
    else if (each === '[' || each === '{') {
      if (depth++ === 0) from = at + 1
    } else if (each === ']' || each === '}') {
      if (--depth === 0) found.push(text.slice(from, at).trim())
    } else if (each === ',' && depth === 1) {
      found.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return found
}

/** Where the string that begins at a place ends, behind its quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}
