import type { CelExpressions } from '../module.js'
import {
  asLongAs,
  type CelSizes,
  either,
  elementOf,
  elementsOf,
  fieldOf,
  joinedLists,
  canBeList,
  canBeText,
  lengthOf,
  listOfFixed,
  partsOfText,
  read,
  scalar,
  type Shape,
  sizeOf,
  wholeTextOf,
} from './shape.js'
import { type CelExpression, readCel } from './syntax.js'

/** What a policy costs at most for values of some sizes, in the units of the API server's limits. */
export interface CelCost {
  /** What judges, and what makes the message, each with the variables that it needs. */
  readonly total: number
  /** The dearest expression by itself, and its name. */
  readonly dearest: { readonly name: string; readonly cost: number }
}

/** A policy whose expressions are read once, to work costs out for several sizes. */
export type CostedPolicy = (sizes: CelSizes) => CelCost

/**
 * The costs of a policy by the rules that the API server counts by while it judges (`interpreter/runtimecost.go` of cel-go and
 * `pkg/cel/library/cost.go` of the API server), each taken at its highest. The server's own estimate would not do: it takes what has
 * no type for infinite.
 */
export function costedPolicy({
  variables,
  validation,
  message,
}: Omit<CelExpressions, 'fallback'>): CostedPolicy {
  const named = variables.map(({ name, expression }) => ({ name, expression: readCel(expression) }))
  const asked = [
    { name: 'the validation', expression: readCel(validation) },
    { name: 'the message', expression: readCel(message) },
  ]
  return (sizes) => {
    const walk = new Walk(sizes)
    const costs = new Map<string, number>()
    for (const { name, expression } of named) {
      const { cost, shape } = walk.of(expression, new Map())
      walk.variables.set(name, shape)
      // what a variable needs has come before it
      costs.set(name, cost)
    }
    const own = asked.map(({ name, expression }) => [name, walk.of(expression, new Map()).cost] as const)
    const total = asked.reduce((sum, { expression }, i) => {
      const needed = neededBy(expression, named)
      return sum + (own[i]?.[1] ?? 0) + [...needed].reduce((all, name) => all + (costs.get(name) ?? 0), 0)
    }, 0)
    const [name, cost] = [...costs, ...own].reduce((a, b) => (b[1] > a[1] ? b : a))
    return { total, dearest: { name, cost } }
  }
}

/** The variables that an expression needs, and those that they need. */
function neededBy(
  expression: CelExpression,
  named: readonly { readonly name: string; readonly expression: CelExpression }[],
): ReadonlySet<string> {
  const needed = new Set<string>()
  const look = (of: CelExpression): void => {
    if (of.kind === 'field' && of.of.kind === 'name' && of.of.name === 'variables') {
      const variable = named.find(({ name }) => name === of.name)
      if (variable === undefined || needed.has(of.name)) return
      needed.add(of.name)
      return look(variable.expression)
    }
    partsOf(of).forEach(look)
  }
  look(expression)
  return needed
}

function partsOf(of: CelExpression): readonly CelExpression[] {
  switch (of.kind) {
    case 'constant':
    case 'name':
      return []
    case 'field':
      return [of.of]
    case 'index':
      return [of.of, of.key]
    case 'call':
      return of.of === undefined ? of.arguments : [of.of, ...of.arguments]
    case 'operator':
      return of.operands
    case 'choice':
      return of.branches
    case 'list':
      return of.items
    case 'map':
      return of.entries
  }
}

interface Costed {
  readonly cost: number
  readonly shape: Shape
}

type Names = ReadonlyMap<string, Shape>

const newList = 10
const newMap = 30
const traversal = (size: number, times = 1): number => Math.ceil(size * times * 0.1)
const pattern = (text: number, regexp: number): number => traversal(text + 1) * Math.ceil(regexp * 0.25)

const roots: ReadonlySet<string> = new Set(['object', 'oldObject', 'params', 'request', 'namespaceObject'])

const types: ReadonlySet<string> = new Set(['bool', 'double', 'int', 'list', 'map', 'string'])

/** What a name that no loop binds stands for. Throws for one that is not declared: nothing tells of it before an object is judged. */
function rootShape(name: string): Shape {
  if (roots.has(name)) return read(name)
  if (types.has(name)) return scalar
  throw new Error(`\`${name}\` is not declared in what is printed`)
}

/** Longest text of a number or a truth value. */
const scalarText = 24

class Walk {
  readonly sizes: CelSizes
  readonly variables = new Map<string, Shape>()

  constructor(sizes: CelSizes) {
    this.sizes = sizes
  }

