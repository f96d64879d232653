import { cloneJson, type Json, kindOf, type Operation } from '@gatewright/core'
import { findResource, objectNamespace, type UserInfo } from '@gatewright/kubernetes'
import { merged } from './given.js'

/** What may be given of an AdmissionReview. */
export interface ReviewDescription {
  /** By default what the objects say: both are an update, an old one alone is a deletion, a new one alone a creation. */
  readonly operation?: Operation
  readonly object?: object
  readonly oldObject?: object
  /** Who asks; by default `tester`, of the group `system:authenticated`. */
  readonly userInfo?: UserInfo
  /** By default the object's. */
  readonly namespace?: string
  readonly subResource?: string
  readonly dryRun?: boolean
}

/** An AdmissionReview as an API server sends it. */
export interface AdmissionReview {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly request: {
    readonly uid: string
    readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
    readonly resource?: { readonly group: string; readonly version: string; readonly resource: string }
    readonly subResource?: string
    readonly name?: string
    readonly namespace?: string
    readonly operation: Operation
    readonly userInfo: UserInfo
    readonly object?: Json
    readonly oldObject?: Json
    readonly dryRun: boolean
  }
}

/**
 * An AdmissionReview as an API server would send it. Throws a `TypeError` for what none sends: a creation with an old object, an
 * update without one, a deletion with a new one, an object without `apiVersion` and `kind`.
 */
export function review(given: ReviewDescription): AdmissionReview {
  const object = given.object === undefined ? undefined : jsonOf(given.object, 'the object')
  const oldObject = given.oldObject === undefined ? undefined : jsonOf(given.oldObject, 'the old object')
  const operation = given.operation ?? operationOf(object, oldObject)
  refuseContradiction(operation, object !== undefined, oldObject !== undefined)
  const about = object ?? oldObject
  const kind = kindOf(about)
  if (about === undefined || kind === undefined) {
    throw new TypeError('review() needs an object with `apiVersion` and `kind`')
  }
  const plural = findResource({ group: kind.group, kind: kind.kind })?.plural
  const { metadata } = about as { readonly metadata?: { readonly name?: Json } }
  const inNamespace = given.namespace ?? objectNamespace(about)
  const user: UserInfo = { username: 'tester', groups: ['system:authenticated'] }
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '00000000-0000-0000-0000-000000000001',
      kind,
      ...(plural !== undefined && {
        resource: { group: kind.group, version: kind.version, resource: plural },
      }),
      ...(given.subResource !== undefined && { subResource: given.subResource }),
      ...(typeof metadata?.name === 'string' && { name: metadata.name }),
      ...(inNamespace !== undefined && { namespace: inNamespace }),
      operation,
      userInfo: merged(user, given.userInfo) as UserInfo,
      ...(object !== undefined && { object }),
      ...(oldObject !== undefined && { oldObject }),
      dryRun: given.dryRun ?? false,
    },
  }
}

function operationOf(object: Json | undefined, oldObject: Json | undefined): Operation {
  if (object === undefined) return 'DELETE'
  return oldObject === undefined ? 'CREATE' : 'UPDATE'
}

/** A review that no API server sends would test what never happens. */
function refuseContradiction(operation: Operation, hasObject: boolean, hasOld: boolean): void {
  const wrong: Readonly<Record<Operation, string | undefined>> = {
    CREATE: hasOld ? 'a creation has no `oldObject`' : hasObject ? undefined : 'a creation needs an `object`',
    UPDATE: hasObject && hasOld ? undefined : 'an update needs an `object` and an `oldObject`',
    DELETE: hasObject
      ? 'a deletion has no `object`: give what goes as `oldObject`'
      : hasOld
        ? undefined
        : 'a deletion needs an `oldObject`',
    CONNECT: hasOld ? 'a connection has no `oldObject`' : undefined,
  }
  if (wrong[operation] !== undefined) throw new TypeError(`review(): ${wrong[operation]}`)
}

/** A value as JSON; what is none is told by what it is called. */
export function jsonOf(value: unknown, called: string): Json {
  const cloned = cloneJson(value)
  if ('problem' in cloned) throw new TypeError(`${called} is no JSON: ${cloned.problem.message}`)
  return cloned.value
}
