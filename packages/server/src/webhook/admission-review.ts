import { isObject, type Json } from '@gatewright/core'

/** A review that an API server asks for. */
export interface AdmissionReview {
  readonly uid: string
  readonly operation: string
  readonly isDryRun: boolean
  /** What is asked about, for logs: `apps/v1 Deployment shop/cart`. */
  readonly about: string
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
  return {
    review: { uid, operation: text(operation), isDryRun: dryRun === true, about: aboutOf(request) },
  }
}

function aboutOf({ kind, namespace, name, subResource }: Readonly<Record<string, Json>>): string {
  const { group, version, kind: named } = isObject(kind) ? kind : {}
  const place = [text(namespace), text(name)].filter((part) => part !== '').join('/')
  const type = [text(group), text(version)].filter((part) => part !== '').join('/')
  const within = text(subResource)
  return `${type} ${text(named)}${within === '' ? '' : `/${within}`} ${place}`.trim()
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
