import { compareText } from '../values/text.js'
import { equalJson, type Json } from '../json.js'
import type { CallNode, DecideNode, InventoryNode, Lambda, Node } from '../ir/node.js'
import { operatorOf, type OperandType } from '../ir/operators.js'
import type { Inventory } from '../review.js'
import { call, holeText, joinElements, patternFault, sumOf } from './call.js'
import { BudgetExceeded, Fault, graver } from './fault.js'
import { type Elements, isObject, type Located, typeOf, used, type Value } from './value.js'

/** What an evaluation stands in: the inputs, what iterations have bound, the inventory, and the steps that are left. */
export interface Environment {
  readonly inputs: Readonly<Record<string, Located>>
  readonly variables: ReadonlyMap<number, Located>
  readonly inventory: Inventory | undefined
  readonly budget: { steps: number }
  /** Told of each condition that is evaluated, and what it gave. */
  readonly observe?: ConditionObserver | undefined
}

/** Is told what a condition gave, once for each time that it is evaluated, the inner ones first. */
export type ConditionObserver = (condition: Node, holds: boolean | Fault) => void

const missing: Located = { value: undefined, path: undefined }
const located = (value: Value): Located => ({ value, path: undefined })

/** The value of an expression. */
export function evaluate(node: Node, environment: Environment): Value {
  return locate(node, environment).value
}

/** The value of an expression and where it lies in the judged object. */
export function locate(node: Node, environment: Environment): Located {
  switch (node.kind) {
    case 'literal':
      return located(node.value)
    case 'input':
      return environment.inputs[node.name] ?? missing
    case 'variable':
      return environment.variables.get(node.id) ?? missing
    case 'field':
      return child(locate(node.of, environment), node.key, true)
    case 'get': {
      const of = locate(node.of, environment)
      const key = used(evaluate(node.key, environment), 'string')
      const under =
        typeof key === 'string' ? child(of, key, isKeyOf(node.key, node.of, environment)) : undefined
      const value =
        key instanceof Fault ? graver(of.value instanceof Fault ? of.value : undefined, key) : under?.value
      return { ...(under ?? { path: of.path, ended: true }), value }
    }
    case 'at': {
      const list = elements(node.list, environment)
      if (list.rest !== undefined) return located(list.rest)
      return list.items.at(node.index) ?? missing
    }
    case 'narrow': {
      const of = locate(node.of, environment)
      return { ...of, value: used(of.value, node.type) }
    }
    case 'call':
      return located(callOperator(node, environment))
    case 'default': {
      const value = use(node.of, environment)
      return located(value === undefined ? use(node.otherwise, environment) : value)
    }
    case 'when': {
      for (const each of node.cases) {
        const holds = test(each.if, environment)
        if (holds instanceof Fault) return located(holds)
        if (holds) return located(use(each.then, environment))
      }
      return located(use(node.otherwise, environment))
    }
    case 'record': {
      const parts = Object.fromEntries(
        Object.entries(node.fields).map(([key, field]) => [key, locate(field, environment)] as const),
      )
      return { ...located(recordValue(parts)), parts }
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
      const list = elements(node, environment)
      return located(faultIn(list) ?? list.items.map(({ value }) => (value ?? null) as Json))
    }
    case 'find': {
      const list = elements(node.list, environment)
      for (const [index, item] of list.items.entries()) {
        const holds = test(node.lambda.body, bind(node.lambda, item, index, environment))
        if (holds instanceof Fault) return located(holds)
        if (holds) return item
      }
      return list.rest === undefined ? missing : located(list.rest)
    }
    case 'some':
    case 'every':
    case 'and':
    case 'or':
    case 'not':
    case 'decide':
      return located(test(node, environment))
  }
}

/** Whether a condition holds, or why that cannot be said. */
export function test(node: Node, environment: Environment): boolean | Fault {
  const holds = answer(node, environment)
  environment.observe?.(node, holds)
  return holds
}

function answer(node: Node, environment: Environment): boolean | Fault {
  switch (node.kind) {
    case 'and':
      return decidedBy(
        false,
        node.all.map((each) => () => test(each, environment)),
      )
    case 'or':
      return decidedBy(
        true,
        node.any.map((each) => () => test(each, environment)),
      )
    case 'not': {
      const holds = test(node.of, environment)
      return holds instanceof Fault ? holds : !holds
    }
    case 'some':
    case 'every': {
      const list = elements(node.list, environment)
      const answers = list.items.map(
        (item, index) => () => test(node.lambda.body, bind(node.lambda, item, index, environment)),
      )
      const { rest } = list
      return decidedBy(node.kind === 'some', rest === undefined ? answers : [...answers, () => rest])
    }
    case 'decide':
      return decide(node, environment)
    default: {
      const value = used(evaluate(node, environment), 'boolean')
      return value instanceof Fault ? value : value === true
    }
  }
}