  of(expression: CelExpression, names: Names): Costed {
    switch (expression.kind) {
      case 'constant':
        return {
          cost: 0,
          shape: typeof expression.value === 'string' ? { text: [...expression.value].length } : scalar,
        }
      case 'name':
        return { cost: 1, shape: names.get(expression.name) ?? rootShape(expression.name) }
      case 'field': {
        const { of, name } = expression
        if (of.kind === 'name' && of.name === 'variables') return { cost: 2, shape: this.#variable(name) }
        const { cost, shape } = this.of(of, names)
        return { cost: cost + selection(of), shape: fieldOf(shape, name) }
      }
      case 'index': {
        const { of, key } = expression
        const from = this.of(of, names)
        const by = this.of(key, names)
        const field = key.kind === 'constant' && typeof key.value === 'string' ? key.value : '*'
        const isPlace = key.kind === 'constant' && typeof key.value === 'number'
        return {
          cost: from.cost + by.cost + selection(of),
          shape: isPlace ? elementOf(from.shape) : fieldOf(from.shape, field),
        }
      }
      case 'choice': {
        const [condition, then, otherwise] = expression.branches.map((each) => this.of(each, names))
        if (condition === undefined || then === undefined || otherwise === undefined) throw unknown('?')
        const longest = longestBy(expression.branches)
        return {
          cost: condition.cost + Math.max(then.cost, otherwise.cost),
          shape: either([
            then.shape,
            longest === undefined
              ? otherwise.shape
              : { text: Math.min(longest, lengthOf(otherwise.shape, this.sizes)) },
          ]),
        }
      }
      case 'list': {
        const items = expression.items.map((each) => this.of(each, names))
        return {
          cost: newList + sum(items),
          shape: listOfFixed(items.length, either(items.map(({ shape }) => shape))),
        }
      }
      case 'map': {
        const entries = expression.entries.map((each) => this.of(each, names))
        const values = entries.filter((_, i) => i % 2 === 1)
        return {
          cost: newMap + sum(entries),
          shape: listOfFixed(values.length, either(values.map(({ shape }) => shape))),
        }
      }
      case 'operator':
        return this.#operator(
          expression.sign,
          expression.operands.map((each) => this.of(each, names)),
        )
      case 'call':
        return this.#call(expression, names)
    }
  }

