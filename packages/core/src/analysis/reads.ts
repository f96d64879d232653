import type { Lambda, Node, ReadType, RuleNode } from '../ir/node.js'
import { operatorOf } from '../ir/operators.js'
import type { PolicyIr } from '../ir/policy.js'
import type { Environment } from '../reference/evaluate.js'
import { Fault } from '../reference/fault.js'
import { isObject, isOfType, type Value } from '../reference/value.js'
import type { Path, Reason } from '../verdict.js'

/**
 * What a policy reads, as a tree over each input: the fields, map values and list elements that its conditions look at, and
 * what its target's schema says they are. Messages, places and details are not in it, since they never change a verdict.
 */
export interface ReadTree {
  /** The types that the schema vouches for; a value of none of them does not fit. */
  readonly types: Set<ReadType>
  /** A condition assumes it to be there, since the schema requires it. */
  assumed: boolean
  readonly fields: Map<string, ReadTree>
  /** The elements of a list. */
  elements: ReadTree | undefined
  /** The values of a map. */
  values: ReadTree | undefined
}

export type Reads = ReadonlyMap<string, ReadTree>

export interface PolicyReads {
  /** What `when` reads. */
  readonly when: Reads
  /** What `when` and the rules' conditions read. */
  readonly all: Reads
}

const cache = new WeakMap<PolicyIr, PolicyReads>()

/** What a policy's conditions read, by input name. */
export function readsOf(policy: PolicyIr): PolicyReads {
  let reads = cache.get(policy)
  if (reads === undefined) {
    const when = new Reader()
    if (policy.when !== undefined) when.condition(policy.when)
    const all = new Reader()
    if (policy.when !== undefined) all.condition(policy.when)
    for (const rule of policy.rules) all.rule(rule)
    reads = { when: when.inputs, all: all.inputs }
    cache.set(policy, reads)
  }
  return reads
}

/** Where the inputs of an evaluation do not fit what the schema says of the parts that are read. */
export function shapeProblems(reads: Reads, environment: Environment): readonly Reason[] {
  const problems: Reason[] = []
  for (const [name, tree] of reads) {
    const input = environment.inputs[name]
    if (input?.path === undefined) continue
    if (input.misshapen === undefined) checkShape(tree, input.value, input.path, problems)
    else {
      const message = `\`${pathText(input.misshapen)}\` is not an object`
      problems.push({ code: 'wrong-type', message, at: input.misshapen })
    }
  }
  return problems
}

/** Adds what is wrong with a value that is read in this way: a type that the schema does not allow, a required part not there. */
export function checkShape(tree: ReadTree, value: Value, path: Path, problems: Reason[]): void {
  if (value instanceof Fault) return
  if (value === undefined || value === null) {
    if (tree.assumed) {
      problems.push({ code: 'required', message: `\`${pathText(path)}\` is required and missing`, at: path })
    }
    return
  }
  if (tree.types.size > 0 && ![...tree.types].some((type) => isOfType(value, type))) {
    const message = `\`${pathText(path)}\` is not ${typeWords([...tree.types])}`
    problems.push({ code: 'wrong-type', message, at: path })
    return
  }
  if (isObject(value)) {
    for (const [key, child] of tree.fields) {
      checkShape(child, Object.hasOwn(value, key) ? value[key] : undefined, [...path, key], problems)
    }
    if (tree.values !== undefined) {
      for (const key of Object.keys(value)) checkShape(tree.values, value[key], [...path, key], problems)
    }
  }
  if (tree.elements !== undefined && Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      checkShape(tree.elements, element, [...path, index], problems)
    }
  }
}

const typeNames: Readonly<Record<ReadType, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  'string-or-number': 'a text or a number',
  scalar: 'a text, a number, true or false',
  list: 'a list',
  object: 'an object',
  unknown: 'a value',
}

/** Types as people call them: `a text or a number`. */
export function typeWords(types: readonly ReadType[]): string {
  return types.map((type) => typeNames[type]).join(' or ')
}

/** A path as people write it: `spec.containers[0].image`, with quotes where a key needs them. */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text === '' ? 'the object' : text
}

const newTree = (): ReadTree => ({
  types: new Set(),
  assumed: false,
  fields: new Map(),
  elements: undefined,
  values: undefined,
})

function fieldOf(parent: ReadTree, key: string): ReadTree {
  const place = parent.fields.get(key) ?? newTree()
  parent.fields.set(key, place)
  return place
}

/** Walks conditions and marks, for each read, the places in the inputs that it can come from. */
class Reader {
  readonly inputs = new Map<string, ReadTree>()
  readonly #variables = new Map<number, readonly ReadTree[]>()
  readonly #places = new Map<Node, readonly ReadTree[]>()
  readonly #elements = new Map<Node, readonly ReadTree[]>()
  /** What the fields of a record come from, by a tree that stands for the record. */
  readonly #records = new Map<ReadTree, ReadonlyMap<string, readonly ReadTree[]>>()
  /** What the elements of a list that an expression puts together come from, by a tree that stands for the list. */
  readonly #lists = new Map<ReadTree, readonly ReadTree[]>()

