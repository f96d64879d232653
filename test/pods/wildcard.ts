/** Whether a text fits a pattern in which `*` is any run of characters and `?` any one, tried out place by place. */
export function fitsWildcard(text: string, pattern: string): boolean {
  const [head] = pattern
  if (head === undefined) return text === ''
  if (head === '*')
    return fitsWildcard(text, pattern.slice(1)) || (text !== '' && fitsWildcard(text.slice(1), pattern))
  return text !== '' && (head === '?' || head === text[0]) && fitsWildcard(text.slice(1), pattern.slice(1))
}
