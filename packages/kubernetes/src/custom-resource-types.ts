import type { Json, Schema } from '@gatewright/core'
import { type OpenApiSchema, schemaFromOpenApi } from './openapi-schema.js'

/** TypeScript for the kinds of a CustomResourceDefinition, or why there is none. */
export type CustomResourceTypes =
  | { readonly code: string; readonly kinds: readonly string[] }
  | { readonly problem: string }

interface Definition {
  readonly apiVersion?: string
  readonly kind?: string
  readonly spec?: {
    readonly group?: string
    readonly scope?: string
    readonly names?: { readonly kind?: string; readonly plural?: string }
    readonly versions?: readonly {
      readonly name?: string
      readonly served?: boolean
      readonly schema?: { readonly openAPIV3Schema?: OpenApiSchema }
    }[]
  }
}

/**
 * Writes a TypeScript module for a CustomResourceDefinition (`apiextensions.k8s.io/v1`): for each served version the types with the
 * descriptions of the CRD, and a resource that policies can be about, with its schema.
 */
export function customResourceTypes(crd: Json): CustomResourceTypes {
  const { apiVersion, kind, spec } = (typeof crd === 'object' && crd !== null ? crd : {}) as Definition
  if (kind !== 'CustomResourceDefinition')
    return { problem: `\`${String(kind)}\` is no CustomResourceDefinition` }
  if (apiVersion !== 'apiextensions.k8s.io/v1') {
    return {
      problem: `\`${String(apiVersion)}\` is not read; write the definition as apiextensions.k8s.io/v1`,
    }
  }
  const { group, names, scope, versions = [] } = spec ?? {}
  const served = versions.filter((each) => each.served === true)
  if (group === undefined || names?.kind === undefined || names.plural === undefined || served.length === 0) {
    return { problem: 'the definition has no group, names or served version' }
  }
  const writer = new TypeWriter()
  const constants = served.map((version) => {
    const schema = version.schema?.openAPIV3Schema ?? {}
    const type = writer.object(
      served.length === 1 ? (names.kind as string) : `${names.kind as string}${pascal(version.name ?? '')}`,
      schema,
      true,
    )
    const constant = constantName(
      names.plural as string,
      served.length === 1 ? '' : pascal(version.name ?? ''),
    )
    const options = [
      `plural: ${quoted(names.plural as string)}`,
      `namespaced: ${scope !== 'Cluster'}`,
      `schema: ${objectLiteral(schemaOfResource(schema))}`,
    ]
    return `\n/** Every \`${names.kind as string}\` of \`${group}/${version.name ?? ''}\`. */\nexport const ${constant}: Resource<${type} & KubernetesObject> = customResource<${type}>(${quoted(`${group}/${version.name ?? ''}`)}, ${quoted(names.kind as string)}, {\n  ${options.join(',\n  ')},\n})\n`
  })
  const head =
    "import { customResource, type KubernetesObject, type Resource } from 'gatewright/kubernetes'\n"
  return {
    code: head + writer.text() + constants.join(''),
    kinds: served.map((version) => `${names.kind as string}.${version.name ?? ''}`),
  }
}

/** The schema of an object of the resource; its metadata is that of every object. */
function schemaOfResource(schema: OpenApiSchema): Schema {
  const read = schemaFromOpenApi(schema)
  if (read.type !== 'object') return { type: 'object', fields: {} }
  const { metadata: _, ...fields } = read.fields
  const text = { schema: { type: 'string' }, required: true } as const
  const texts = { schema: { type: 'map', values: { type: 'string' } } } as const
  const metadata: Schema = {
    type: 'object',
    fields: {
      name: { schema: { type: 'string' } },
      namespace: { schema: { type: 'string' } },
      labels: texts,
      annotations: texts,
    },
  }
  return {
    type: 'object',
    fields: { ...fields, apiVersion: text, kind: text, metadata: { schema: metadata } },
  }
}

/** Writes interfaces, one for each object in a schema, with names that tell them apart. */
class TypeWriter {
  readonly #interfaces: string[] = []
  readonly #names = new Set<string>()

  text(): string {
    return this.#interfaces.join('')
  }

  /** Writes an object and gives its name. */
  object(wanted: string, schema: OpenApiSchema, isRoot = false): string {
    const name = this.#free(identifier(wanted))
    const place = this.#interfaces.push('') - 1
    const fields = Object.entries(schema.properties ?? {})
      .filter(([key]) => !isRoot || !['apiVersion', 'kind', 'metadata'].includes(key))
      .map(([key, field]) => {
        const required = (schema.required ?? []).includes(key) && field.nullable !== true
        const nullable = field.nullable === true ? ' | null' : ''
        return `${comment(field.description, '  ')}  readonly ${propertyName(key)}${required ? '' : '?'}: ${this.#type(`${name}${pascal(key)}`, field)}${nullable}\n`
      })
    this.#interfaces[place] =
      `\n${comment(schema.description, '')}export interface ${name} {\n${fields.join('')}}\n`
    return name
  }

  #type(name: string, schema: OpenApiSchema): string {
    if (schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string')
      return 'number | string'
    switch (schema.type) {
      case 'string': {
        const values = schema.enum?.filter((value) => typeof value === 'string')
        const isClosed = values !== undefined && values.length > 0 && values.length === schema.enum?.length
        return isClosed ? values.map(quoted).join(' | ') : 'string'
      }
      case 'integer':
      case 'number':
        return 'number'
      case 'boolean':
        return 'boolean'
      case 'array':
        return `readonly (${this.#type(name, schema.items ?? {})})[]`
      case 'object': {
        if (schema.properties !== undefined) return this.object(name, schema)
        const { additionalProperties } = schema
        return typeof additionalProperties === 'object'
          ? `Readonly<Record<string, ${this.#type(name, additionalProperties)}>>`
          : 'unknown'
      }
      default:
        return 'unknown'
    }
  }

  #free(name: string): string {
    let free = name
    for (let i = 2; this.#names.has(free); i++) free = `${name}${i}`
    this.#names.add(free)
    return free
  }
}

const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`

const propertyName = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key))

const pascal = (text: string): string =>
  text.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const taken = new Set(['Resource', 'KubernetesObject', 'Record', 'Readonly'])

/** A name that TypeScript takes for a type. */
function identifier(text: string): string {
  const name = pascal(text).replace(/[^A-Za-z0-9]/g, '')
  return /^[A-Za-z]/.test(name) && !taken.has(name) ? name : `Custom${name}`
}

function constantName(plural: string, suffix: string): string {
  const name = `${plural.replace(/[^A-Za-z0-9]/g, '')}${suffix}`
  const reserved = [
    'classes',
    'default',
    'import',
    'export',
    'switches',
    'new',
    'delete',
    'customResource',
  ].includes(name)
  return /^[A-Za-z]/.test(name) && !reserved ? name : `custom${pascal(name)}`
}

/** A description as a comment; it can neither end the comment nor begin another. */
function comment(text: string | undefined, indentation: string): string {
  const line = (text ?? '').replaceAll('*/', '* /').replaceAll(/\s+/g, ' ').trim()
  return line === '' ? '' : `${indentation}/** ${line} */\n`
}

/** A schema as a literal of TypeScript, where plain data is all that it is. */
function objectLiteral(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(objectLiteral).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value)
    .map(
      ([key, each]) => `${key === '__proto__' ? "['__proto__']" : propertyName(key)}: ${objectLiteral(each)}`,
    )
    .join(', ')} }`
}
