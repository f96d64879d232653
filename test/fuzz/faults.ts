import type { CallNode, Json, Node, OperatorName, PolicyIr } from '@gatewright/core'

/** A fault that a translation could have, as the node that comes out in place of a node; undefined where it has no part. */
export type Fault = (node: Node) => Node | undefined

const call = (operator: OperatorName, ...operands: readonly (Node | undefined)[]): CallNode => ({
  kind: 'call',
  operator,
  arguments: operands as readonly Node[],
})
const literal = (value: Json): Node => ({ kind: 'literal', value })

type Operands = readonly Node[]

const as =
  (operator: OperatorName) =>
  (operands: Operands): Node =>
    call(operator, ...operands)
const turned =
  (operator: OperatorName) =>
  ([a, b, ...rest]: Operands): Node =>
    call(operator, b, a, ...rest)
const first = ([a]: Operands): Node | undefined => a
const oneMore =
  (operator: OperatorName) =>
  (operands: Operands): Node =>
    call('plus', call(operator, ...operands), literal(1))
const always = (operator: OperatorName, value: Json) => (): Node => call(operator, literal(value))

/** For each operator a fault in its translation: something near, of the same type. */
export const operatorFaults: Readonly<Record<OperatorName, (operands: Operands) => Node | undefined>> = {
  is: ([a]) => call('exists', a),
  equals: as('contains'),
  in: ([a]) => call('exists', a),
  exists: ([a]) => call('sameAs', a, a),
  sameAs: ([a]) => call('exists', a),
  startsWith: as('endsWith'),
  endsWith: as('startsWith'),
  includes: as('startsWith'),
  contains: as('equals'),
  like: as('startsWith'),
  matches: as('startsWith'),
  lower: first,
  length: oneMore('length'),
  split: ([a]) => call('split', a, literal('')),
  trimPrefix: first,
  toNumber: as('length'),
  text: ([a]) => call('text', a),
  message: ([a]) => call('message', a),
  join: ([a]) => call('join', a, literal('')),
  'number.gt': as('number.gte'),
  'number.gte': as('number.gt'),
  'number.lt': as('number.lte'),
  'number.lte': as('number.lt'),
  'number.equals': as('number.gte'),
  'number.between': ([a, b]) => call('number.gte', a, b),
  plus: as('minus'),
  minus: turned('minus'),
  times: as('plus'),
  count: oneMore('count'),
  sum: as('count'),
  quantity: always('quantity', 1),
  'quantity.gt': as('quantity.gte'),
  'quantity.gte': as('quantity.gt'),
  'quantity.lt': as('quantity.lte'),
  'quantity.lte': as('quantity.lt'),
  'quantity.equals': as('quantity.gte'),
  'quantity.plus': first,
  'ratio.gt': turned('ratio.gt'),
  'ratio.gte': turned('ratio.gte'),
  'ratio.lt': turned('ratio.lt'),
  'ratio.lte': turned('ratio.lte'),
  semver: always('semver', '1.2.3'),
  'semver.gt': as('semver.gte'),
  'semver.gte': as('semver.gt'),
  'semver.lt': as('semver.lte'),
  'semver.lte': as('semver.lt'),
  'semver.equals': as('semver.gte'),
  duration: always('duration', '1h'),
  'duration.gt': as('duration.gte'),
  'duration.gte': as('duration.gt'),
  'duration.lt': as('duration.lte'),
  'duration.lte': as('duration.lt'),
  'duration.equals': as('duration.gte'),
  timestamp: always('timestamp', '2026-01-01T00:00:00Z'),
  'timestamp.gt': as('timestamp.gte'),
  'timestamp.gte': as('timestamp.gt'),
  'timestamp.lt': as('timestamp.lte'),
  'timestamp.lte': as('timestamp.lt'),
  'timestamp.equals': as('timestamp.gte'),
  'timestamp.plus': first,
  'timestamp.minus': turned('timestamp.minus'),
  'imageRef.registry': as('imageRef.repository'),
  'imageRef.repository': as('imageRef.name'),
  'imageRef.name': as('imageRef.repository'),
  'imageRef.tag': as('imageRef.digest'),
  'imageRef.digest': as('imageRef.tag'),
  'imageRef.within': as('startsWith'),
  'cidr.contains': turned('cidr.contains'),
  'cidr.overlaps': as('cidr.contains'),
  matchesSelector: ([labels]) => call('equals', labels, labels),
}

