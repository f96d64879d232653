import type { Json, Schema } from '@gatewright/core'
import { definition, type ServedResource } from '@gatewright/kubernetes'
import { apiVersionOf } from './rig/api.js'

/** Objects with values of the right types in random fields, as the schemas have them. What they say makes no sense. */
export class RandomObjects {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  of(resource: ServedResource, version: string): Json {
    const schema = definition(resource.definition, version)
    if (schema?.type !== 'object') throw new Error(`no schema of ${resource.definition}`)
    return {
      ...(this.#value(schema, 0) as object),
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: { name: 'random', ...(resource.namespaced ? { namespace: 'default' } : {}) },
    }
  }

  #value(schema: Schema, depth: number): Json {
    switch (schema.type) {
      case 'string':
        return this.#text(schema)
      case 'number':
        return schema.integer === true ? 1 : 1.5
      case 'boolean':
        return this.#random() < 0.5
      case 'scalar':
        if (schema.unit === 'quantity') return this.#one<Json>(['100m', '1Gi', 2])
        return this.#one<Json>(['text', 1])
      case 'list':
        return this.#times(depth, () => this.#value(schema.items, depth + 1))
      case 'map':
        return Object.fromEntries(
          this.#times(depth, (i) => [`key${i}`, this.#value(schema.values, depth + 1)]),
        )
      case 'object': {
        const share = depth === 0 ? 1 : depth < 4 ? 0.4 : 0.1
        const fields = Object.entries(schema.fields).filter(([, { required = false }]) =>
          depth > 7 ? false : required || this.#random() < share,
        )
        return Object.fromEntries(fields.map(([key, field]) => [key, this.#value(field.schema, depth + 1)]))
      }
      case 'union':
      case 'unknown':
        return {}
    }
  }

  /** Base64 as well as any other text: the schemas do not tell bytes from texts. */
  #text({ values, unit }: Extract<Schema, { type: 'string' }>): string {
    if (unit === 'timestamp') return '2026-01-31T12:00:00.000000Z'
    if (unit === 'duration') return '1h30m0s'
    return values === undefined ? 'text' : this.#one(values)
  }

  #times<T>(depth: number, make: (i: number) => T): T[] {
    const count = depth > 6 ? 0 : 1 + Math.floor(this.#random() * 2)
    return Array.from({ length: count }, (_, i) => make(i))
  }

  #one<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T
  }
}