/** The first answer that decides; else the gravest fault; else the opposite. */
function decidedBy(deciding: boolean, answers: readonly (() => boolean | Fault)[]): boolean | Fault {
  let fault: Fault | undefined
  for (const answer of answers) {
    const holds = answer()
    if (holds instanceof Fault) fault = graver(fault, holds)
    else if (holds === deciding) return deciding
  }
  return fault ?? !deciding
}

function decide(node: DecideNode, environment: Environment): boolean | Fault {
  const answer = callOperator(node.of, environment)
  if (answer instanceof Fault) return answer
  return typeof answer === 'boolean' ? answer : node.missing
}

/** An expression's value where it is used: missing when it is not of the type that the node declares (law 1). */
export function use(node: Node, environment: Environment): Value {
  return used(evaluate(node, environment), typeOf(node))
}

/** The elements of an expression that is a list; none where it is missing or no list (law 4). */
export function elements(node: Node, environment: Environment): Elements {
  switch (node.kind) {
    case 'list':
      return { items: node.items.map((item) => locate(item, environment)), rest: undefined }
    case 'filter': {
      const list = elements(node.list, environment)
      let { rest } = list
      const items = list.items.filter((item, index) => {
        const holds = test(node.lambda.body, bind(node.lambda, item, index, environment))
        if (holds instanceof Fault) rest = graver(rest, holds)
        return holds === true
      })
      return { items, rest }
    }
    case 'map': {
      const list = elements(node.list, environment)
      const items = list.items.map((item, index) =>
        locate(node.lambda.body, bind(node.lambda, item, index, environment)),
      )
      return { items, rest: list.rest }
    }
    case 'flatMap': {
      const list = elements(node.list, environment)
      const lists = list.items.map((item, index) =>
        elements(node.lambda.body, bind(node.lambda, item, index, environment)),
      )
      return concatenated([...lists, { items: [], rest: list.rest }])
    }
    case 'concat':
      return concatenated(node.lists.map((list) => elements(list, environment)))
    case 'distinct':
      return occurrences(elements(node.list, environment), (seenBefore) => !seenBefore)
    case 'duplicates':
      return occurrences(elements(node.list, environment), (seenBefore) => seenBefore)
    case 'keys':
      return keysOf(locate(node.of, environment))
    case 'inventory':
      return inventoryObjects(node, environment)
    default:
      return elementsOf(locate(node, environment))
  }
}

function elementsOf(list: Located): Elements {
  if (list.value instanceof Fault) return { items: [], rest: list.value }
  if (!Array.isArray(list.value)) return { items: [], rest: undefined }
  const items = list.value.map((value: Json, index) => ({ ...list, value, path: extended(list, index) }))
  return { items, rest: undefined }
}

function concatenated(lists: readonly Elements[]): Elements {
  return {
    items: lists.flatMap((list) => list.items),
    rest: lists.reduce<Fault | undefined>((rest, list) => graver(rest, list.rest), undefined),
  }
}

function occurrences(list: Elements, keep: (seenBefore: boolean) => boolean): Elements {
  const seen: Json[] = []
  let { rest } = list
  const items = list.items.filter(({ value }) => {
    if (value instanceof Fault) rest = graver(rest, value)
    if (value === undefined || value === null || value instanceof Fault) return false
    const seenBefore = seen.some((other) => equalJson(other, value as Json))
    if (!seenBefore) seen.push(value as Json)
    return keep(seenBefore)
  })
  return { items, rest }
}

function keysOf(of: Located): Elements {
  if (of.value instanceof Fault) return { items: [], rest: of.value }
  if (!isObject(of.value)) return { items: [], rest: undefined }
  const keys = Object.keys(of.value).filter((key) => (of.value as Record<string, Json>)[key] !== null)
  const items = keys.toSorted(compareText).map((key) => ({ ...of, value: key, path: extended(of, key) }))
  return { items, rest: undefined }
}

function inventoryObjects(node: InventoryNode, environment: Environment): Elements {
  const namespace = node.namespace === undefined ? undefined : use(node.namespace, environment)
  if (namespace instanceof Fault) return { items: [], rest: namespace }
  if (environment.inventory === undefined) return { items: [], rest: incomplete(node) }
  try {
    const answer = environment.inventory.list(
      node.resource,
      node.namespace === undefined ? undefined : typeof namespace === 'string' ? namespace : null,
    )
    return { items: answer.items.map(located), rest: answer.complete ? undefined : incomplete(node) }
  } catch (error) {
    const message = `looking up ${node.resource.kind} in the inventory failed: ${error instanceof Error ? error.message : String(error)}`
    return { items: [], rest: new Fault('error', 'inventory-failed', message) }
  }
}

const incomplete = ({ resource }: InventoryNode): Fault =>
  new Fault('undetermined', 'inventory-incomplete', `the inventory does not hold every ${resource.kind}`)

