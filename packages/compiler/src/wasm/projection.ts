import {
  type InputBinding,
  type Json,
  type KindPath,
  type Lambda,
  type Node,
  operatorOf,
  type PolicyIr,
  type RuleNode,
  type ViolationNode,
} from '@gatewright/core'
import type { Layout } from './layout.js'

/** What of a value is read from the input; all else is skipped. */
export interface Projection {
  /** Everything beneath is read. */
  whole: boolean
  readonly fields: Map<string, Projection>
  elements: Projection | undefined
  /** The values of the other keys. */
  values: Projection | undefined
}

export const newProjection = (): Projection => ({
  whole: false,
  fields: new Map(),
  elements: undefined,
  values: undefined,
})

const wholly: Projection = { ...newProjection(), whole: true }

function merged(one: Projection | undefined, other: Projection | undefined): Projection | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other
  if (one.whole || other.whole) return wholly
  const fields = new Map(one.fields)
  for (const [key, child] of other.fields) fields.set(key, merged(fields.get(key), child) as Projection)
  return {
    whole: false,
    fields,
    elements: merged(one.elements, other.elements),
    values: merged(one.values, other.values),
  }
}

function under(path: readonly string[], of: Projection): Projection {
  return path.reduceRight<Projection>(
    (child, key) => ({ ...newProjection(), fields: new Map([[key, child]]) }),
    of,
  )
}

const scalars = (...keys: readonly string[]): Projection => ({
  ...newProjection(),
  fields: new Map(keys.map((key) => [key, newProjection()])),
})

/** What policies read of a document, in any of the shapes that it may have: an object, an AdmissionReview, Gatekeeper's review. */
export function projectionOf(policies: readonly PolicyIr[]): Projection {
  // policies share bindings: what they read of one is put together before it is placed for each kind
  const reads = new Map<string, { readonly binding: InputBinding; read: Projection }>()
  for (const policy of policies) {
    const reader = new Reader()
    reader.policy(policy)
    for (const [name, binding] of Object.entries(policy.target.inputs)) {
      const key = JSON.stringify(binding)
      const read = reader.inputs.get(name) ?? newProjection()
      const known = reads.get(key)
      if (known === undefined) reads.set(key, { binding, read })
      else known.read = merged(known.read, read) as Projection
    }
  }
  let object: Projection = scalars('apiVersion', 'kind')
  let oldObject: Projection = object
  let request: Projection = scalars('operation')
  for (const { binding, read } of reads.values()) {
    for (const path of pathsOf(binding)) {
      const placed = under(path, read)
      if (binding.root === 'object') object = merged(object, placed) as Projection
      else if (binding.root === 'oldObject') oldObject = merged(oldObject, placed) as Projection
      else if (binding.root === 'request') request = merged(request, placed) as Projection
    }
  }
  const asked = merged(request, {
    ...newProjection(),
    fields: new Map([
      ['object', object],
      ['oldObject', oldObject],
    ]),
  }) as Projection
  const envelope: Projection = {
    ...scalars('apiVersion', 'kind', 'items'),
    fields: new Map([
      ...scalars('apiVersion', 'kind', 'items').fields,
      ['request', asked],
      ['review', asked],
    ]),
  }
  return merged(object, envelope) as Projection
}

function pathsOf({ path }: InputBinding): readonly (readonly string[])[] {
  const [first] = path
  return first === undefined || typeof first === 'string'
    ? [path as readonly string[]]
    : (path as readonly KindPath[]).map((each) => each.path)
}

