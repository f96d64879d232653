import { cloneJson, type Json } from '../json.js'
import { irProblems } from '../check.js'
import { definedName, keepName } from '../language/define.js'
import { placeSource, sourceOf } from '../language/source-location.js'
import type { FixNode, Node, RuleNode } from './node.js'
import { operatorNames } from './operators.js'
import { irVersion, type PolicyIr } from './policy.js'

/** A node as JSON: its children are indices into the table. */
type Encoded = Readonly<Record<string, Json>>

/** The fields of each kind: `n` a node, `N` a list of nodes, `m` a map of nodes, `l` a function, `c` cases, `j` plain JSON. */
const shapes: Readonly<
  Record<Node['kind'], Readonly<Record<string, 'n' | 'N' | 'm' | 'l' | 'c' | 'j' | 'n?'>>>
> = {
  literal: { value: 'j' },
  input: { name: 'j' },
  variable: { id: 'j', name: 'j', index: 'j', type: 'j', vouched: 'j' },
  field: { of: 'n', key: 'j', type: 'j', vouched: 'j', required: 'j' },
  get: { of: 'n', key: 'n', type: 'j', vouched: 'j' },
  at: { list: 'n', index: 'j', type: 'j', vouched: 'j' },
  narrow: { of: 'n', type: 'j' },
  call: { operator: 'j', arguments: 'N' },
  default: { of: 'n', otherwise: 'n' },
  when: { cases: 'c', otherwise: 'n' },
  list: { items: 'N' },
  record: { fields: 'm' },
  filter: { list: 'n', lambda: 'l' },
  map: { list: 'n', lambda: 'l' },
  flatMap: { list: 'n', lambda: 'l' },
  concat: { lists: 'N' },
  distinct: { list: 'n' },
  duplicates: { list: 'n' },
  keys: { of: 'n' },
  inventory: { resource: 'j', namespace: 'n?' },
  find: { list: 'n', lambda: 'l', type: 'j' },
  some: { list: 'n', lambda: 'l' },
  every: { list: 'n', lambda: 'l' },
  and: { all: 'N' },
  or: { any: 'N' },
  not: { of: 'n' },
  decide: { of: 'n', missing: 'j', assumed: 'j' },
}

/**
 * Writes a policy as plain JSON: a table of nodes, in which a node that is used twice stands once, and the rest of the policy with
 * indices into it. Where a node was made in the author's source goes with it.
 */
export function encodeIr(policy: PolicyIr): Json {
  const encoder = new Encoder()
  const { when, rules, ...rest } = policy
  const encoded = {
    ...rest,
    ...(when === undefined ? {} : { when: encoder.node(when) }),
    rules: rules.map((rule) => encoder.rule(rule)),
  }
  return plain({ ...encoded, nodes: encoder.nodes })
}

/** An encoded policy without where its parts were written: what it means, whoever wrote it where. */
export function withoutSources(encoded: Json): Json {
  const without = (each: Json): Json => {
    const { source: _, rules, ...others } = each as { readonly [key: string]: Json }
    return { ...others, ...(Array.isArray(rules) ? { rules: rules.map(without) } : {}) }
  }
  const policy = encoded as { readonly [key: string]: Json }
  return {
    ...policy,
    nodes: (policy['nodes'] as readonly Json[]).map(without),
    rules: (policy['rules'] as readonly Json[]).map(without),
  }
}

class Encoder {
  readonly nodes: Encoded[] = []
  readonly #indices = new Map<Node, number>()

