import { boundBy, type Clause, type Line, type Term, usedBy, variablesOf, syntaxKey } from './syntax.js'

/** Never true. */
export const never: Line = { kind: 'holds', term: { kind: 'literal', value: false } }

export const isNever = (line: Line): boolean =>
  line.kind === 'holds' && line.term.kind === 'literal' && line.term.value === false

export const isAlways = (line: Line): boolean =>
  line.kind === 'holds' && line.term.kind === 'literal' && line.term.value === true

/**
 * A clause as it is printed: no line twice, no name that nothing uses, and each line before the loops that it does not need (regal:
 * `non-loop-expression`). Undefined where it can never hold.
 */
export function tidied({ body, value }: Clause, also: readonly Term[] = []): Clause | undefined {
  if (body.some(isNever)) return undefined
  const terms = [...also, ...(value === undefined ? [] : [value])]
  const lines = pruned(hoisted(unique(body.filter((line) => !isAlways(line)))), terms)
  return { ...(value === undefined ? {} : { value }), body: lines }
}

function unique(body: readonly Line[]): readonly Line[] {
  const seen = new Set<string>()
  return body.filter((line) => {
    if (line.kind === 'some' || line.kind === 'bind') return true
    const key = syntaxKey(line)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Moves each line up to right behind what binds its variables, but over loops only. */
function hoisted(body: readonly Line[]): readonly Line[] {
  const own = boundBy(body)
  const result: Line[] = []
  for (const line of body) {
    const needs = new Set(usedBy([line]).filter((name) => own.has(name)))
    let place = result.length
    for (let i = result.length - 1; i >= 0; i--) {
      const before = result[i] as Line
      if ([...boundBy([before])].some((name) => needs.has(name))) break
      if (before.kind === 'some' && line.kind !== 'some') place = i
    }
    result.splice(place, 0, line)
  }
  return result
}

/** Takes out names that nothing uses; that a value is there is asked all the same. */
export function pruned(body: readonly Line[], terms: readonly Term[]): readonly Line[] {
  const used = new Set([...usedBy(body), ...terms.flatMap(variablesOf)])
  return body.map((line): Line => {
    if (line.kind === 'bind' && !used.has(line.name))
      return { kind: 'compare', left: { kind: 'rule', name: '_' }, operator: '=', right: line.value }
    if (line.kind !== 'some') return line
    const { key, value, of } = line
    const hasKey = key !== undefined && used.has(key)
    const hasValue = value !== undefined && used.has(value)
    return { kind: 'some', of, ...(hasKey ? { key } : {}), ...(hasValue ? { value } : {}) }
  })
}
