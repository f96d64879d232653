import { cloneJson, type Json, kindOf, type Operation, type Reason, type Review } from '@gatewright/core'

/** A review out of one of the shapes that objects come in, with what the shape brings along. */
export interface Normalized {
  readonly review: Review
  readonly namespace?: string
  readonly namespaceObject?: Json
}

const reviewVersions: readonly string[] = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']
const operations: readonly string[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/**
 * Reads an input in any shape that policies are asked about: a bare object, an AdmissionReview with a request, or Gatekeeper's
 * `{ review }`. Gives the review, or why it is none: a text, a list, a `List` of objects, an AdmissionReview without a request,
 * a version that is not v1. Parameters that stand in the input are not taken: an object must not be able to choose its own (law 11).
 */
export function normalize(input: unknown): Normalized | { readonly problem: Reason } {
  const cloned = cloneJson(input)
  if ('problem' in cloned) {
    return bad(`the input is no JSON object: ${cloned.problem.message}`)
  }
  return normalizeJson(cloned.value)
}

/** As `normalize`, of a value that is JSON already, such as one that a reader of manifests made. */
export function normalizeJson(value: Json): Normalized | { readonly problem: Reason } {
  if (!isRecord(value)) {
    return bad(`the input is ${shapeName(value)}, not an object`)
  }
  if (value['kind'] === 'AdmissionReview') {
    // v1beta1 has the same request; reviews written by hand for tests often have no version at all
    const version = value['apiVersion']
    if (version !== undefined && !reviewVersions.includes(String(version))) {
      return bad(`an AdmissionReview of \`${String(version)}\` is not read; send admission.k8s.io/v1`)
    }
    return isRecord(value['request'])
      ? fromRequest(value['request'])
      : bad('the AdmissionReview has no request')
  }
  const wrapped =
    value['kind'] === undefined && value['apiVersion'] === undefined && isRecord(value['review'])
  if (wrapped) return fromRequest(value['review'] as Record)
  if (kindOf(value) !== undefined && Array.isArray(value['items'])) {
    return bad('the input is a list of objects, which policies judge one by one: give each of its items')
  }
  return { review: { object: value, operation: 'CREATE', request: creation } }
}

/** What is known of the request where nobody asks: offline an object is to be made. */
const creation: Record = Object.freeze({ operation: 'CREATE' })

type Record = Readonly<globalThis.Record<string, Json>>

function fromRequest(request: Record): Normalized | { readonly problem: Reason } {
  // Gatekeeper's audit asks about objects that are there, with an operation that is empty
  const operation = request['operation'] === '' ? undefined : request['operation']
  if (operation !== undefined && !operations.includes(String(operation))) {
    return bad(`\`${String(operation)}\` is no operation`)
  }
  const { object, oldObject } = operation === 'DELETE' ? deleted(request) : request
  const hasObject = isRecord(object)
  const hasOld = isRecord(oldObject)
  if (!hasObject && !hasOld && operation !== 'CONNECT')
    return bad('the request has neither an object nor an old object')
  if (!hasObject && operation !== 'DELETE' && operation !== 'CONNECT') {
    return bad(`the request has no object, and \`${String(operation ?? 'CREATE')}\` needs one`)
  }
  const namespace = request['namespace']
  const namespaceObject = request['_unstable']
  const fields = ['name', 'namespace', 'subResource', 'dryRun', 'userInfo'].flatMap((key) =>
    request[key] === undefined || request[key] === null ? [] : [[key, request[key]] as const],
  )
  const review: Review = {
    ...(hasObject ? { object: object } : {}),
    ...(hasOld ? { oldObject } : {}),
    operation:
      (operation as Operation | undefined) ?? (hasObject ? (hasOld ? 'UPDATE' : 'CREATE') : 'DELETE'),
    request: Object.fromEntries(fields),
  }
  return {
    review,
    ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
    ...(isRecord(namespaceObject) && namespaceObject['namespace'] !== undefined
      ? { namespaceObject: namespaceObject['namespace'] }
      : {}),
  }
}

/** Gatekeeper gives the object that goes as the object too, which after the request will not be there. */
const deleted = ({ object, oldObject }: Record): Record => ({
  oldObject: isRecord(oldObject) ? oldObject : (object ?? null),
})

const isRecord = (value: Json | undefined): value is Record =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype

function shapeName(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}

function bad(message: string): { readonly problem: Reason } {
  return { problem: { code: 'bad-input', message } }
}
