import { equalJson, isObject, type Json, type Node } from '@gatewright/core'

/** Where a value stands: a root of the review, and the steps below it, `*` for any element of a list. */
export interface Place {
  readonly root: string
  readonly steps: readonly string[]
}

/** What is known while conditions are worked out: where variables stand, and some values. */
export interface Knowledge {
  readonly variables: ReadonlyMap<number, Place>
  readonly parameters: Json
  /** The value at a place; undefined where nobody knows. A value of `{ is: undefined }` is missing. */
  readonly valueAt: (place: Place) => { readonly is: Json | undefined } | undefined
}

type Known<T> = { readonly is: T } | undefined

/** The place that an expression reads; undefined where it computes something. */
export function placeOf(node: Node, variables: ReadonlyMap<number, Place>): Place | undefined {
  switch (node.kind) {
    case 'input':
      return { root: node.name, steps: [] }
    case 'variable':
      return node.index ? undefined : variables.get(node.id)
    case 'field': {
      const of = placeOf(node.of, variables)
      return of && { root: of.root, steps: [...of.steps, node.key] }
    }
    case 'narrow':
      return placeOf(node.of, variables)
    default:
      return undefined
  }
}

export const samePlace = (a: Place, b: Place): boolean =>
  a.root === b.root && a.steps.length === b.steps.length && a.steps.every((step, i) => step === b.steps[i])

/**
 * Whether a condition holds as far as that follows from what is known: true, false, or undefined where it hangs on something else. It
 * reads comparisons with constants alone, so that nothing else about a value matters.
 */
export function holds(node: Node, known: Knowledge): boolean | undefined {
  switch (node.kind) {
    case 'and':
      return decided(node.all, false, known)
    case 'or':
      return decided(node.any, true, known)
    case 'not': {
      const of = holds(node.of, known)
      return of === undefined ? undefined : !of
    }
    case 'decide': {
      if (node.of.operator !== 'equals') return undefined
      const operands = node.of.arguments.map((each) => valueOf(each, known))
      if (operands.some((each) => each !== undefined && isMissing(each.is))) return node.missing
      const [a, b] = operands
      return a === undefined || b === undefined ? undefined : equalJson(a.is as Json, b.is as Json)
    }
    case 'call':
      return comparison(node, known)
    case 'some':
    case 'every': {
      const list = valueOf(node.list, known)
      if (list === undefined) return undefined
      const items = Array.isArray(list.is) ? (list.is as readonly Json[]) : []
      return joined(
        items.map((item) => holds(node.lambda.body, withElement(node.lambda.element.id, item, known))),
        node.kind === 'some',
      )
    }
    default: {
      const value = valueOf(node, known)
      return value === undefined ? undefined : value.is === true
    }
  }
}

/** What is known where a variable is bound to a value, which stands at a place of its own. */
function withElement(id: number, value: Json, known: Knowledge): Knowledge {
  const own: Place = { root: `element ${id}`, steps: [] }
  return {
    ...known,
    variables: new Map([...known.variables, [id, own]]),
    valueAt: (place) => (samePlace(place, own) ? { is: value } : known.valueAt(place)),
  }
}

const decided = (all: readonly Node[], deciding: boolean, known: Knowledge): boolean | undefined =>
  joined(
    all.map((each) => holds(each, known)),
    deciding,
  )

/** Answers of which one decides. */
function joined(answers: readonly (boolean | undefined)[], deciding: boolean): boolean | undefined {
  if (answers.includes(deciding)) return deciding
  return answers.includes(undefined) ? undefined : !deciding
}

function comparison(
  { operator, arguments: operands }: Extract<Node, { kind: 'call' }>,
  known: Knowledge,
): boolean | undefined {
  if (operator !== 'is' && operator !== 'in') return undefined
  const [value, other] = operands.map((each) => valueOf(each, known))
  if (value === undefined || other === undefined) return undefined
  if (isMissing(value.is)) return false
  if (operator === 'is') return !isMissing(other.is) && equalJson(value.is as Json, other.is as Json)
  return (
    Array.isArray(other.is) && (other.is as readonly Json[]).some((each) => equalJson(each, value.is as Json))
  )
}

const isMissing = (value: Json | undefined): boolean => value === undefined || value === null

function valueOf(node: Node, known: Knowledge): Known<Json | undefined> {
  switch (node.kind) {
    case 'literal':
      return { is: node.value }
    case 'default': {
      const of = valueOf(node.of, known)
      if (of === undefined) return undefined
      return isMissing(of.is) ? valueOf(node.otherwise, known) : of
    }
    case 'concat': {
      const lists = node.lists.map((each) => valueOf(each, known))
      return lists.every((each) => each !== undefined && !Array.isArray(each.is)) ? { is: [] } : undefined
    }
    default: {
      const place = placeOf(node, known.variables)
      if (place === undefined) return undefined
      return place.root === 'parameters' ? { is: below(known.parameters, place.steps) } : known.valueAt(place)
    }
  }
}

function below(value: Json | undefined, [step, ...rest]: readonly string[]): Json | undefined {
  if (step === undefined) return value
  return value !== undefined && isObject(value) && Object.hasOwn(value, step)
    ? below(value[step], rest)
    : undefined
}

/** The constants that conditions compare with. */
export function constantsIn(
  nodes: readonly Node[],
  childrenOf: (node: Node) => readonly Node[],
): readonly Json[] {
  return nodes.flatMap((node) => [
    ...(node.kind === 'literal'
      ? Array.isArray(node.value)
        ? (node.value as readonly Json[])
        : [node.value]
      : []),
    ...constantsIn(childrenOf(node), childrenOf),
  ])
}