/** Lays a projection out as the nodes that the runtime's reader goes by; its address. */
export function layProjection(of: Projection, layout: Layout): number {
  const laid = new Map<Projection, number>()
  const lay = (each: Projection): number => {
    let at = laid.get(each)
    if (at === undefined) {
      const { values } = each
      const fields = [...each.fields].flatMap(([key, child]) => [
        layout.text(key),
        lay(values === undefined ? child : (merged(child, values) as Projection)),
      ])
      at = layout.table([
        each.whole ? 1 : 0,
        fields.length / 2,
        fields.length === 0 ? 0 : layout.table(fields),
        each.elements === undefined ? 0 : lay(each.elements),
        values === undefined ? 0 : lay(values),
      ])
      laid.set(each, at)
    }
    return at
  }
  return lay(of)
}

/** Walks a policy and marks for each expression what it reads, messages and details included. */
class Reader {
  readonly inputs = new Map<string, Projection>()
  readonly #variables = new Map<number, readonly Projection[]>()
  readonly #places = new Map<Node, readonly Projection[]>()
  readonly #elements = new Map<Node, readonly Projection[]>()
  /** What the fields of a record come from, by a projection that stands for the record. */
  readonly #records = new Map<Projection, ReadonlyMap<string, readonly Projection[]>>()
  /** What the elements of a list that is built come from, by a projection that stands for the list. */
  readonly #lists = new Map<Projection, readonly Projection[]>()

  policy({ when, rules }: PolicyIr): void {
    if (when !== undefined) this.places(when)
    for (const rule of rules) this.#rule(rule)
  }

  #rule(rule: RuleNode): void {
    switch (rule.kind) {
      case 'deny':
        this.places(rule.if)
        return this.#violation(rule.violation)
      case 'onlyIf':
        this.places(rule.if)
        return rule.rules.forEach((each) => this.#rule(each))
      case 'each':
        this.#bind(rule, this.elements(rule.list))
        return rule.rules.forEach((each) => this.#rule(each))
    }
  }

  #violation({ message, at, details = {}, fix = [] }: ViolationNode): void {
    this.places(message)
    if (at !== undefined) this.places(at)
    for (const detail of Object.values(details)) this.#wholly(detail)
    for (const each of fix) {
      this.places(each.at)
      if (each.kind === 'set') this.#wholly(each.value)
    }
  }

