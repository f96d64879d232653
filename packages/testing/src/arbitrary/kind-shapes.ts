import type { Schema, TargetIr } from '@gatewright/core'
import {
  definition,
  kubernetesVersions,
  newestVersion,
  type ResourceName,
  type ServedResource,
  servedResources,
} from '@gatewright/kubernetes'
import { boolean, dnsLabel, namespaceName, text, values } from './leaves.js'
import { metadataRules } from './pod-rules.js'
import { type Extent, shapeFromSchema } from './schema-shapes.js'
import { type FieldShape, lazyField, listOf, type ObjectShape, type Shape } from './shape.js'

/** A kind whose objects can be made. */
export interface KnownKind {
  readonly group: string
  readonly kind: string
  shape(extent: Extent): Shape
}

/** What stands for any kind: those that most clusters are full of. */
const common = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Service',
  'ConfigMap',
  'Secret',
  'Namespace',
  'NetworkPolicy',
  'Ingress',
  'ServiceAccount',
  'Role',
  'RoleBinding',
]

/**
 * The kinds of a target that a version of Kubernetes serves, and those that are custom. `schema` is the target's own, which
 * speaks for a custom kind. Throws a `RangeError` where there is none.
 */
export function kindsOf(
  target: TargetIr,
  schema: Schema,
  version: string = newestVersion(),
  named?: Pick<ResourceName, 'group' | 'version' | 'kind'>,
): readonly KnownKind[] {
  const order = kubernetesVersions()
  if (!order.includes(version))
    throw new RangeError(`no schemas of Kubernetes \`${version}\`; known are ${order.join(', ')}`)
  const isServed = ({ from, to }: ServedResource): boolean =>
    order.indexOf(from) <= order.indexOf(version) && order.indexOf(version) <= order.indexOf(to)
  const kinds = (target.kinds ?? []).flatMap(({ group, kind, versions }): KnownKind[] => {
    const found = servedResources()
      .filter(
        (each) =>
          (each.group === group || group === '*') &&
          (kind === '*' ? common.includes(each.kind) : each.kind === kind),
      )
      .filter(isServed)
      .filter(
        (each) =>
          versions?.includes(each.version) ??
          (named === undefined || kind === '*' || each.version === named.version),
      )
    const stable = found.filter((each) => /^v\d+$/.test(each.version))
    const builtIn = stable.length > 0 ? stable : found.slice(0, 1)
    if (builtIn.length > 0) return builtIn.map((each) => builtInKind(each, version))
    if (target.builtIn === true || kind === '*') return []
    return [customKind({ group, kind, version: named?.version ?? versions?.[0] ?? 'v1' }, schema)]
  })
  if (kinds.length > 0) return kinds
  throw new RangeError(`Kubernetes \`${version}\` serves no ${target.name}`)
}

function builtInKind(of: ServedResource, version: string): KnownKind {
  const schema = definition(of.definition, version)
  if (schema?.type !== 'object') throw new RangeError(`Kubernetes \`${version}\` has no schema of ${of.kind}`)
  return known(of, of.namespaced, (extent) => shapeFromSchema(schema, extent))
}

/** The rules of a built-in definition say nothing of a custom one that has its name. */
function customKind(of: Pick<ResourceName, 'group' | 'version' | 'kind'>, schema: Schema): KnownKind {
  return known(of, true, () =>
    schema.type === 'object' ? shapeFromSchema(unnamed(schema) as Schema, 'created') : noFields,
  )
}

const unnamedSchemas = new WeakMap<object, Schema>()

/** A schema without the names of its definitions. */
function unnamed(schema: Schema): Schema {
  const made = unnamedSchemas.get(schema)
  if (made !== undefined) return made
  const own = ((): Schema => {
    switch (schema.type) {
      case 'list':
        return {
          type: 'list',
          get items() {
            return unnamed(schema.items)
          },
        }
      case 'map':
        return {
          type: 'map',
          get values() {
            return unnamed(schema.values)
          },
        }
      case 'union':
        return { type: 'union', variants: schema.variants.map((each) => unnamed(each) as typeof each) }
      case 'object': {
        const fields = Object.entries(schema.fields).map(([key, field]) => [
          key,
          {
            required: field.required === true,
            get schema() {
              return unnamed(field.schema)
            },
          },
        ])
        return { type: 'object', fields: Object.fromEntries(fields) }
      }
      default:
        return schema
    }
  })()
  unnamedSchemas.set(schema, own)
  return own
}

const noFields: ObjectShape = { is: 'object', fields: new Map() }

function known(
  of: Pick<ResourceName, 'group' | 'version' | 'kind'>,
  namespaced: boolean,
  shape: (extent: Extent) => Shape,
): KnownKind {
  const shapes = new Map<Extent, Shape>()
  return {
    group: of.group,
    kind: of.kind,
    shape: (extent) => {
      const made = shapes.get(extent) ?? rooted(of, namespaced, shape(extent), extent)
      shapes.set(extent, made)
      return made
    },
  }
}

/** An object with its kind and its own metadata, which is more than that of a template. */
function rooted(
  { group, version, kind }: Pick<ResourceName, 'group' | 'version' | 'kind'>,
  namespaced: boolean,
  shape: Shape,
  extent: Extent,
): Shape {
  const own = shape.is === 'object' ? shape : noFields
  const fixed = (value: string): FieldShape => {
    const leaf = { ...values(value), beyond: [] }
    return lazyField(true, 1, () => leaf)
  }
  const metadata = own.fields.get('metadata')
  const fields = new Map<string, FieldShape>([
    ['apiVersion', fixed(group === '' ? version : `${group}/${version}`)],
    ['kind', fixed(kind)],
    [
      'metadata',
      lazyField(true, 1, () => metadataShape(namespaced, extent === 'schema' ? metadata?.shape : undefined)),
    ],
    ...[...own.fields].filter(([key]) => key !== 'metadata' && key !== 'apiVersion' && key !== 'kind'),
  ])
  return { ...own, fields }
}

const metadataFields = metadataRules['ObjectMeta']?.fields as Readonly<
  Record<'labels' | 'annotations', Shape>
>

const ownerFields: readonly (readonly [string, boolean, Shape])[] = [
  ['apiVersion', true, values('apps/v1')],
  ['kind', true, values('ReplicaSet', 'DaemonSet')],
  ['name', true, dnsLabel],
  ['uid', true, values('d9607e19-f88f-11e6-a518-42010a800195')],
  ['blockOwnerDeletion', false, boolean],
]

const owner: ObjectShape = {
  is: 'object',
  fields: new Map(ownerFields.map(([key, required, shape]) => [key, lazyField(required, 0.3, () => shape)])),
}

function metadataShape(namespaced: boolean, more: Shape | undefined): Shape {
  const field = (share: number, shape: Shape, required = false): FieldShape =>
    lazyField(required, share, () => shape)
  const finalizer = text(/^[a-z][a-z0-9.-]{0,60}\/[a-z][a-z0-9-]{0,60}$/, ['example.com/protect'])
  return {
    is: 'object',
    fields: new Map([
      ...(more?.is === 'object' ? more.fields : []),
      ['name', field(1, dnsLabel, true)],
      ...(namespaced ? [['namespace', field(0.4, namespaceName)] as const] : []),
      ['labels', field(0.4, metadataFields.labels)],
      ['annotations', field(0.2, metadataFields.annotations)],
      ['finalizers', field(0.03, listOf(finalizer, { apartBy: [''] }))],
      ['ownerReferences', field(0.03, listOf(owner, { most: 1 }))],
    ]),
  }
}
