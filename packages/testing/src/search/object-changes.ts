import { inputPath, isObject, type Json, kindOf, type Policy, type ReadTree, readsOf } from '@gatewright/core'
import { Constants, neighbours } from '../policy-constants.js'
import { randomFrom } from '../random.js'
import { type LookedUp, lookedUpBy } from './looked-up.js'
import { leavesOf, type Parts, put, type Step, storedOf, valueAt } from './parts.js'
import { relatedConstants } from './related-constants.js'

/** Changes questions at random, the same for the same seed: mostly what the policy reads, and with its constants. */
export class ObjectChanges {
  readonly #policy: Policy
  readonly #random: () => number
  readonly #texts: readonly string[]
  readonly #numbers: readonly Json[]
  readonly #lookedUp: readonly LookedUp[]
  /** The constants to try in a field of a name; undefined where any will do. */
  readonly #related: ReadonlyMap<string, readonly Json[]> | undefined

  /** Values come from the policy, from what it starts with, and from other versions of it, where these are given. */
  constructor(policy: Policy, seeds: readonly Parts[], seed: number, others?: readonly Policy[]) {
    this.#policy = policy
    this.#random = randomFrom(seed)
    this.#lookedUp = lookedUpBy(policy.ir)
    this.#related = others === undefined ? undefined : relatedConstants([policy, ...others])
    const constants = new Constants()
    for (const each of [policy, ...(others ?? [])]) constants.addPolicy(each)
    for (const parts of seeds) {
      if (constants.texts.size > 300) break
      constants.add(parts)
    }
    this.#texts = [...new Set([...constants.texts, '', 'x'])]
    this.#numbers = [...constants.numbers]
  }

  /** A question with one change. */
  changed(parts: Parts): Parts {
    if (this.#lookedUp.length > 0 && this.#random() < 0.3) return this.#storedChanged(parts)
    const dice = this.#random()
    if (dice < 0.5) return this.#readChanged(parts)
    if (dice < 0.75) return this.#someChanged(parts)
    if (dice < 0.87) return this.#parametersChanged(parts)
    return dice < 0.95 ? this.#requestChanged(parts) : this.#containerMoved(parts)
  }

  one<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T
  }

