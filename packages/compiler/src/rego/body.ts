import { freshName } from './names.js'
import {
  boundBy,
  type Clause,
  type Line,
  renamed,
  syntaxKey,
  type Term,
  usedBy,
  variablesOf,
} from './syntax.js'

/** Never true. */
export const never: Line = { kind: 'holds', term: { kind: 'literal', value: false } }

export const isNever = (line: Line): boolean =>
  line.kind === 'holds' && line.term.kind === 'literal' && line.term.value === false

export const isAlways = (line: Line): boolean =>
  line.kind === 'holds' && line.term.kind === 'literal' && line.term.value === true

/** Lines without those that always hold; one that never does is all. */
export function conjunction(lines: readonly Line[]): readonly Line[] {
  if (lines.some(isNever)) return [never]
  return lines.filter((line) => !isAlways(line))
}

/**
 * A clause as it is printed: no line twice, no name that nothing uses, and each line before the loops that it does not need (regal:
 * `non-loop-expression`). Undefined where it can never hold. A list has its elements in the order of the loops, which then stay in theirs.
 */
export function tidied(
  given: Clause,
  also: readonly Term[] = [],
  keepsOrder: boolean = false,
): Clause | undefined {
  if (given.body.some(isNever)) return undefined
  const { body, value } = boundOnce(given)
  const terms = [...also, ...(value === undefined ? [] : [value])]
  const lines = pruned(hoisted(unique(body.filter((line) => !isAlways(line))), keepsOrder), terms)
  return { ...(value === undefined ? {} : { value }), body: lines }
}

/** A clause put together of parts that each took names of their own: what binds a name again has another one from there on. */
function boundOnce(clause: Clause): Clause {
  const seen = new Map<string, string>()
  let { body, value } = clause
  for (let i = 0; i < body.length; i++) {
    const line = body[i] as Line
    const again = [...boundBy([line])].filter((name) => seen.has(name))
    for (const name of boundBy([line])) if (!seen.has(name)) seen.set(name, syntaxKey(line))
    if (again.length === 0) continue
    if (line.kind === 'bind' && seen.get(line.name) === syntaxKey(line)) {
      body = body.toSpliced(i--, 1)
      continue
    }
    const names = new Map(again.map((name) => [name, freshName(name, (each) => seen.has(each))]))
    const own = line.kind === 'bind' ? line.value : line.kind === 'some' ? line.of : undefined
    const newName = (name: string): string => names.get(name) ?? name
    // what is bound again is computed with the name as it was
    const kept = { ...renamed(line, newName), ...(line.kind === 'bind' ? { value: own } : { of: own }) }
    body = [...body.slice(0, i), kept as Line, ...renamed(body.slice(i + 1), newName)]
    value = value && renamed(value, newName)
    for (const name of names.values()) seen.set(name, '')
  }
  return { body, ...(value === undefined ? {} : { value }) }
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

/**
 * Loops in their order, and between them what is cheap to ask there, each line as early as its variables are bound; functions of
 * the module come last. So most elements are left after one look, and functions are asked about the few that remain: first those
 * about what the innermost loop gives, which is what a rule is about, then those about what holds it, which mostly let it pass.
 */
function hoisted(body: readonly Line[], keepsOrder: boolean): readonly Line[] {
  const own = boundBy(body)
  const bound = new Map<string, number>()
  const left = body.map((line) => ({
    line,
    needs: [...new Set(usedBy([line]).filter((name) => own.has(name)))],
    cost: costOf(line),
  }))
  const result: Line[] = []
  while (left.length > 0) {
    const nextLoop = left.find(({ line }) => line.kind === 'some')
    const ready = left.filter(
      (each) =>
        each.needs.every((name) => bound.has(name)) &&
        (!keepsOrder || each.line.kind !== 'some' || each === nextLoop),
    )
    const next =
      first(
        ready.filter(({ line, cost }) => line.kind !== 'some' && cost < functionCost && !isExpected(line)),
      ) ??
      ready.find(({ line }) => line.kind === 'some') ??
      first(
        innermost(
          ready.filter(({ line }) => !isExpected(line)),
          bound,
        ),
      ) ??
      first(ready)
    if (next === undefined) throw new TypeError('a line needs a variable that nothing binds')
    left.splice(left.indexOf(next), 1)
    result.push(next.line)
    for (const name of boundBy([next.line])) bound.set(name, result.length)
  }
  return result
}

const isExpected = (line: Line): boolean => line.kind === 'holds' && line.isExpected === true

/** The lines that need what was bound last. */
function innermost<T extends { readonly needs: readonly string[] }>(
  lines: readonly T[],
  bound: ReadonlyMap<string, number>,
): readonly T[] {
  const depth = ({ needs }: T): number => Math.max(0, ...needs.map((name) => bound.get(name) ?? 0))
  const deepest = Math.max(0, ...lines.map(depth))
  return lines.filter((each) => depth(each) === deepest)
}

/** The cheapest, of these the one that was written first. */
const first = <T extends { readonly cost: number }>(lines: readonly T[]): T | undefined =>
  lines.reduce<T | undefined>(
    (best, each) => (best === undefined || each.cost < best.cost ? each : best),
    undefined,
  )

const functionCost = 3

/** What a line costs, in classes: comparisons, rules that are known once asked, built-in functions, functions of the module. */
function costOf(line: Line): number {
  switch (line.kind) {
    case 'some':
      return 0
    case 'bind':
      return termCost(line.value)
    case 'compare':
      return Math.max(termCost(line.left), termCost(line.right))
    case 'holds':
      // a condition of its own; a comparison of what is at hand comes before it
      return line.term.kind === 'rule' ? 2 : termCost(line.term)
    case 'not':
      // OPA evaluates what is negated apart; a look at a type costs less
      return Math.max(costOf(line.line), 1) + 0.5
  }
}

function termCost(term: Term): number {
  switch (term.kind) {
    case 'literal':
    case 'raw':
    case 'variable':
    case 'rule':
      return 0
    case 'part':
      return Math.max(termCost(term.of), termCost(term.key))
    case 'list':
    case 'set':
      return Math.max(0, ...term.items.map(termCost))
    case 'record':
      return Math.max(0, ...term.fields.map(([, value]) => termCost(value)))
    case 'call':
      return Math.max(
        term.name.startsWith('is_') ? 1 : builtins.has(term.name) ? 2 : functionCost,
        ...term.arguments.map(termCost),
      )
    case 'collect':
      return 4
  }
}

const builtins: ReadonlySet<string> = new Set([
  'startswith',
  'endswith',
  'contains',
  'glob.match',
  'regex.match',
  'type_name',
  'count',
  'concat',
  'split',
  'object.get',
  'array.slice',
])

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
