/** What is wrong with a wildcard pattern: `[`, `{` and `\` have other meanings in other tools and are refused. */
export function wildcardProblem(pattern: string): string | undefined {
  const refused = /[[{\\]/.exec(pattern)
  return refused === null
    ? undefined
    : `the wildcard pattern \`${pattern}\` has \`${refused[0]}\`; only \`*\` (any run of characters) and \`?\` (one) have a meaning`
}

/** Whether a text matches a wildcard pattern: `*` is any run of characters, `/` included, and `?` is one code point. */
export function like(text: string, pattern: string): boolean {
  let t = 0
  let p = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    const c = pattern.charCodeAt(p)
    if (c === 0x2a) {
      star = p++
      resume = t
    } else if (p < pattern.length && c === 0x3f) {
      t += stepAt(text, t)
      p++
    } else if (p < pattern.length && c === text.charCodeAt(t)) {
      t++
      p++
    } else if (star >= 0) {
      // only the last star can take more: what an earlier one could give is reached through it
      p = star + 1
      resume += stepAt(text, resume)
      t = resume
    } else {
      return false
    }
  }
  while (pattern.charCodeAt(p) === 0x2a) p++
  return p >= pattern.length
}

/** UTF-16 units of the code point at a place. */
function stepAt(text: string, at: number): 1 | 2 {
  const unit = text.charCodeAt(at)
  if (unit < 0xd800 || unit > 0xdbff) return 1
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1
}