  /** Marks a value that is compared or shown as a whole. */
  #wholly(node: Node): void {
    for (const place of this.places(node)) this.#markWhole(place)
  }

  #markWhole(place: Projection): void {
    place.whole = true
    for (const part of this.#records.get(place)?.values() ?? [])
      for (const each of part) this.#markWhole(each)
    for (const element of this.#lists.get(place) ?? []) this.#markWhole(element)
  }

  /** The parts of the inputs that a value can come from. Reading it marks them. */
  places(node: Node): readonly Projection[] {
    let places = this.#places.get(node)
    if (places === undefined) {
      places = eachOnce(this.#placesOf(node))
      this.#places.set(node, places)
    }
    return places
  }

  #placesOf(node: Node): readonly Projection[] {
    switch (node.kind) {
      case 'literal':
        return []
      case 'input': {
        const known = this.inputs.get(node.name) ?? newProjection()
        this.inputs.set(node.name, known)
        return [known]
      }
      case 'variable':
        return node.index ? [] : (this.#variables.get(node.id) ?? [])
      case 'field':
        return this.places(node.of).flatMap((parent) => {
          const own = this.#records.get(parent)?.get(node.key)
          if (own !== undefined) return own
          const field = parent.fields.get(node.key) ?? newProjection()
          parent.fields.set(node.key, field)
          return [field]
        })
      case 'get':
        this.places(node.key)
        return this.places(node.of).flatMap((parent) => {
          const parts = this.#records.get(parent)
          return parts === undefined ? [(parent.values ??= newProjection())] : [...parts.values()].flat()
        })
      case 'at':
        return this.elements(node.list)
      case 'find': {
        const elements = this.elements(node.list)
        this.#bind(node.lambda, elements)
        this.places(node.lambda.body)
        return elements
      }
      case 'narrow':
        return this.places(node.of)
      case 'call':
        this.#call(node)
        return []
      case 'default':
        return [...this.places(node.of), ...this.places(node.otherwise)]
      case 'when':
        for (const each of node.cases) this.places(each.if)
        return [...node.cases.map((each) => each.then), node.otherwise].flatMap((each) => this.places(each))
      case 'record': {
        const record = newProjection()
        const fields = Object.entries(node.fields).map(([key, field]) => [key, this.places(field)] as const)
        this.#records.set(record, new Map(fields))
        return [record]
      }
      case 'list':
      case 'filter':
      case 'map':
      case 'flatMap':
      case 'concat':
      case 'distinct':
      case 'duplicates':
      case 'keys':
      case 'inventory': {
        const list = newProjection()
        this.#lists.set(list, this.elements(node))
        return [list]
      }
      case 'some':
      case 'every':
        this.#bind(node.lambda, this.elements(node.list))
        this.places(node.lambda.body)
        return []
      case 'and':
        node.all.forEach((each) => this.places(each))
        return []
      case 'or':
        node.any.forEach((each) => this.places(each))
        return []
      case 'not':
      case 'decide':
        this.places(node.of)
        return []
    }
  }

  #call({ operator, arguments: operands }: Extract<Node, { kind: 'call' }>): void {
    const types = operatorOf(operator).operands
    for (const [index, operand] of operands.entries()) {
      const type = types[Math.min(index, types.length - 1)]
      if (operator === 'in' && type === 'list') {
        for (const element of this.elements(operand)) this.#markWhole(element)
      } else if (type === 'list') {
        this.elements(operand)
      } else if (comparesWhole(operator, operands)) {
        this.#wholly(operand)
      } else {
        this.places(operand)
      }
    }
  }

  /** The parts that a list's elements can come from. */
  elements(node: Node): readonly Projection[] {
    let places = this.#elements.get(node)
    if (places === undefined) {
      places = eachOnce(this.#elementsOf(node))
      this.#elements.set(node, places)
    }
    return places
  }

  #elementsOf(node: Node): readonly Projection[] {
    switch (node.kind) {
      case 'list':
        return node.items.flatMap((item) => this.places(item))
      case 'filter': {
        const elements = this.elements(node.list)
        this.#bind(node.lambda, elements)
        this.places(node.lambda.body)
        return elements
      }
      case 'map':
        this.#bind(node.lambda, this.elements(node.list))
        return this.places(node.lambda.body)
      case 'flatMap':
        this.#bind(node.lambda, this.elements(node.list))
        return this.elements(node.lambda.body)
      case 'concat':
        return node.lists.flatMap((list) => this.elements(list))
      case 'distinct':
      case 'duplicates': {
        const elements = this.elements(node.list)
        for (const element of elements) this.#markWhole(element)
        return elements
      }
      case 'keys':
        for (const place of this.places(node.of)) place.values ??= newProjection()
        return []
      case 'inventory':
        if (node.namespace !== undefined) this.places(node.namespace)
        return []
      default:
        return this.places(node).flatMap(
          (list) => this.#lists.get(list) ?? [(list.elements ??= newProjection())],
        )
    }
  }

  #bind({ element }: Pick<Lambda, 'element'>, elements: readonly Projection[]): void {
    this.#variables.set(element.id, elements)
  }
}

/** Operators that look at all of a value; those about one type of scalar, or about presence, do not. */
function comparesWhole(operator: string, operands: readonly Node[]): boolean {
  if (operator === 'is') {
    const [, other] = operands
    return other?.kind !== 'literal' || isContainer(other.value)
  }
  return ['equals', 'sameAs', 'contains', 'in', 'matchesSelector'].includes(operator)
}

const isContainer = (value: Json): boolean => typeof value === 'object' && value !== null

/** Branches that share a part would double it with each level. */
const eachOnce = <T>(places: readonly T[]): readonly T[] =>
  places.length < 2 ? places : [...new Set(places)]
