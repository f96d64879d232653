import { type Field, nearest, type ObjectSchema, type Schema } from '@gatewright/core'
import { schemaTable } from './generated/schema-table.js'

/** A minor version of Kubernetes: `1.37`. */
export type KubernetesVersion = string

/** A resource that the API serves. */
export interface ServedResource {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** The name of its definition: `apps/v1/Deployment`. */
  readonly definition: string
  readonly subresources: readonly string[]
  /** The oldest and the newest of the known versions of Kubernetes that serve it. */
  readonly from: KubernetesVersion
  readonly to: KubernetesVersion
}

type Span = readonly [from: number, to: number, text: string]

interface Table {
  readonly versions: readonly string[]
  readonly definitions: Readonly<Record<string, readonly Span[]>>
  readonly resources: readonly (readonly [
    string,
    string,
    string,
    string,
    0 | 1,
    string,
    string,
    number,
    number,
  ])[]
}

let parsed: Table | undefined
const table = (): Table => (parsed ??= JSON.parse(schemaTable) as Table)

/** The versions of Kubernetes whose schemas are known, oldest first. */
export function kubernetesVersions(): readonly KubernetesVersion[] {
  return table().versions
}

/** The newest version of Kubernetes whose schemas are known; what is meant where none is named. */
export function newestVersion(): KubernetesVersion {
  return table().versions.at(-1) as string
}

const definitions = new Map<string, Schema>()

/**
 * The schema of a definition such as `core/v1/Container`, in a version of Kubernetes; undefined where it has none of that name.
 * An unknown version throws.
 */
export function definition(name: string, version: KubernetesVersion = newestVersion()): Schema | undefined {
  const index = indexOf(version)
  const span = own(table().definitions, name)?.find(([from, to]) => from <= index && index <= to)
  if (span === undefined) return undefined
  const key = `${name}@${index}`
  const known = definitions.get(key)
  if (known !== undefined) return known
  const text = span[2]
  const schema = text.startsWith('=') ? decode(text.slice(1), version) : objectSchema(name, text, version)
  definitions.set(key, schema)
  return schema
}

function indexOf(version: KubernetesVersion): number {
  const index = table().versions.indexOf(version)
  if (index >= 0) return index
  throw new RangeError(`no schemas of Kubernetes \`${version}\`; known are ${table().versions.join(', ')}`)
}

function objectSchema(name: string, text: string, version: KubernetesVersion): ObjectSchema {
  let fields: Readonly<Record<string, Field>> | undefined
  return {
    type: 'object',
    name: name.slice(name.lastIndexOf('/') + 1),
    get fields() {
      return (fields ??= readFields(text, version))
    },
  }
}

function readFields(text: string, version: KubernetesVersion): Readonly<Record<string, Field>> {
  const entries = (text === '' ? [] : text.split(';')).map((entry): [string, Field] => {
    const colon = entry.indexOf(':')
    const required = entry.endsWith('!')
    const code = entry.slice(colon + 1, required ? -1 : undefined)
    let schema: Schema | undefined
    const field: Field = {
      get schema() {
        return (schema ??= decode(code, version))
      },
      required,
    }
    return [entry.slice(0, colon), field]
  })
  return Object.fromEntries(entries)
}

/** Reads one type of the compact table; `scripts/generate.mjs` writes it. */
function decode(code: string, version: KubernetesVersion): Schema {
  const rest = code.slice(1)
  switch (code[0]) {
    case 's':
      return { type: 'string' }
    case 'i':
      return { type: 'number', integer: true }
    case 'n':
      return { type: 'number' }
    case 'b':
      return { type: 'boolean' }
    case 'q':
      return { type: 'scalar', of: ['string', 'number'], unit: 'quantity' }
    case 't':
      return { type: 'string', unit: 'timestamp' }
    case 'd':
      return { type: 'string', unit: 'duration' }
    case 'x':
      return { type: 'scalar', of: ['string', 'number'] }
    case '(':
      return { type: 'string', values: rest.slice(0, -1).split('|') }
    case '[': {
      let items: Schema | undefined
      return {
        type: 'list',
        get items() {
          return (items ??= decode(rest, version))
        },
      }
    }
    case '{': {
      let values: Schema | undefined
      return {
        type: 'map',
        get values() {
          return (values ??= decode(rest, version))
        },
      }
    }
    case '#':
      return definition(rest, version) ?? { type: 'unknown' }
    default:
      return { type: 'unknown' }
  }
}

let served: readonly ServedResource[] | undefined

/** Every resource that one of the known versions of Kubernetes serves. */
export function servedResources(): readonly ServedResource[] {
  const { versions, resources } = table()
  return (served ??= resources.map(
    ([group, version, kind, plural, namespaced, name, subresources, from, to]): ServedResource => ({
      group,
      version,
      kind,
      plural,
      namespaced: namespaced === 1,
      definition: name,
      subresources: subresources === '' ? [] : subresources.split(' '),
      from: versions[from] as string,
      to: versions[to] as string,
    }),
  ))
}

/** The served resource of an object's group, version and kind; any version of it where none is given. */
export function findResource(of: {
  readonly group: string
  readonly version?: string
  readonly kind: string
}): ServedResource | undefined {
  return servedResources().find(
    (each) =>
      each.group === of.group &&
      each.kind === of.kind &&
      (of.version === undefined || each.version === of.version),
  )
}

/** The built-in kind whose name is nearest to a misspelt one. */
export function nearestKind(kind: string): string | undefined {
  return nearest(kind, new Set(servedResources().map((each) => each.kind)))
}

/**
 * The schema of the objects of a kind; undefined for kinds that are not built in. Where no version of Kubernetes is named, it is
 * the newest that serves the kind.
 */
export function schemaOf(
  of: { readonly group: string; readonly version: string; readonly kind: string },
  version?: KubernetesVersion,
): ObjectSchema | undefined {
  const resource = findResource(of)
  const schema = resource === undefined ? undefined : definition(resource.definition, version ?? resource.to)
  return schema?.type === 'object' ? schema : undefined
}

const own = <T>(from: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(from, key) ? from[key] : undefined