/** For each other kind of node a fault, and for what is beside the kinds. */
export const nodeFaults: Readonly<Record<Exclude<Node['kind'], 'call'> | 'checked' | 'missing', Fault>> = {
  literal: (node) => (node.kind === 'literal' && node.value === 1 ? literal(2) : undefined),
  input: (node) => (node.kind === 'input' && node.name === 'old' ? { ...node, name: 'input' } : undefined),
  variable: (node) => (node.kind === 'variable' && node.index ? call('minus', node, node) : undefined),
  field: (node) => (node.kind === 'field' ? { ...node, key: `${node.key}s` } : undefined),
  get: (node) => (node.kind === 'get' ? { ...node, key: literal('a') } : undefined),
  at: (node) => (node.kind === 'at' ? { ...node, index: node.index === 0 ? -1 : 0 } : undefined),
  narrow: (node) => (node.kind === 'narrow' ? node.of : undefined),
  default: (node) => (node.kind === 'default' ? node.of : undefined),
  when: (node) => (node.kind === 'when' ? node.otherwise : undefined),
  list: (node) => (node.kind === 'list' ? { ...node, items: node.items.slice(1) } : undefined),
  record: (node) =>
    node.kind === 'record'
      ? { ...node, fields: Object.fromEntries(Object.entries(node.fields).slice(1)) }
      : undefined,
  filter: (node) => (node.kind === 'filter' ? node.list : undefined),
  map: (node) => (node.kind === 'map' ? node.list : undefined),
  flatMap: (node) => (node.kind === 'flatMap' ? node.list : undefined),
  concat: (node) => (node.kind === 'concat' ? { ...node, lists: node.lists.slice(1) } : undefined),
  distinct: (node) => (node.kind === 'distinct' ? node.list : undefined),
  duplicates: (node) => (node.kind === 'duplicates' ? { kind: 'distinct', list: node.list } : undefined),
  keys: (node) => (node.kind === 'keys' ? { kind: 'list', items: [] } : undefined),
  inventory: ({ ...node }) => {
    if (node.kind !== 'inventory' || node.namespace === undefined) return undefined
    return { kind: 'inventory', resource: node.resource }
  },
  find: (node) =>
    node.kind === 'find'
      ? { kind: 'at', list: node.list, index: 0, type: node.type, vouched: false }
      : undefined,
  some: (node) => (node.kind === 'some' ? { ...node, kind: 'every' } : undefined),
  every: (node) => (node.kind === 'every' ? { ...node, kind: 'some' } : undefined),
  and: (node) => (node.kind === 'and' ? { kind: 'or', any: node.all } : undefined),
  or: (node) => (node.kind === 'or' ? { kind: 'and', all: node.any } : undefined),
  not: (node) => (node.kind === 'not' ? node.of : undefined),
  decide: (node) =>
    node.kind === 'decide' && !node.assumed ? { ...node, missing: !node.missing } : undefined,
  /** The type of a read is not asked for. */
  checked: (node) =>
    node.kind === 'field' && !node.vouched && node.type !== 'unknown'
      ? { ...node, type: 'unknown' }
      : undefined,
  /** What a schema requires is not. */
  missing: (node) => (node.kind === 'decide' && node.assumed ? { ...node, assumed: false } : undefined),
}

export const operatorFault =
  (operator: OperatorName): Fault =>
  (node) =>
    node.kind === 'call' && node.operator === operator ? operatorFaults[operator](node.arguments) : undefined

/** For what is beside expressions: the policy that comes out in place of a policy, undefined where it has no part. */
export const policyFaults: Readonly<Record<string, (policy: PolicyIr) => PolicyIr | undefined>> = {
  'the condition of the policy': ({ when, ...policy }) => (when === undefined ? undefined : policy),
  'the condition of some rules': (policy) =>
    policy.rules.some(({ kind }) => kind === 'onlyIf')
      ? withRules(policy, (rule) => (rule.kind === 'onlyIf' ? { ...rule, if: literal(true) } : rule))
      : undefined,
  'the last rule': (policy) => ({ ...policy, rules: policy.rules.slice(0, -1) }),
  'the code of a violation': (policy) =>
    withViolations(policy, (each) => ({ ...each, code: `${each.code}-x` })),
  'the place of a violation': (policy) => withViolations(policy, (each) => without(each, 'at')),
  'the details of a violation': (policy) => withViolations(policy, (each) => without(each, 'details')),
  'the kinds of a target': ({ target: { kinds, ...target }, ...policy }) =>
    kinds === undefined ? undefined : { ...policy, target },
  'the operations of a target': ({ target: { operations, ...target }, ...policy }) =>
    operations === undefined ? undefined : { ...policy, target },
}

const without = <T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> => {
  const { [key]: _dropped, ...rest } = from
  return rest
}

type Rule = PolicyIr['rules'][number]
type Violation = Extract<Rule, { kind: 'deny' }>['violation']

function withRules(policy: PolicyIr, edit: (rule: Rule) => Rule): PolicyIr {
  const all = (rules: readonly Rule[]): readonly Rule[] =>
    rules.map((rule) => edit('rules' in rule ? { ...rule, rules: all(rule.rules) } : rule))
  return { ...policy, rules: all(policy.rules) }
}

const withViolations = (policy: PolicyIr, edit: (violation: Violation) => Violation): PolicyIr =>
  withRules(policy, (rule) => (rule.kind === 'deny' ? { ...rule, violation: edit(rule.violation) } : rule))

/** A policy with a fault in every place where it has a part, undefined where it has none; what is shared stays so. */
export function withFault(policy: PolicyIr, fault: Fault): PolicyIr | undefined {
  const made = new Map<object, unknown>()
  let isFaulty = false
  const faultyOr = (node: Node): Node => {
    const faulty = fault(node)
    isFaulty ||= faulty !== undefined
    return faulty ?? node
  }
  const edited = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (!made.has(value)) made.set(value, editedOnce(value))
    return made.get(value)
  }
  const editedOnce = (value: object): unknown => {
    if (Array.isArray(value)) return value.map(edited)
    const node = value as Node
    if (node.kind === 'literal') return faultyOr(node)
    const inner = Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        key === 'element' || key === 'index' || key === 'resource' ? each : edited(each),
      ]),
    )
    return typeof node.kind === 'string' ? faultyOr(inner as unknown as Node) : inner
  }
  const faulty: PolicyIr = {
    ...policy,
    rules: edited(policy.rules) as PolicyIr['rules'],
    ...(policy.when === undefined ? {} : { when: edited(policy.when) as Node }),
  }
  return isFaulty ? faulty : undefined
}
