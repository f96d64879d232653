import { isObject, type Json } from '@gatewright/core'
import { readText } from '@gatewright/evaluator'

/** What a template asks: whether a policy with some parameters has anything against a review. */
export interface ProviderKey {
  readonly policy: string
  readonly parameters: Readonly<Record<string, Json>>
  /** The policy that the template was made of, as a digest; Gatekeeper keeps answers by key, so that another policy is another key. */
  readonly digest: string
  /** Whether an API server asked, which has decoded the object by its own schemas then. */
  readonly isAdmitted: boolean
  /** `{ review }` as JSON, with every digit. */
  readonly review: string
}

/**
 * Reads a key as the templates of `@gatewright/gatekeeper` write it: a line of JSON with what the review is judged by, and a line with the
 * review. Gives what is wrong with any other.
 */
export function readProviderKey(key: string): ProviderKey | { readonly problem: string } {
  const end = key.indexOf('\n')
  if (end < 0) return { problem: 'the key is not two lines, as a template of gatewright writes it' }
  const head = readText(key.slice(0, end))
  if ('problem' in head || !isObject(head.value)) return { problem: 'the first line of the key is no object' }
  const { format, policy, parameters, digest, admitted } = head.value
  if (format !== 1)
    return {
      problem: 'the key is of another version of gatewright than this provider: build the template again',
    }
  if (typeof policy !== 'string' || typeof digest !== 'string' || typeof admitted !== 'boolean')
    return { problem: 'the first line of the key lacks `policy`, `digest` or `admitted`' }
  if (!isObject(parameters)) return { problem: 'the parameters of the key are no map' }
  return { policy, parameters, digest, isAdmitted: admitted, review: key.slice(end + 1) }
}