  rule(rule: RuleNode): void {
    switch (rule.kind) {
      case 'deny':
        return this.condition(rule.if)
      case 'onlyIf':
        this.condition(rule.if)
        return rule.rules.forEach((each) => this.rule(each))
      case 'each':
        this.#bind(rule, this.elements(rule.list))
        return rule.rules.forEach((each) => this.rule(each))
    }
  }

  condition(node: Node): void {
    this.places(node)
  }

  /** The places that a value can come from. Reading it marks them. */
  places(node: Node): readonly ReadTree[] {
    let places = this.#places.get(node)
    if (places === undefined) {
      places = eachOnce(this.#placesOf(node))
      this.#places.set(node, places)
    }
    return places
  }

  #placesOf(node: Node): readonly ReadTree[] {
    switch (node.kind) {
      case 'literal':
        return []
      case 'input': {
        const known = this.inputs.get(node.name) ?? newTree()
        this.inputs.set(node.name, known)
        return [known]
      }
      case 'variable':
        return node.index ? [] : (this.#variables.get(node.id) ?? [])
      case 'field':
        return this.places(node.of).flatMap((parent) => {
          const places = this.#records.get(parent)?.get(node.key) ?? [fieldOf(parent, node.key)]
          if (node.vouched) for (const place of places) place.types.add(node.type)
          if (node.vouched && node.of.kind === 'input') parent.types.add('object')
          return places
        })
      case 'get':
        this.places(node.key)
        return this.places(node.of).flatMap((parent) => {
          const places = this.#under(parent, node.key) ?? [(parent.values ??= newTree())]
          if (node.vouched) for (const place of places) place.types.add(node.type)
          return places
        })
      case 'at': {
        const elements = this.elements(node.list)
        if (node.vouched) for (const place of elements) place.types.add(node.type)
        return elements
      }
      case 'find': {
        const elements = this.elements(node.list)
        this.#bind(node.lambda, elements)
        this.condition(node.lambda.body)
        return elements
      }
      case 'narrow':
        // what stands under a type that the author claims is not vouched for
        return this.places(node.of)
      case 'call':
        node.arguments.forEach((argument, index) => this.#operand(node.operator, argument, index))
        return []
      case 'default':
        return [...this.places(node.of), ...this.places(node.otherwise)]
      case 'when':
        for (const each of node.cases) this.condition(each.if)
        return [...node.cases.map((each) => each.then), node.otherwise].flatMap((each) => this.places(each))
      case 'record': {
        const record = newTree()
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
        const list = newTree()
        this.#lists.set(list, this.elements(node))
        return [list]
      }
      case 'some':
      case 'every':
        this.#bind(node.lambda, this.elements(node.list))
        this.condition(node.lambda.body)
        return []
      case 'and':
        node.all.forEach((each) => this.condition(each))
        return []
      case 'or':
        node.any.forEach((each) => this.condition(each))
        return []
      case 'not':
        this.condition(node.of)
        return []
      case 'decide':
        this.condition(node.of)
        if (node.assumed) node.of.arguments.forEach((argument) => this.#assume(argument))
        return []
    }
  }

  /** The places that a list's elements can come from. */
  elements(node: Node): readonly ReadTree[] {
    let places = this.#elements.get(node)
    if (places === undefined) {
      places = eachOnce(this.#elementsOf(node))
      this.#elements.set(node, places)
    }
    return places
  }

  #elementsOf(node: Node): readonly ReadTree[] {
    switch (node.kind) {
      case 'list':
        return node.items.flatMap((item) => this.places(item))
      case 'filter': {
        const elements = this.elements(node.list)
        this.#bind(node.lambda, elements)
        this.condition(node.lambda.body)
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
      case 'duplicates':
        return this.elements(node.list)
      case 'keys':
        this.places(node.of)
        return []
      case 'inventory':
        if (node.namespace !== undefined) this.places(node.namespace)
        return []
      default:
        return this.places(node).flatMap((list) => this.#lists.get(list) ?? [(list.elements ??= newTree())])
    }
  }

  /** What a key of a record can come from; undefined for what is no record. */
  #under(parent: ReadTree, key: Node): readonly ReadTree[] | undefined {
    const fields = this.#records.get(parent)
    if (fields === undefined) return undefined
    if (key.kind !== 'literal') return [...fields.values()].flat()
    return (typeof key.value === 'string' ? fields.get(key.value) : undefined) ?? []
  }

  #bind({ element }: Pick<Lambda, 'element'>, elements: readonly ReadTree[]): void {
    this.#variables.set(element.id, elements)
    if (element.vouched) for (const place of elements) place.types.add(element.type)
  }

  #operand(operator: Parameters<typeof operatorOf>[0], argument: Node, index: number): void {
    const { operands } = operatorOf(operator)
    const type = operands[Math.min(index, operands.length - 1)]
    if (type === 'list') this.elements(argument)
    else this.places(argument)
  }

  /** The parts that the schema requires, along a read that is assumed to be there. */
  #assume(node: Node): void {
    if (node.kind === 'field' && node.required && node.vouched) {
      for (const place of this.places(node)) place.assumed = true
    } else if (node.kind === 'call') {
      node.arguments.forEach((argument) => this.#assume(argument))
    }
  }
}

/** Branches that share a part would double it with each level. */
const eachOnce = <T>(places: readonly T[]): readonly T[] =>
  places.length < 2 ? places : [...new Set(places)]