  node(node: Node): number {
    const known = this.#indices.get(node)
    if (known !== undefined) return known
    const fields = Object.entries(shapes[node.kind]).flatMap(([key, shape]) => {
      const value = (node as unknown as Readonly<Record<string, unknown>>)[key]
      return value === undefined ? [] : [[key, this.#field(value, shape)] as const]
    })
    const source = sourceOf(node)
    const defined = definedName(node)
    const encoded = {
      kind: node.kind,
      ...Object.fromEntries(fields),
      ...(defined === undefined ? {} : { defined }),
      ...(source === undefined ? {} : { source: { ...source } }),
    }
    const index = this.nodes.push(encoded) - 1
    this.#indices.set(node, index)
    return index
  }

  #field(value: unknown, shape: string): Json {
    switch (shape) {
      case 'n':
      case 'n?':
        return this.node(value as Node)
      case 'N':
        return (value as readonly Node[]).map((each) => this.node(each))
      case 'm':
        return Object.fromEntries(
          Object.entries(value as Readonly<Record<string, Node>>).map(([key, each]) => [
            key,
            this.node(each),
          ]),
        )
      case 'l': {
        const { element, index, body } = value as {
          readonly element: Node
          readonly index: Node
          readonly body: Node
        }
        return { element: this.node(element), index: this.node(index), body: this.node(body) }
      }
      case 'c':
        return (value as readonly { readonly if: Node; readonly then: Node }[]).map((each) => ({
          if: this.node(each.if),
          then: this.node(each.then),
        }))
      default:
        return value as Json
    }
  }

  rule(rule: RuleNode): Json {
    const source = sourceOf(rule)
    const encoded = this.#ruleFields(rule)
    return source === undefined ? encoded : { ...encoded, source: { ...source } }
  }

  #ruleFields(rule: RuleNode): Encoded {
    switch (rule.kind) {
      case 'each':
        return {
          kind: rule.kind,
          list: this.node(rule.list),
          element: this.node(rule.element),
          index: this.node(rule.index),
          rules: rule.rules.map((each) => this.rule(each)),
        }
      case 'onlyIf':
        return { kind: rule.kind, if: this.node(rule.if), rules: rule.rules.map((each) => this.rule(each)) }
      case 'deny': {
        const { message, at, details, fix, ...rest } = rule.violation
        return plain({
          kind: rule.kind,
          if: this.node(rule.if),
          violation: {
            ...rest,
            message: this.node(message),
            ...(at === undefined ? {} : { at: this.node(at) }),
            ...(details === undefined ? {} : { details: this.#field(details, 'm') }),
            ...(fix === undefined
              ? {}
              : {
                  fix: fix.map((each) => ({
                    kind: each.kind,
                    at: this.node(each.at),
                    ...(each.kind === 'set' ? { value: this.node(each.value) } : {}),
                  })),
                }),
          },
        }) as Encoded
      }
    }
  }
}

/** The value as JSON of its own; nothing in an IR can be anything else. */
function plain(value: unknown): Json {
  const cloned = cloneJson(value)
  if ('problem' in cloned) throw new TypeError(`the policy is no JSON: ${cloned.problem.message}`)
  return cloned.value
}

/**
 * Reads a policy that `encodeIr` wrote. Gives what is wrong instead: another version, an unknown kind or operator, a node that
 * stands before what it is made of, a part that is missing, or what `check` finds.
 */
export function decodeIr(encoded: unknown): { readonly policy: PolicyIr } | { readonly problem: string } {
  const cloned = cloneJson(encoded)
  if ('problem' in cloned) return { problem: `it is no JSON: ${cloned.problem.message}` }
  try {
    const policy = new Decoder(cloned.value).policy()
    const [problem] = irProblems(policy)
    return problem === undefined ? { policy } : { problem: problem.message }
  } catch (error) {
    if (error instanceof Malformed) return { problem: error.message }
    throw error
  }
}

class Malformed extends Error {}

type Fields = Readonly<Record<string, Json | undefined>>

class Decoder {
  readonly #encoded: Fields
  readonly #nodes: Node[] = []

  constructor(encoded: Json) {
    this.#encoded = fieldsOf(encoded, 'the policy')
  }

  policy(): PolicyIr {
    const { nodes, rules, when, ...rest } = this.#encoded
    if (rest['format'] !== irVersion)
      throw new Malformed(
        `the format \`${String(rest['format'])}\` is not read; it has to be \`${irVersion}\``,
      )
    for (const [index, node] of listOf(nodes, 'nodes').entries())
      this.#nodes.push(this.#node(fieldsOf(node, `node ${index}`), index))
    for (const key of ['id', 'title', 'severity']) textOf(rest[key], key)
    fieldsOf(rest['target'], 'the target')
    fieldsOf(fieldsOf(rest['target'], 'the target')['inputs'], 'the inputs')
    return {
      ...(rest as unknown as PolicyIr),
      ...(when === undefined ? {} : { when: this.#at(when, 'when') }),
      rules: listOf(rules, 'rules').map((rule) => this.#rule(rule)),
    }
  }

  #node(encoded: Fields, index: number): Node {
    const kind = textOf(encoded['kind'], `the kind of node ${index}`)
    if (!Object.hasOwn(shapes, kind)) throw new Malformed(`node ${index} is of the unknown kind \`${kind}\``)
    const entries = Object.entries(shapes[kind as Node['kind']]).flatMap(([key, shape]) => {
      const value = encoded[key]
      if (value === undefined) {
        if (shape === 'n?') return []
        throw new Malformed(`node ${index}, a ${kind}, has no \`${key}\``)
      }
      return [[key, this.#field(value, shape, `\`${key}\` of node ${index}`)] as const]
    })
    const operator = encoded['operator']
    if (kind === 'call' && !operatorNames.some((name) => name === operator))
      throw new Malformed(`node ${index} calls the unknown operator \`${String(operator)}\``)
    const node = { kind, ...Object.fromEntries(entries) } as unknown as Node
    if (encoded['defined'] !== undefined)
      keepName(node, textOf(encoded['defined'], `the name of node ${index}`))
    place(node, encoded['source'])
    return node
  }

  #field(value: Json, shape: string, what: string): unknown {
    switch (shape) {
      case 'n':
      case 'n?':
        return this.#at(value, what)
      case 'N':
        return listOf(value, what).map((each) => this.#at(each, what))
      case 'm':
        return Object.fromEntries(
          Object.entries(fieldsOf(value, what)).map(([key, each]) => [key, this.#at(each, what)]),
        )
      case 'l': {
        const { element, index, body } = fieldsOf(value, what)
        return {
          element: this.#variable(element, what),
          index: this.#variable(index, what),
          body: this.#at(body, what),
        }
      }
      case 'c':
        return listOf(value, what).map((each) => {
          const fields = fieldsOf(each, what)
          return { if: this.#at(fields['if'], what), then: this.#at(fields['then'], what) }
        })
      default:
        return value
    }
  }

  /** Nodes stand behind what they are made of, so that there can be no cycle. */
  #at(index: Json | undefined, what: string): Node {
    const node = typeof index === 'number' ? this.#nodes[index] : undefined
    if (node === undefined) throw new Malformed(`${what} names no node before it`)
    return node
  }

  #variable(index: Json | undefined, what: string): Node {
    const node = this.#at(index, what)
    if (node.kind !== 'variable') throw new Malformed(`${what} binds what is no variable`)
    return node
  }

  #rule(encoded: Json): RuleNode {
    const { source, ...fields } = fieldsOf(encoded, 'a rule')
    const rule = this.#ruleOf(fields)
    place(rule, source)
    return rule
  }

  #ruleOf({ kind, ...fields }: Fields): RuleNode {
    switch (kind) {
      case 'each':
        return {
          kind,
          list: this.#at(fields['list'], 'the list of a rule'),
          element: this.#variable(fields['element'], 'a rule'),
          index: this.#variable(fields['index'], 'a rule'),
          rules: listOf(fields['rules'], 'the rules of a rule').map((each) => this.#rule(each)),
        } as RuleNode
      case 'onlyIf':
        return {
          kind,
          if: this.#at(fields['if'], 'a rule'),
          rules: listOf(fields['rules'], 'the rules of a rule').map((each) => this.#rule(each)),
        }
      case 'deny': {
        const { message, at, details, fix, ...rest } = fieldsOf(fields['violation'], 'a violation')
        const code = textOf(rest['code'], 'the code of a violation')
        return {
          kind,
          if: this.#at(fields['if'], 'a rule'),
          violation: {
            ...rest,
            code,
            message: this.#at(message, 'a message'),
            ...(at === undefined ? {} : { at: this.#at(at, 'a place') }),
            ...(details === undefined
              ? {}
              : { details: this.#field(details, 'm', 'details') as Readonly<Record<string, Node>> }),
            ...(fix === undefined ? {} : { fix: listOf(fix, 'a fix').map((each) => this.#fix(each)) }),
          },
        } as RuleNode
      }
      default:
        throw new Malformed(`there is no rule \`${String(kind)}\``)
    }
  }

  #fix(encoded: Json): FixNode {
    const { kind, at, value } = fieldsOf(encoded, 'a fix')
    if (kind !== 'set' && kind !== 'remove') throw new Malformed(`there is no fix \`${String(kind)}\``)
    const place = this.#at(at, 'a fix')
    return kind === 'set' ? { kind, at: place, value: this.#at(value, 'a fix') } : { kind, at: place }
  }
}

/** Where a node was written; what says nothing of it is no reason to refuse a policy. */
function place(made: object, source: Json | undefined): void {
  if (typeof source !== 'object' || source === null) return
  const { file, line, column } = source as Fields
  if (typeof file === 'string' && typeof line === 'number' && typeof column === 'number')
    placeSource(made, { file, line, column })
}

function fieldsOf(value: Json | undefined, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new Malformed(`${what} is no object`)
}

function listOf(value: Json | undefined, what: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  throw new Malformed(`${what} is no list`)
}

function textOf(value: Json | undefined, what: string): string {
  if (typeof value === 'string') return value
  throw new Malformed(`${what} is no text`)
}
