import { isObject, type Json } from '@gatewright/core'

/** A review that an API server asks for. */
export interface AdmissionReview {
  readonly uid: string
  readonly operation: string
  readonly isDryRun: boolean
  /** What is asked about, for logs: `apps/v1 Deployment shop/cart`. */
  readonly about: string
  /** What is said of the object and is not so, where that is the case: policies judge by what the object says that it is. */
  readonly mismatch?: string
}

const apiVersion = 'admission.k8s.io/v1'
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads what an API server posts. Gives what is wrong with anything else: it is answered by a status of HTTP, which fails the request
 * there, since there is no `uid` that an answer could be for.
 *
 * Source: `k8s.io/api/admission/v1`.
 */
export function readAdmissionReview(
  body: string | Uint8Array,
): { readonly review: AdmissionReview } | { readonly problem: string } {
  let value: Json
  try {
    value = JSON.parse(typeof body === 'string' ? body : decoder.decode(body)) as Json
  } catch {
    return { problem: 'the body is no JSON' }
  }
  if (!isObject(value) || value['kind'] !== 'AdmissionReview')
    return { problem: 'the body is no AdmissionReview' }
  if (value['apiVersion'] !== apiVersion)
    return {
      problem: `an AdmissionReview of \`${text(value['apiVersion'])}\` is not read; send ${apiVersion}`,
    }
  const request = value['request']
  if (!isObject(request)) return { problem: 'the AdmissionReview has no request' }
  const { uid, operation, dryRun } = request
  if (typeof uid !== 'string' || uid === '') return { problem: 'the request has no uid' }
  const mismatch = mismatchOf(request)
  return {
    review: {
      uid,
      operation: text(operation),
      isDryRun: dryRun === true,
      about: aboutOf(request),
      ...(mismatch !== undefined && { mismatch }),
    },
  }
}

function mismatchOf({ kind, object, oldObject }: Readonly<Record<string, Json>>): string | undefined {
  if (!isObject(kind)) return undefined
  const said = typeOf(kind)
  for (const each of [object, oldObject]) {
    if (!isObject(each) || typeof each['kind'] !== 'string') continue
    const found = `${text(each['apiVersion'])} ${each['kind']}`
    if (found !== said) return `the request is about \`${said}\`, and what is in it is \`${found}\``
  }
  return undefined
}

const typeOf = ({ group, version, kind }: Readonly<Record<string, Json>>): string =>
  `${[text(group), text(version)].filter((part) => part !== '').join('/')} ${text(kind)}`

function aboutOf({ kind, namespace, name, subResource }: Readonly<Record<string, Json>>): string {
  const place = [text(namespace), text(name)].filter((part) => part !== '').join('/')
  const within = text(subResource)
  return `${typeOf(isObject(kind) ? kind : {})}${within === '' ? '' : `/${within}`} ${place}`.trim()
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
