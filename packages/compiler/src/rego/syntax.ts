import type { Json } from '@gatewright/core'

/** A term of Rego: something that has a value, or none. */
export type Term =
  | { readonly kind: 'literal'; readonly value: Json }
  /** A raw string, for patterns. */
  | { readonly kind: 'raw'; readonly text: string }
  /** A variable that a body binds, or a parameter of a function. */
  | { readonly kind: 'variable'; readonly name: string }
  /** A rule of the module or of the library, or a root document. */
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'part'; readonly of: Term; readonly key: Term }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Term[] }
  | { readonly kind: 'list'; readonly items: readonly Term[] }
  | { readonly kind: 'set'; readonly items: readonly Term[] }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [string, Term])[] }
  /** `[element | body]` */
  | { readonly kind: 'collect'; readonly element: Term; readonly body: readonly Line[] }

/** A line of a body. */
export type Line =
  | { readonly kind: 'some'; readonly key?: string; readonly value?: string; readonly of: Term }
  | { readonly kind: 'bind'; readonly name: string; readonly value: Term }
  | { readonly kind: 'compare'; readonly left: Term; readonly operator: Comparison; readonly right: Term }
  | {
      readonly kind: 'holds'
      readonly term: Term
      /** It nearly always holds, so that it is asked of what the other lines leave. */
      readonly isExpected?: true
    }
  | { readonly kind: 'not'; readonly line: Line }

export type Comparison = '==' | '=' | '!=' | '>' | '>=' | '<' | '<=' | 'in'

/** A body and the value that a rule has where it holds; `true` where none is given. */
export interface Clause {
  readonly value?: Term
  readonly body: readonly Line[]
}

/** A rule or function; `contains` makes it a set. Of several rules of one name each stands for itself. */
export interface Rule extends Clause {
  readonly name: string
  /** Lines of comment above it. */
  readonly comment?: readonly string[]
  readonly parameters?: readonly string[]
  readonly isDefault?: boolean
  readonly contains?: Term
  /** What it is where its body does not hold, in order. */
  readonly otherwise?: readonly Clause[]
}

export const literal = (value: Json): Term => ({ kind: 'literal', value })
export const variable = (name: string): Term => ({ kind: 'variable', name })
export const rule = (name: string): Term => ({ kind: 'rule', name })
export const part = (of: Term, key: string | number | Term): Term => ({
  kind: 'part',
  of,
  key: typeof key === 'object' ? key : literal(key),
})
export const call = (name: string, ...operands: readonly Term[]): Term => ({
  kind: 'call',
  name,
  arguments: operands,
})
export const list = (items: readonly Term[]): Term => ({ kind: 'list', items })
export const record = (fields: Readonly<Record<string, Term>>): Term => ({
  kind: 'record',
  fields: Object.entries(fields),
})
export const holds = (term: Term): Line => ({ kind: 'holds', term })
export const not = (line: Line): Line => ({ kind: 'not', line })
export const compare = (left: Term, operator: Comparison, right: Term): Line => ({
  kind: 'compare',
  left,
  operator,
  right,
})

/** The terms that a term is made of. */
function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'literal':
    case 'raw':
    case 'rule':
    case 'variable':
      return []
    case 'part':
      return [term.of, term.key]
    case 'call':
      return term.arguments
    case 'list':
    case 'set':
      return term.items
    case 'record':
      return term.fields.map(([, value]) => value)
    case 'collect':
      return [...term.body.flatMap(termsOf), term.element]
  }
}

/** The terms of a line. */
function termsOf(line: Line): readonly Term[] {
  switch (line.kind) {
    case 'some':
      return [line.of]
    case 'bind':
      return [line.value]
    case 'compare':
      return [line.left, line.right]
    case 'holds':
      return [line.term]
    case 'not':
      return termsOf(line.line)
  }
}

/** The variables that a term uses and does not bind itself, in the order of their first use. */
export function variablesOf(term: Term): readonly string[] {
  if (term.kind === 'variable') return [term.name]
  const names = [...new Set(partsOf(term).flatMap(variablesOf))]
  if (term.kind !== 'collect') return names
  const own = boundBy(term.body)
  return names.filter((name) => !own.has(name))
}

