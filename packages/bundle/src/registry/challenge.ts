/** What a server asks for in `WWW-Authenticate`. */
export interface Challenge {
  /** `basic`, `bearer`, in lower case. */
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Reads `WWW-Authenticate`, which may hold several challenges. Source: RFC 9110, section 11.6.1. */
export function readChallenges(header: string): readonly Challenge[] {
  const found: { scheme: string; parameters: Record<string, string> }[] = []
  for (const [, name = '', value] of header.matchAll(
    /([\w!#$%&'*+.^`|~-]+)(?: ?= ?("(?:[^"\\]|\\.)*"|[\w!#$%&'*+.^`|~/:-]+))?/g,
  )) {
    const last = found.at(-1)
    if (value === undefined) found.push({ scheme: name.toLowerCase(), parameters: Object.create(null) as {} })
    else if (last !== undefined)
      last.parameters[name.toLowerCase()] = value.startsWith('"')
        ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1')
        : value
  }
  return found
}