/** The environment of an iteration's body for one element. Each costs a step. */
export function bind(
  lambda: Pick<Lambda, 'element' | 'index'>,
  item: Located,
  index: number,
  environment: Environment,
): Environment {
  if (--environment.budget.steps < 0) throw new BudgetExceeded('the evaluation took more steps than it may')
  const variables = new Map(environment.variables)
  variables.set(lambda.element.id, item)
  variables.set(lambda.index.id, located(index))
  return { ...environment, variables }
}

/** An object's own value under a key; null counts as absent. */
function child(of: Located, key: string, named: boolean): Located {
  const part = of.parts?.[key]
  if (part !== undefined) return part
  return {
    value: of.value instanceof Fault ? of.value : ownValue(of.value, key),
    path: named ? extended(of, key) : of.path,
    ended: of.ended === true || !named,
  }
}

function ownValue(of: Value, key: string): Value {
  return isObject(of) && Object.hasOwn(of, key) ? (of[key] ?? undefined) : undefined
}

function extended(of: Located, step: string | number): Located['path'] {
  return of.path === undefined || of.ended === true ? of.path : [...of.path, step]
}

/** A key that is constant, or bound by an iteration over the keys of the same object, may stand in a path (law 8). */
function isKeyOf(key: Node, of: Node, environment: Environment): boolean {
  if (key.kind === 'literal') return true
  if (key.kind !== 'variable') return false
  const path = environment.variables.get(key.id)?.path
  const parent = locate(of, environment).path
  return (
    path !== undefined &&
    parent !== undefined &&
    path.length === parent.length + 1 &&
    parent.every((step, i) => step === path[i])
  )
}

function recordValue(parts: Readonly<Record<string, Located>>): Value {
  const entries: [string, Json][] = []
  for (const [key, { value }] of Object.entries(parts)) {
    if (value instanceof Fault) return value
    if (value !== undefined && value !== null) entries.push([key, value as Json])
  }
  return Object.fromEntries(entries)
}

/** A call by its row in the table: operands first, faults before missing ones, then the meaning. */
function callOperator(node: CallNode, environment: Environment): Value {
  const row = operatorOf(node.operator)
  const operandType = (index: number): OperandType =>
    row.operands[Math.min(index, row.operands.length - 1)] ?? 'any'
  if (node.operator === 'message') {
    return node.arguments.map((part) => holeText(evaluate(part, environment))).join('')
  }
  if (operandType(0) === 'list') return overList(node, environment)
  const operands = node.arguments.map((argument, index) =>
    operandType(index) === 'list' ? undefined : used(use(argument, environment), operandType(index)),
  )
  const pattern = patternFault(node.operator, operands[1])
  const fault = [...operands, pattern].reduce<Fault | undefined>(
    (worst, operand) => (operand instanceof Fault ? graver(worst, operand) : worst),
    undefined,
  )
  if (fault !== undefined) return fault
  const [first, second] = operands
  switch (node.operator) {
    case 'exists':
      return first !== undefined
    case 'is':
      return first !== undefined && equalJson(first as Json, second as Json)
    case 'sameAs':
      return first === undefined || second === undefined
        ? first === second
        : equalJson(first as Json, second as Json)
    case 'in':
      return isIn(first, elements(node.arguments[1] as Node, environment))
    case 'matchesSelector':
      return first === undefined ? undefined : call(node.operator, operands)
    default:
      return operands.includes(undefined) ? undefined : call(node.operator, operands)
  }
}

function isIn(value: Value, list: Elements): boolean | Fault {
  if (value === undefined) return false
  let fault = list.rest
  for (const item of list.items) {
    if (item.value instanceof Fault) fault = graver(fault, item.value)
    else if (item.value !== undefined && item.value !== null && equalJson(value as Json, item.value as Json))
      return true
  }
  return fault ?? false
}

/** Why a list, with all its elements, cannot be had. */
function faultIn({ items, rest }: Elements): Fault | undefined {
  return items.reduce<Fault | undefined>(
    (worst, { value }) => (value instanceof Fault ? graver(worst, value) : worst),
    rest,
  )
}

/** The operators that read a whole list. */
function overList(node: CallNode, environment: Environment): Value {
  const list = elements(node.arguments[0] as Node, environment)
  const fault = faultIn(list)
  switch (node.operator) {
    case 'count':
      return list.rest ?? list.items.length
    case 'join': {
      const separator = use(node.arguments[1] as Node, environment)
      if (fault !== undefined || separator instanceof Fault)
        return graver(fault, separator instanceof Fault ? separator : undefined)
      return typeof separator === 'string' ? joinElements(list, separator) : undefined
    }
    case 'sum':
      return fault ?? sumOf(list.items.map(({ value }) => value))
    default:
      throw new TypeError(`no meaning for the operator \`${node.operator}\` over a list`)
  }
}