/** The variables that lines bind. */
export function boundBy(body: readonly Line[]): ReadonlySet<string> {
  return new Set(
    body.flatMap((line) =>
      line.kind === 'some'
        ? [line.key, line.value].filter((name) => name !== undefined)
        : line.kind === 'bind'
          ? [line.name]
          : [],
    ),
  )
}

/** The variables that lines use, those too that they bind. */
export function usedBy(body: readonly Line[]): readonly string[] {
  return body.flatMap(termsOf).flatMap(variablesOf)
}

/** The variables that clauses use and others bind, in the order of their first use. */
export function freeIn(clauses: readonly Clause[]): readonly string[] {
  const names = clauses.flatMap(({ body, value }) => {
    const own = boundBy(body)
    const used = [...usedBy(body), ...(value === undefined ? [] : variablesOf(value))]
    return used.filter((name) => !own.has(name))
  })
  return [...new Set(names)]
}

/** The names of the rules and functions that a rule asks, in the order of their first use. */
export function namesIn({ contains, value, body, otherwise = [] }: Rule): readonly string[] {
  const ofTerm = (term: Term): readonly string[] => [
    ...(term.kind === 'rule' || term.kind === 'call' ? [term.name] : []),
    ...partsOf(term).flatMap(ofTerm),
  ]
  const clauses = [{ value: contains, body: [] }, { value, body }, ...otherwise]
  return clauses.flatMap((clause) => [
    ...clause.body.flatMap(termsOf).flatMap(ofTerm),
    ...(clause.value === undefined ? [] : ofTerm(clause.value)),
  ])
}

/** A text that only the same piece of syntax has. */
export const syntaxKey = (of: unknown): string =>
  JSON.stringify(of, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each))

/** A text that only the same piece of syntax has, whatever names it gives to the variables that it binds itself. */
export function alphaKey(of: unknown): string {
  const numbers = new Map<string, string>()
  const find = (tree: unknown): void => {
    if (typeof tree !== 'object' || tree === null) return
    const binders = bindersOf((tree as { readonly kind?: unknown }).kind)
    if (binders === undefined) return
    for (const [key, each] of Object.entries(tree)) {
      if (typeof each !== 'string') find(each)
      else if (binders.includes(key) && (tree as Line).kind !== ('variable' as string) && !numbers.has(each))
        numbers.set(each, `v${numbers.size}`)
    }
  }
  find(of)
  return syntaxKey(renamed(of, (name) => numbers.get(name) ?? `_${name}`))
}

/** The same syntax with other names for its variables, those too that it binds itself. */
export function renamed<T>(tree: T, name: (of: string) => string): T {
  if (Array.isArray(tree)) return tree.map((each: unknown) => renamed(each, name)) as T
  if (typeof tree !== 'object' || tree === null) return tree
  const binders = bindersOf((tree as { readonly kind?: unknown }).kind)
  if (binders === undefined) return tree
  return Object.fromEntries(
    Object.entries(tree).map(([key, each]) => [
      key,
      binders.includes(key) && typeof each === 'string' ? name(each) : renamed(each as unknown, name),
    ]),
  ) as T
}

/** The same syntax with other terms for parts; those of which nothing is given stay. */
export function withParts<T>(tree: T, edit: (part: Extract<Term, { kind: 'part' }>) => Term | undefined): T {
  if (Array.isArray(tree)) return tree.map((each: unknown) => withParts(each, edit)) as T
  if (typeof tree !== 'object' || tree === null) return tree
  const { kind } = tree as { readonly kind?: unknown }
  if (kind === 'literal' || kind === 'raw') return tree
  const inner = Object.fromEntries(
    Object.entries(tree).map(([key, each]) => [key, withParts(each as unknown, edit)]),
  )
  return (kind === 'part' ? (edit(inner as Extract<Term, { kind: 'part' }>) ?? inner) : inner) as T
}

/** The fields of a piece of syntax that name variables; undefined for constants, which are looked into no further. */
function bindersOf(kind: unknown): readonly string[] | undefined {
  switch (kind) {
    case 'literal':
    case 'raw':
      return undefined
    case 'variable':
    case 'bind':
      return ['name']
    case 'some':
      return ['key', 'value']
    default:
      return []
  }
}
