import {
  type Json,
  type Lambda,
  type Node,
  type OperatorName,
  type PolicyIr,
  type ReadType,
  type Review,
  type RuleNode,
  unknownValue,
} from '@gatewright/core'

/** A seeded source of numbers below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The fields of the documents, by type: what well-typed rules may read. */
type Shape = Readonly<Record<string, FieldType>>
type FieldType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'scalar'
  | 'texts'
  | 'numbers'
  | 'labels'
  | 'amount'
  | { readonly list: Shape }
  | { readonly object: Shape }

const port: Shape = { name: 'string', number: 'number', host: 'boolean' }
const container: Shape = {
  name: 'string',
  image: 'string',
  cpu: 'amount',
  privileged: 'boolean',
  args: 'texts',
  ports: { list: port },
  context: { object: { user: 'number', root: 'boolean', profile: 'string' } },
}
const document: Shape = {
  name: 'string',
  replicas: 'number',
  network: 'boolean',
  port: 'scalar',
  labels: 'labels',
  sizes: 'numbers',
  containers: { list: container },
  extra: { list: container },
  spec: { object: { team: 'string', limit: 'amount', hosts: 'texts' } },
}

interface Known {
  readonly node: Node
  readonly shape: Shape
}

const texts = [
  'a',
  'b',
  'nginx',
  'reg.io/app:1',
  'reg.io/team/app',
  'reg.io.evil.com/app',
  '',
  'A',
  'é',
  '🔒',
  '～',
  '10',
  '1Gi',
  '1024Mi',
  '500m',
  '0.5',
  'x/y',
  'team',
]
const numbers: readonly Json[] = [
  0,
  1,
  2,
  10,
  -1,
  1.5,
  80,
  1024,
  9007199254740991,
  9007199254740992n,
  9007199254740993n,
  0.1,
]
const patterns = ['^a', 'b$', '.', '[a-z]+', '(reg|quay)\\.io/', '^$', 'é']
const wildcards = ['*', 'a*', '*/app*', 'reg.io/*', '?', '*é', 'n?inx']

/** Random well-typed policies, and random objects for them that do not always fit. */
export class RandomPolicies {
  readonly #random: () => number
  readonly #unknowns: boolean
  #variables = 0

  /** Without `unknowns`, objects have no parts that are not known yet: as JSON cannot write them. */
  constructor(seed: number, { unknowns = true }: { readonly unknowns?: boolean } = {}) {
    this.#random = seeded(seed)
    this.#unknowns = unknowns
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  #one<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T
  }