  #variable(name: string): Shape {
    // Gatekeeper's own, which it makes of the constraint and of the request
    if (name === 'params') return read('params')
    const shape = this.variables.get(name)
    if (shape === undefined) throw unknown(`variables.${name}`)
    return shape
  }

  #operator(sign: string, operands: readonly Costed[]): Costed {
    const [a = { cost: 0, shape: scalar }, b = { cost: 0, shape: scalar }] = operands
    const cost = sum(operands)
    switch (sign) {
      case '&&':
      case '||':
        return { cost, shape: scalar }
      case '==':
      case '!=':
        return { cost: cost + Math.max(1, traversal(Math.min(this.#size(a), this.#size(b)))), shape: scalar }
      case 'in':
        return { cost: cost + Math.max(1, elementsOf(b.shape, this.sizes)), shape: scalar }
      case '+': {
        const text = lengthOf(a.shape, this.sizes) + lengthOf(b.shape, this.sizes)
        return {
          cost: cost + Math.max(1, traversal(text)),
          shape: {
            ...([a, b].every(({ shape }) => canBeText(shape)) && { text }),
            ...([a, b].every(({ shape }) => canBeList(shape)) && joinedLists(a.shape, b.shape)),
          },
        }
      }
      default:
        return { cost: cost + 1, shape: scalar }
    }
  }

  #call({ name, of, arguments: given }: CelExpression & { readonly kind: 'call' }, names: Names): Costed {
    if (of !== undefined && ['map', 'filter', 'exists', 'all', 'optMap'].includes(name))
      return this.#macro(name, of, given, names)
    const operands = [...(of === undefined ? [] : [of]), ...given].map((each) => this.of(each, names))
    const [first = { cost: 0, shape: scalar }, second = { cost: 0, shape: scalar }] = operands
    const length = lengthOf(first.shape, this.sizes)
    const made = (cost: number, shape: Shape = scalar): Costed => ({ cost: sum(operands) + cost, shape })
    switch (name) {
      case 'dyn':
      case 'int':
        return made(1, first.shape)
      case 'type':
      case 'size':
      case 'hasValue':
      case 'compareTo':
        return made(1)
      case 'string':
        return made(1, {
          text:
            canBeText(first.shape) && first.shape.read === undefined ? length : Math.max(length, scalarText),
        })
      case 'orValue':
        return made(1, either([first.shape, second.shape]))
      case 'quantity':
      case 'isQuantity':
        return made(Math.max(1, traversal(Math.max(length, scalarText))))
      case 'startsWith':
      case 'endsWith':
        return made(traversal(length))
      case 'contains':
        return made(traversal(length) * traversal(lengthOf(second.shape, this.sizes)))
      case 'matches':
        return made(pattern(length, lengthOf(second.shape, this.sizes)))
      case 'find':
        return made(pattern(length, lengthOf(second.shape, this.sizes)), { text: length })
      case 'lowerAscii':
        return made(traversal(length), { text: length })
      case 'substring': {
        const [, from, to] = [of, ...given]
        const most =
          to?.kind === 'constant' && from?.kind === 'constant'
            ? Number(to.value) - Number(from.value)
            : length
        return made(traversal(length), { text: Math.min(length, most) })
      }
      case 'replace': {
        const [, searched, by] = operands
        const [from, to] = [searched, by].map((each) =>
          each === undefined ? 0 : lengthOf(each.shape, this.sizes),
        )
        // each place where something is replaced grows by as much
        const growth = Math.max(0, (to ?? 0) - (from ?? 0)) * this.sizes.parts
        return made(traversal(length, 2), { text: length + growth })
      }
      case 'split': {
        const isByCharacter = given[0]?.kind === 'constant' && given[0].value === ''
        return made(
          traversal(length, 2),
          isByCharacter ? listOfFixed(length, { text: 1 }) : partsOfText(length),
        )
      }
      case 'join': {
        const between = given.length === 0 ? 0 : lengthOf(second.shape, this.sizes)
        const count = elementsOf(first.shape, this.sizes)
        const texts = wholeTextOf(first.shape) ?? count * lengthOf(elementOf(first.shape), this.sizes)
        const text = texts + count * between
        return made(traversal(text, 2), { text })
      }
      default:
        throw unknown(name)
    }
  }

  #macro(name: string, of: CelExpression, given: readonly CelExpression[], names: Names): Costed {
    const range = this.of(of, names)
    const [bound, ...bodies] = given
    if (bound?.kind !== 'name') throw unknown(name)
    const element = name === 'optMap' ? range.shape : elementOf(range.shape)
    const inside = new Map([...names, [bound.name, element]])
    const made = bodies.map((each) => this.of(each, inside))
    const body = sum(made)
    const last = made.at(-1)?.shape ?? scalar
    const count = elementsOf(range.shape, this.sizes)
    // an element goes on the end of the list so far: a name, a list of one, a sum of lists
    const appended = 1 + newList + 1
    switch (name) {
      case 'map':
        return {
          cost: range.cost + newList + 1 + count * (appended + body),
          shape: asLongAs(range.shape, last, this.#wholeText(range.shape, bound.name, bodies.at(-1), names)),
        }
      case 'filter':
        return {
          cost: range.cost + newList + 1 + count * (appended + 1 + body),
          shape: asLongAs(range.shape, element),
        }
      case 'optMap':
        // what it is of is written twice
        return { cost: 2 * range.cost + 2 + newList + 2 + body + 1, shape: last }
      default:
        return { cost: range.cost + 1 + count * (4 + body), shape: scalar }
    }
  }

  /**
   * How long the texts are together that a list's elements become, where those are known together: of what grows evenly with an element,
   * or faster, it is no more than one of them with all of the text, and the others with none.
   */
  #wholeText(range: Shape, name: string, body: CelExpression | undefined, names: Names): number | undefined {
    const whole = wholeTextOf(range)
    if (whole === undefined || body === undefined) return undefined
    const made = (text: number): number =>
      lengthOf(this.of(body, new Map([...names, [name, { text }]])).shape, this.sizes)
    const [none, half, all] = [made(0), made(whole / 2), made(whole)]
    return 2 * half <= none + all ? all + (elementsOf(range, this.sizes) - 1) * none : undefined
  }

  #size({ shape }: Costed): number {
    return sizeOf(shape, this.sizes)
  }
}

/** How long a text is where the condition before it says so: `size(x) > 9 ? … : x`. */
function longestBy([condition, , otherwise]: (CelExpression & { readonly kind: 'choice' })['branches']):
  | number
  | undefined {
  if (condition.kind !== 'operator' || condition.sign !== '>') return undefined
  const [size, most] = condition.operands
  if (size?.kind !== 'call' || size.name !== 'size' || most?.kind !== 'constant') return undefined
  return JSON.stringify(size.arguments[0]) === JSON.stringify(otherwise) ? Number(most.value) : undefined
}

/** A step into a value costs 1, and 1 more where what it is of is no chain of names. */
const selection = (of: CelExpression): number => (['name', 'field', 'index'].includes(of.kind) ? 1 : 2)

const sum = (of: readonly Costed[]): number => of.reduce((all, { cost }) => all + cost, 0)

const unknown = (what: string): Error => new Error(`the cost of \`${what}\` is not known`)