  /** Sets a field that the policy reads, or what is above it. */
  #readChanged(parts: Parts): Parts {
    const { inputs } = this.#policy.ir.target
    const judged = parts['object'] ?? parts['oldObject']
    const [name, tree] = this.one([...readsOf(this.#policy.ir).all]) ?? []
    const binding = name === undefined ? undefined : inputs[name]
    if (binding === undefined || tree === undefined || binding.root === 'parameters')
      return this.#parametersChanged(parts)
    if (!Object.hasOwn(parts, binding.root)) return this.#requestChanged(parts)
    const base = inputPath(binding, kindOf(judged) ?? { group: '', kind: '' })
    if (base === undefined) return parts
    let at: readonly Step[] = [binding.root, ...base]
    let within = tree
    for (;;) {
      const below = this.#below(within, valueAt(parts, at), at.at(-1))
      if (below === undefined || (at.length > base.length + 1 && this.#random() < 0.15)) break
      at = [...at, below[0]]
      within = below[1]
    }
    const key = at.findLast((step) => typeof step === 'string')
    const value =
      this.#random() < 0.08 ? undefined : (this.#relatedTo(key, within, parts) ?? this.#valueFor(within))
    return put(parts, at, value) as Parts
  }

  #below(
    { fields, elements, values }: ReadTree,
    value: Json | undefined,
    name: Step | undefined,
  ): readonly [Step, ReadTree] | undefined {
    const ways: (readonly [Step, ReadTree])[] = [...fields]
    if (elements !== undefined) {
      const length = Array.isArray(value) ? value.length : 0
      // the place behind the last adds an element
      ways.push([Math.floor(this.#random() * (length + 1)), elements])
    }
    if (values !== undefined)
      ways.push([this.one([...(isObject(value) ? Object.keys(value) : []), ...this.#keysIn(name)]), values])
    return ways.length === 0 ? undefined : this.one(ways)
  }

  /** Keys to try in a map. */
  #keysIn(name: Step | undefined): readonly string[] {
    const related = this.#related?.get(String(name))?.filter((each) => typeof each === 'string') ?? []
    return related.length > 0 && this.#random() < 0.7 ? related : this.#texts
  }

  /** A value that a field of a name is held against, or at times one of the parameters; undefined where another will do. */
  #relatedTo(
    key: Step | undefined,
    { fields, elements, values, types }: ReadTree,
    parts?: Parts,
  ): Json | undefined {
    if (this.#related === undefined || fields.size > 0 || elements !== undefined || values !== undefined)
      return undefined
    if (this.#random() > 0.6) return undefined
    const given = parts !== undefined && this.#random() < 0.2 ? leavesOf(parts['parameters']) : []
    const known = given.length > 0 ? given : (this.#related.get(String(key)) ?? [])
    const type = types.size === 1 ? [...types][0] : undefined
    const value = this.one(known.filter((each) => type === undefined || typeof each === type))
    if (typeof value === 'number') return value + this.one([-1, 0, 0, 1])
    if (typeof value !== 'string') return undefined
    return this.#random() < 0.75 ? value : this.one([...neighbours(value), value.replaceAll('*', 'x')])
  }

  #valueFor(tree: ReadTree, key?: string | Step): Json {
    if (this.#random() < 0.03) return this.one<Json>([null, 'x', 7, true, [], {}])
    if (tree.elements !== undefined)
      return Array.from(
        { length: Math.floor(this.#random() * 3) },
        () =>
          this.#relatedTo(key, tree.elements as ReadTree) ?? this.#valueFor(tree.elements as ReadTree, key),
      )
    if (tree.fields.size > 0 || tree.values !== undefined) {
      const fields = [...tree.fields].filter(() => this.#random() < 0.6)
      const values = tree.values
      const entries = fields.map(
        ([name, field]) => [name, this.#relatedTo(name, field) ?? this.#valueFor(field, name)] as const,
      )
      if (values !== undefined) entries.push([this.one(this.#texts), this.#valueFor(values)])
      return Object.fromEntries(entries)
    }
    const types = [...tree.types]
    const type = types.length === 0 ? this.one(['string', 'number', 'boolean']) : this.one(types)
    switch (type) {
      case 'string':
        return this.one(this.#texts)
      case 'number':
        return this.one(this.#numbers)
      case 'boolean':
        return this.#random() < 0.5
      case 'list':
        return this.#random() < 0.3 ? [] : [this.one(this.#texts)]
      case 'object':
        return this.#random() < 0.5 ? {} : { [this.one(this.#texts)]: this.one(this.#texts) }
      default:
        return this.one<Json>([this.one(this.#texts), this.one(this.#numbers), true, false])
    }
  }

  /** Leaves out, repeats, retypes or replaces any part of the objects. */
  #someChanged(parts: Parts): Parts {
    const { object, oldObject } = parts
    const at: Step[] = [
      object === undefined || (oldObject !== undefined && this.#random() < 0.3) ? 'oldObject' : 'object',
    ]
    let value = valueAt(parts, at)
    do {
      const steps: readonly Step[] = Array.isArray(value)
        ? [...value.keys()]
        : isObject(value)
          ? Object.keys(value).filter((key) => at.length > 1 || (key !== 'kind' && key !== 'apiVersion'))
          : []
      if (steps.length === 0) break
      at.push(this.one(steps))
      value = valueAt(parts, at)
    } while (this.#random() < 0.8)
    if (at.length === 1) return parts
    const dice = this.#random()
    if (dice < 0.35) return put(parts, at, undefined) as Parts
    if (typeof at.at(-1) === 'number' && dice < 0.7) {
      const list = valueAt(parts, at.slice(0, -1)) as readonly Json[]
      const repeated = this.#random() < 0.5 ? [...list, value as Json] : [value as Json, ...list]
      return put(parts, at.slice(0, -1), repeated) as Parts
    }
    if (Array.isArray(value) || isObject(value)) return put(parts, at, null) as Parts
    if (typeof value === 'boolean') return put(parts, at, !value) as Parts
    return put(parts, at, this.one<Json>(typeof value === 'number' ? this.#numbers : this.#texts)) as Parts
  }

  #parametersChanged(parts: Parts): Parts {
    const { properties = {} } = (this.#policy.ir.parameters ?? {}) as {
      readonly properties?: Readonly<Record<string, JsonSchema>>
    }
    const key = this.one(Object.keys(properties))
    if (key === undefined) return parts
    const own = valueAt(parts, ['parameters', key])
    if (Array.isArray(own) && this.#random() < 0.4) {
      // what is in a list already may matter at another place in it
      const item = this.#fromObject(parts) ?? this.#valueOf((properties[key] as JsonSchema).items ?? {})
      return put(parts, ['parameters', key], [item, ...(own as readonly Json[])]) as Parts
    }
    const schema = properties[key] as JsonSchema
    const value =
      this.#random() < 0.15 ? undefined : (this.#parameterFrom(schema, parts) ?? this.#valueOf(schema))
    return put(parts, ['parameters', key], value) as Parts
  }

  /** A parameter that names what the object has. */
  #parameterFrom({ type, items }: JsonSchema, parts: Parts): Json | undefined {
    if (type === 'string') return this.#fromObject(parts)
    if (type !== 'array' || items?.type !== 'string') return undefined
    const item = this.#fromObject(parts)
    if (item === undefined) return undefined
    const other = this.#random() < 0.3 ? [this.one(this.#texts)] : []
    return this.#random() < 0.5 ? [item, ...other] : [...other, item]
  }

  #fromObject({ object, oldObject }: Parts): Json | undefined {
    if (this.#related === undefined || this.#random() < 0.5) return undefined
    const text = this.one(leavesOf(object ?? oldObject).filter((each) => typeof each === 'string'))
    if (text === undefined) return undefined
    return this.#random() < 0.7 ? text : `${text.slice(0, Math.ceil(text.length / 2))}*`
  }

  #valueOf(schema: JsonSchema): Json {
    if (schema.const !== undefined) return schema.const
    if (schema.enum !== undefined) return this.one(schema.enum)
    const either = schema.anyOf ?? schema.oneOf
    if (either !== undefined) return this.#valueOf(this.one(either))
    switch (schema.type) {
      case 'array':
        return Array.from({ length: this.one([0, 1, 1, 2]) }, () => this.#valueOf(schema.items ?? {}))
      case 'object':
        return Object.fromEntries(
          Object.entries(schema.properties ?? {})
            .filter(([key]) => schema.required?.includes(key) === true || this.#random() < 0.6)
            .map(([key, each]) => [key, this.#valueOf(each)]),
        )
      case 'number':
      case 'integer':
        return this.one(this.#numbers)
      case 'boolean':
        return this.#random() < 0.5
      default:
        return this.one(this.#texts)
    }
  }

  #requestChanged(parts: Parts): Parts {
    const { object = null, oldObject = object } = parts
    const dice = this.#random()
    if (dice < 0.5) return { ...parts, object: object ?? oldObject, oldObject, operation: 'UPDATE' }
    if (dice < 0.65)
      return {
        ...parts,
        object: object ?? oldObject,
        oldObject,
        operation: 'UPDATE',
        request: { subResource: 'ephemeralcontainers' },
      }
    if (dice < 0.8)
      return { ...parts, object: oldObject, oldObject: object ?? oldObject, operation: 'UPDATE' }
    const { parameters = {} } = parts
    return dice < 0.9
      ? { oldObject, operation: 'DELETE', parameters }
      : { object: object ?? oldObject, operation: 'CREATE', parameters }
  }

  /** Changes the objects that are looked up, or whether these are all. */
  #storedChanged(parts: Parts): Parts {
    const { objects = [], complete = true } = storedOf(parts) ?? {}
    const { resource, path, type } = this.one(this.#lookedUp)
    const { group, version, kind } = resource
    const apiVersion = group === '' ? version : `${group}/${version}`
    const stored = (all: readonly Json[], isAll: boolean): Parts => ({
      ...parts,
      inventory: { objects: all, complete: isAll },
    })
    const dice = this.#random()
    if (dice < 0.1) return stored(objects, !complete)
    if (dice < 0.2) return stored(objects.slice(1), complete)
    const own = parts['object'] ?? parts['oldObject']
    const namespace = valueAt(own, ['metadata', 'namespace'])
    const same = objects.flatMap((each, i) => (valueAt(each, ['kind']) === kind ? [i] : []))
    if (dice < 0.5 || same.length === 0) {
      const made: Json = {
        apiVersion,
        kind,
        metadata: {
          name: this.#random() < 0.3 ? this.one(this.#texts) : 'other',
          ...(namespace === undefined || this.#random() < 0.2 ? {} : { namespace }),
        },
      }
      return stored(
        [...objects, this.#random() < 0.3 && valueAt(own, ['kind']) === kind ? (own as Json) : made],
        complete,
      )
    }
    if (path.length === 0) return parts
    // a value of the object that is judged is often what is looked for
    const alike = valueAt(own, path)
    const leaf: ReadTree = {
      types: new Set(type === undefined ? [] : [type]),
      assumed: false,
      fields: new Map(),
      elements: undefined,
      values: undefined,
    }
    const key = path.findLast((step) => typeof step === 'string')
    const value =
      alike !== undefined && this.#random() < 0.5
        ? alike
        : (this.#relatedTo(key, leaf) ?? this.#valueFor(leaf))
    return put(parts, ['inventory', 'objects', this.one(same), ...path], value) as Parts
  }

  /** Moves a container into another list of the same pod. */
  #containerMoved(parts: Parts): Parts {
    const lists = ['containers', 'initContainers', 'ephemeralContainers']
    const found: (readonly Step[])[] = []
    const look = (value: Json | undefined, at: readonly Step[]): void => {
      if (!isObject(value)) return
      for (const [key, each] of Object.entries(value)) {
        if (lists.includes(key) && Array.isArray(each) && each.length > 0) found.push([...at, key])
        else look(each, [...at, key])
      }
    }
    const root = parts['oldObject'] !== undefined && this.#random() < 0.5 ? 'oldObject' : 'object'
    look(parts[root], [root])
    const from = this.one(found)
    if (from === undefined) return parts
    const to = [...from.slice(0, -1), this.one(lists.filter((each) => each !== from.at(-1)))]
    const list = valueAt(parts, from) as readonly Json[]
    const moved = this.one(list)
    const others = valueAt(parts, to)
    const left = put(
      parts,
      from,
      list.filter((each) => each !== moved),
    )
    return put(left, to, [...(Array.isArray(others) ? (others as readonly Json[]) : []), moved]) as Parts
  }
}

interface JsonSchema {
  readonly type?: string
  readonly const?: Json
  readonly enum?: readonly Json[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
}