  #chance(p: number): boolean {
    return this.#random() < p
  }

  policy(): PolicyIr {
    this.#variables = 0
    const root: Known = { node: { kind: 'input', name: 'input' }, shape: document }
    const rules = Array.from({ length: 1 + this.#below(3) }, (_, i) => this.#rule([root], 0, `r${i}`))
    return {
      format: 'gatewright.ir/1',
      id: 'fuzz/random',
      title: 'A random policy',
      severity: 'low',
      controls: {},
      target: {
        name: 'document',
        inputs: { input: { root: 'object', path: [] }, parameters: { root: 'parameters', path: [] } },
      },
      undeterminedDenies: false,
      ...(this.#chance(0.15) ? { when: this.#condition([root], 2) } : {}),
      rules,
    }
  }

  #rule(known: readonly Known[], depth: number, code: string): RuleNode {
    const kind = this.#below(depth > 2 ? 1 : 4)
    if (kind === 1 || kind === 2) {
      const list = this.#objects(known, 2)
      if (list !== undefined) {
        const { lambda, element } = this.#lambda(list.shape)
        const rules = Array.from({ length: 1 + this.#below(2) }, (_, i) =>
          this.#rule([...known, element], depth + 1, `${code}.${i}`),
        )
        return { kind: 'each', list: list.node, element: lambda.element, index: lambda.index, rules }
      }
    }
    if (kind === 3)
      return {
        kind: 'onlyIf',
        if: this.#condition(known, 2),
        rules: [this.#rule(known, depth + 1, `${code}.o`)],
      }
    const at = this.#chance(0.7) ? this.#path(known) : undefined
    return {
      kind: 'deny',
      if: this.#condition(known, 3),
      violation: {
        code,
        message: {
          kind: 'call',
          operator: 'message',
          arguments: [literal('found '), this.#anything(known), literal(' in '), this.#anything(known)],
        },
        ...(at === undefined ? {} : { at }),
        ...(this.#chance(0.3) ? { details: { value: this.#anything(known) } } : {}),
      },
    }
  }

  #lambda(shape: Shape): { readonly lambda: Omit<Lambda, 'body'>; readonly element: Known } {
    const id = this.#variables
    this.#variables += 2
    const element = {
      kind: 'variable',
      id,
      name: `v${id}`,
      index: false,
      type: 'object',
      vouched: true,
    } as const
    const index = {
      ...element,
      id: id + 1,
      name: `i${id}`,
      index: true,
      type: 'number',
      vouched: false,
    } as const
    return { lambda: { element, index }, element: { node: element, shape } }
  }

  #field(of: Known, key: string, type: ReadType): Node {
    return { kind: 'field', of: of.node, key, type, vouched: this.#chance(0.8), required: this.#chance(0.2) }
  }

  /** An object in reach: an input, an element, or an object in one of these. */
  #object(known: readonly Known[]): Known {
    const from = this.#one(known)
    const objects = Object.entries(from.shape).filter(
      (entry): entry is [string, { readonly object: Shape }] =>
        typeof entry[1] === 'object' && 'object' in entry[1],
    )
    if (objects.length === 0 || this.#chance(0.6)) return from
    const [key, { object }] = this.#one(objects)
    return { node: this.#field(from, key, 'object'), shape: object }
  }

  #fieldOf(known: readonly Known[], type: FieldType): Node | undefined {
    for (let attempt = 0; attempt < 6; attempt++) {
      const from = this.#object(known)
      const keys = Object.entries(from.shape)
        .filter(([, each]) => each === type)
        .map(([key]) => key)
      if (keys.length > 0) {
        const read: ReadType =
          type === 'amount'
            ? 'string-or-number'
            : type === 'texts' || type === 'numbers'
              ? 'list'
              : type === 'labels'
                ? 'object'
                : (type as ReadType)
        return this.#field(from, this.#one(keys), read)
      }
    }
    return undefined
  }

  /** A list of objects, perhaps filtered, joined or mapped. */
  #objects(
    known: readonly Known[],
    depth: number,
  ): { readonly node: Node; readonly shape: Shape } | undefined {
    const from = this.#one(known)
    const lists = Object.entries(from.shape).filter(
      (entry): entry is [string, { readonly list: Shape }] =>
        typeof entry[1] === 'object' && 'list' in entry[1],
    )
    if (lists.length === 0) return undefined
    const [key, { list: shape }] = this.#one(lists)
    let node = this.#field(from, key, 'list')
    if (this.#chance(0.3)) {
      const twins = lists.filter(([, each]) => each.list === shape)
      node = { kind: 'concat', lists: twins.map(([name]) => this.#field(from, name, 'list')) }
    }
    for (let i = depth; i > 0 && this.#chance(0.5); i--) {
      const kind = this.#below(4)
      if (kind < 2) {
        const { lambda, element } = this.#lambda(shape)
        node = {
          kind: 'filter',
          list: node,
          lambda: { ...lambda, body: this.#condition([...known, element], 1) },
        }
      } else if (kind === 2) {
        const { lambda, element } = this.#lambda(shape)
        node = { kind: 'map', list: node, lambda: { ...lambda, body: element.node } }
      } else {
        node = { kind: 'distinct', list: node }
      }
    }
    return { node, shape }
  }

  /** A list of texts. */
  #texts(known: readonly Known[], depth: number): Node {
    const kind = this.#below(depth > 0 ? 7 : 3)
    const list = this.#fieldOf(known, 'texts')
    if (kind < 2 && list !== undefined) return list
    if (kind === 3) {
      const of = this.#fieldOf(known, 'labels')
      if (of !== undefined) return { kind: 'keys', of }
    }
    if (kind === 4 || kind === 5) {
      const objects = this.#objects(known, 1)
      if (objects !== undefined) {
        const { lambda, element } = this.#lambda(objects.shape)
        const inner = [...known, element]
        return kind === 4
          ? { kind: 'map', list: objects.node, lambda: { ...lambda, body: this.#text(inner, depth - 1) } }
          : {
              kind: 'flatMap',
              list: objects.node,
              lambda: { ...lambda, body: this.#texts(inner, depth - 1) },
            }
      }
    }
    if (kind === 6)
      return { kind: this.#one(['distinct', 'duplicates'] as const), list: this.#texts(known, depth - 1) }
    return this.#chance(0.5)
      ? literal([this.#one(texts), this.#one(texts)])
      : { kind: 'list', items: [this.#text(known, 0), literal(this.#one(texts))] }
  }

  #text(known: readonly Known[], depth: number): Node {
    const kind = this.#below(depth > 0 ? 12 : 4)
    const field = this.#fieldOf(known, 'string')
    if (kind < 3 && field !== undefined) return field
    const of = (): Node => this.#text(known, depth - 1)
    switch (kind) {
      case 4:
        return call('lower', of())
      case 5:
        return call('trimPrefix', of(), literal(this.#one(['a', 'reg.io/', ''])))
      case 6:
        return { kind: 'default', of: of(), otherwise: of() }
      case 7:
        return {
          kind: 'when',
          cases: [{ if: this.#condition(known, depth - 1), then: of() }],
          otherwise: of(),
        }
      case 8:
        return call('text', of(), literal('-'), this.#chance(0.5) ? of() : this.#number(known, depth - 1))
      case 9: {
        const labels = this.#fieldOf(known, 'labels')
        return labels === undefined
          ? of()
          : { kind: 'get', of: labels, key: of(), type: 'string', vouched: true }
      }
      case 10:
        return call(
          this.#one(['imageRef.registry', 'imageRef.repository', 'imageRef.tag', 'imageRef.name'] as const),
          of(),
        )
      case 11:
        return this.#chance(0.5)
          ? {
              kind: 'at',
              list: this.#texts(known, depth - 1),
              index: this.#one([0, 1, -1]),
              type: 'string',
              vouched: this.#chance(0.8),
            }
          : call('join', this.#texts(known, depth - 1), literal(','))
      default:
        return literal(this.#one(texts))
    }
  }

  #number(known: readonly Known[], depth: number): Node {
    const kind = this.#below(depth > 0 ? 9 : 3)
    const field = this.#fieldOf(known, 'number')
    if (kind < 2 && field !== undefined) return field
    const of = (): Node => this.#number(known, depth - 1)
    switch (kind) {
      case 3:
        return call(this.#one(['plus', 'minus', 'times'] as const), of(), of())
      case 4:
        return call('length', this.#text(known, depth - 1))
      case 5:
        return call(
          'count',
          this.#chance(0.5)
            ? this.#texts(known, depth - 1)
            : (this.#objects(known, 1)?.node ?? this.#texts(known, 0)),
        )
      case 6:
        return { kind: 'default', of: of(), otherwise: of() }
      case 7:
        return call('toNumber', this.#text(known, depth - 1))
      case 8: {
        const sizes = this.#fieldOf(known, 'numbers')
        return sizes === undefined ? of() : call('sum', sizes)
      }
      default:
        return literal(this.#one(numbers))
    }
  }

  #amount(known: readonly Known[]): Node {
    const field = this.#fieldOf(known, 'amount')
    const text =
      field !== undefined && this.#chance(0.7) ? field : literal(this.#one(['1Gi', '500m', '2', '1e3', '0']))
    const of = call('quantity', text)
    return this.#chance(0.15) ? call('quantity.plus', of, call('quantity', literal('1'))) : of
  }

  #decided(operator: OperatorName, ...operands: Node[]): Node {
    const of = call(operator, ...operands)
    const assumed = this.#chance(0.3)
    return { kind: 'decide', of, missing: !assumed && this.#chance(0.5), assumed }
  }

  #condition(known: readonly Known[], depth: number): Node {
    const kind = this.#below(depth > 0 ? 20 : 10)
    const inner = (): Node => this.#condition(known, depth - 1)
    switch (kind) {
      case 0: {
        const field = this.#fieldOf(known, 'boolean')
        return call(
          'is',
          field ?? this.#text(known, 0),
          literal(field === undefined ? this.#one(texts) : this.#chance(0.7)),
        )
      }
      case 1:
        return call('is', this.#text(known, depth), literal(this.#one(texts)))
      case 2:
        return call(
          'exists',
          this.#chance(0.5)
            ? this.#text(known, depth)
            : (this.#fieldOf(known, this.#one(['number', 'labels', 'scalar', 'texts'] as const)) ??
                this.#text(known, 0)),
        )
      case 3:
        return this.#decided(
          this.#one(['startsWith', 'endsWith', 'includes'] as const),
          this.#text(known, depth),
          this.#text(known, 0),
        )
      case 4:
        return this.#decided(
          this.#one(['number.gt', 'number.gte', 'number.lt', 'number.lte'] as const),
          this.#number(known, depth),
          this.#number(known, 0),
        )
      case 5:
        return this.#decided('equals', this.#text(known, depth), this.#text(known, 0))
      case 6:
        return call('in', this.#text(known, 0), this.#texts(known, depth))
      case 7:
        return this.#decided(
          this.#one(['quantity.gt', 'quantity.lte', 'quantity.equals'] as const),
          this.#amount(known),
          this.#amount(known),
        )
      case 8:
        return this.#chance(0.5)
          ? this.#decided(
              'like',
              this.#text(known, 0),
              this.#chance(0.9) ? literal(this.#one(wildcards)) : this.#text(known, 0),
            )
          : this.#decided(
              'matches',
              this.#text(known, 0),
              this.#chance(0.9) ? literal(this.#one(patterns)) : literal('('),
            )
      case 9:
        return call(
          'is',
          this.#fieldOf(known, 'scalar') ?? this.#number(known, 0),
          literal(this.#one([80, 'http', '80'])),
        )
      case 10:
      case 11:
        return { kind: 'and', all: [inner(), inner()] }
      case 12:
      case 13:
        return { kind: 'or', any: [inner(), inner()] }
      case 14:
      case 15:
        return { kind: 'not', of: inner() }
      case 16:
      case 17: {
        const objects = this.#objects(known, 1)
        if (objects === undefined) return inner()
        const { lambda, element } = this.#lambda(objects.shape)
        const body = this.#condition([...known, element], depth - 1)
        return { kind: kind === 16 ? 'some' : 'every', list: objects.node, lambda: { ...lambda, body } }
      }
      case 18:
        return call('sameAs', this.#text(known, 0), this.#text(known, 0))
      default:
        return this.#chance(0.3)
          ? this.#decided(
              'imageRef.within',
              this.#text(known, 0),
              literal(this.#one(['reg.io', 'reg.io/team', 'docker.io', 'library'])),
            )
          : this.#decided(
              'ratio.gt',
              this.#amount(known),
              this.#amount(known),
              literal(this.#one([1, 2, 0.5])),
            )
    }
  }

  #anything(known: readonly Known[]): Node {
    switch (this.#below(4)) {
      case 0:
        return this.#number(known, 1)
      case 1:
        return (
          this.#fieldOf(known, this.#one(['boolean', 'labels', 'texts', 'scalar'] as const)) ??
          literal('none')
        )
      default:
        return this.#text(known, 1)
    }
  }

  /** A place in the object: a field of something that has one. */
  #path(known: readonly Known[]): Node {
    const from = this.#object(known)
    const keys = Object.keys(from.shape)
    const field = this.#field(from, this.#one(keys), 'unknown')
    if (this.#chance(0.85)) return field
    const objects = this.#objects(known, 1)
    if (objects === undefined) return field
    const { lambda, element } = this.#lambda(objects.shape)
    const found: Node = this.#chance(0.5)
      ? { kind: 'at', list: objects.node, index: this.#one([0, -1]), type: 'object', vouched: true }
      : {
          kind: 'find',
          list: objects.node,
          lambda: { ...lambda, body: this.#condition([...known, element], 1) },
          type: 'object',
        }
    return { kind: 'field', of: found, key: 'name', type: 'string', vouched: true, required: false }
  }

  review(): Review {
    const object = this.#valueOf({ object: document }) as Json
    return { object: this.#chance(0.02) ? 'no object' : object }
  }

  /** A value of a type: right mostly, sometimes missing, null, of another type, or unknown. */
  #valueOf(type: FieldType): Json | undefined {
    if (this.#chance(0.12)) return undefined
    if (this.#chance(0.04)) return null
    if (this.#chance(0.05)) return this.#one<Json>(['text', 7, true, [], {}, ['x'], { a: 1 }, 'true', 0])
    if (this.#chance(0.01) && this.#unknowns) return unknownValue as never
    switch (type) {
      case 'string':
        return this.#one(texts)
      case 'number':
        return this.#one(numbers)
      case 'boolean':
        return this.#chance(0.5)
      case 'scalar':
        return this.#one<Json>([80, 'http', '80', 443])
      case 'amount':
        return this.#one<Json>(['1Gi', '512Mi', '500m', 2, '0', '1.5', 'many', '1Ki'])
      case 'texts':
        return this.#items(() => this.#valueOf('string'))
      case 'numbers':
        return this.#items(() => this.#valueOf('number'))
      case 'labels':
        return this.#record({
          a: 'string',
          team: 'string',
          é: 'string',
          '🔒': 'string',
          __proto__: 'string',
          nginx: 'string',
        })
      default:
        return 'list' in type
          ? this.#items(() => this.#valueOf({ object: type.list }))
          : this.#record(type.object)
    }
  }

  #items(make: () => Json | undefined): Json {
    return Array.from({ length: this.#below(4) }, () => make() ?? null)
  }

  #record(shape: Shape): Json {
    const entries = Object.entries(shape).map(([key, type]) => [key, this.#valueOf(type)] as const)
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Json
  }
}

const literal = (value: Json): Node => ({ kind: 'literal', value })
const call = (operator: OperatorName, ...operands: readonly Node[]): Node & { kind: 'call' } => ({
  kind: 'call',
  operator,
  arguments: operands,
})
