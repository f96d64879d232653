import {
  type Cluster,
  cluster,
  type Expr,
  inputExpression,
  type Listable,
  type ObjectSchema,
  type Operation,
  type Schema,
  type Target,
  type TargetIr,
} from '@gatewright/core'
import { type AdmissionRequest, requestSchema } from './admission-request.js'
import { definition, schemaOf } from './schemas.js'

interface Alternative {
  readonly name: ResourceName
  /** The API server decodes it by the same schema. */
  readonly builtIn: boolean
  readonly schema: () => Schema
}

/** What resources were made of, for `or`. */
const made = new WeakMap<object, readonly Alternative[]>()

/** What a rule about a resource is given. */
export interface ObjectBindings<T> {
  /** The object that is judged. */
  readonly object: Expr<T>
  /** The request that brings it; offline, what is not known of it is missing. */
  readonly request: Expr<AdmissionRequest>
  /** The other objects that are known. */
  readonly cluster: Cluster
}

/** What a rule about some operations on a resource is given. A deletion has no object, and a creation no old one. */
export interface OperationBindings<T, O extends Operation> {
  readonly object: Expr<'DELETE' extends O ? T | undefined : T>
  readonly oldObject: Expr<[O] extends ['UPDATE' | 'DELETE'] ? T : T | undefined>
  readonly request: Expr<AdmissionRequest>
  readonly cluster: Cluster
}

/** A kind of object that a policy can be about, or look up with `cluster.list`. */
export interface Resource<T> extends Target<ObjectBindings<T>>, Listable<T> {
  /** The policy is about these operations only; by default about `CREATE` and `UPDATE`. It brings `oldObject`. */
  on<const O extends Operation>(...operations: readonly O[]): Target<OperationBindings<T, O>>
  /** This kind or another. */
  or<U>(other: Resource<U>): Resource<T | U>
}

/** What a resource is called in the API. */
export interface ResourceName {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

/** A built-in resource. Its schema is read when a policy first asks for it. */
export function resource<T>(name: ResourceName): Resource<T> {
  return makeResource([{ name, builtIn: true, schema: () => schemaOf(name) ?? { type: 'unknown' } }])
}

/**
 * A custom resource, by its `apiVersion` and kind. Without a schema its types are trusted and nothing of its shape is checked;
 * `gatewright types` writes both from the CRD.
 */
export function customResource<T>(
  apiVersion: string,
  kind: string,
  options: { readonly plural?: string; readonly namespaced?: boolean; readonly schema?: ObjectSchema } = {},
): Resource<T & KubernetesObject> {
  const slash = apiVersion.indexOf('/')
  const name: ResourceName = {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural: options.plural ?? `${kind.toLowerCase()}s`,
    namespaced: options.namespaced ?? true,
  }
  return makeResource([{ name, builtIn: false, schema: () => options.schema ?? customSchema() }])
}

/** What every object has. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: import('./generated/types.js').ObjectMeta
}

/** Any object of any kind. */
export const anyObject: Resource<KubernetesObject> = makeResource([
  {
    name: { group: '*', version: '*', kind: '*', plural: '*', namespaced: true },
    // of any object only what all have is read, and that is decoded for custom resources too
    builtIn: true,
    schema: () => objectSchema(),
  },
])

function objectSchema(): ObjectSchema {
  const metadata = definition('meta/v1/ObjectMeta') ?? { type: 'unknown' }
  return {
    type: 'object',
    name: 'KubernetesObject',
    fields: {
      apiVersion: { schema: { type: 'string' }, required: true },
      kind: { schema: { type: 'string' }, required: true },
      metadata: { schema: metadata },
    },
  }
}

/** Of a custom object without a schema only the metadata is known. */
const customSchema = (): Schema => ({ type: 'unknown' })

function makeResource<T>(alternatives: readonly Alternative[]): Resource<T> {
  const [first] = alternatives as readonly [Alternative]
  let known: Schema | undefined
  const schema = (): Schema => (known ??= merged(alternatives.map((each) => each.schema())))
  const ir = targetIr(alternatives)
  const target: Resource<T> = {
    ir,
    get schema() {
      return schema()
    },
    resource: { group: first.name.group, version: first.name.version, kind: first.name.kind },
    bind: () => ({
      object: inputExpression<T>('object', schema()),
      request: inputExpression<AdmissionRequest>('request', requestSchema, { vouched: false }),
      cluster,
    }),
    on: <const O extends Operation>(...operations: readonly O[]) =>
      onOperations<T, O>(ir, schema, operations),
    or: <U>(other: Resource<U>) => makeResource<T | U>([...alternatives, ...(made.get(other) ?? [])]),
  }
  made.set(target, alternatives)
  return target
}

function targetIr(alternatives: readonly Alternative[]): TargetIr {
  const names = alternatives.map(({ name }) => name)
  const kinds = names.map(({ group, kind }) => ({ group, kind }))
  return {
    name: names.map(({ kind }) => (kind === '*' ? 'any object' : kind)).join(' or '),
    kinds,
    ...(alternatives.every(({ builtIn }) => builtIn) ? { builtIn: true } : {}),
    inputs: { object: { root: 'object', path: [] }, request: { root: 'request', path: [] } },
  }
}

function onOperations<T, O extends Operation>(
  ir: TargetIr,
  schema: () => Schema,
  operations: readonly O[],
): Target<OperationBindings<T, O>> {
  const deletes = operations.includes('DELETE' as O)
  const hasOld = operations.every((each) => each === 'UPDATE' || each === 'DELETE')
  return {
    ir: { ...ir, operations, inputs: { ...ir.inputs, oldObject: { root: 'oldObject', path: [] } } },
    get schema() {
      return schema()
    },
    bind: () => ({
      object: inputExpression('object', schema(), deletes ? { presence: 'maybe' } : {}) as OperationBindings<
        T,
        O
      >['object'],
      oldObject: inputExpression(
        'oldObject',
        schema(),
        hasOld ? {} : { presence: 'maybe' },
      ) as OperationBindings<T, O>['oldObject'],
      request: inputExpression<AdmissionRequest>('request', requestSchema, { vouched: false }),
      cluster,
    }),
  }
}

/** One schema for several kinds: the fields that all have. */
function merged(schemas: readonly Schema[]): Schema {
  const [first] = schemas as readonly [Schema]
  if (schemas.length === 1) return first
  const objects = schemas.filter((schema): schema is ObjectSchema => schema.type === 'object')
  return objects.length < schemas.length ? { type: 'unknown' } : { type: 'union', variants: objects }
}
