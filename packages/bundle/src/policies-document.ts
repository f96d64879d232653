import {
  canonicalText,
  decodeIr,
  encodeIr,
  isObject,
  type Json,
  type Policy,
  policyOfIr,
} from '@gatewright/core'
import type { Bundle } from './bundle.js'
import { BundleError } from './bundle-error.js'
import { parsed } from './manifest.js'
import type { BundledPolicy } from './policy-bundle.js'
import { textOf } from './signature.js'

/** The file of a bundle that has its policies in it. */
export const policiesPath = 'policies.json'

const format = 'gatewright.policies/1'

/** A policy that was in a bundle: its parameters are worked out, and it takes no others. */
export interface PolicyOfBundle {
  readonly policy: Policy
  /** What is done about violations. */
  readonly action: string
}

/** What a bundle of policies has in it. */
export interface PoliciesOfBundle {
  readonly policies: readonly PolicyOfBundle[]
  /** Which objects are judged. */
  readonly match?: Json
}

/** Policies as a document: the same text for the same policies. */
export function policiesText(policies: readonly BundledPolicy[], match: Json | undefined): string {
  return `${canonicalText({
    format,
    policies: policies.map(({ ir, parameters = {}, action = 'deny' }) => ({
      action,
      ir: encodeIr(ir),
      parameters,
    })),
    ...(match !== undefined && { match }),
  })}\n`
}

/**
 * Reads the policies of a bundle. Throws a `BundleError` where it has none, and for all of them where one is not sound: what is left would
 * judge less than was meant.
 */
export function readPolicies({ files }: Pick<Bundle, 'files'>): PoliciesOfBundle {
  const bytes = files.get(policiesPath)
  if (bytes === undefined)
    throw new BundleError(
      'it has no policies that the shared evaluator judges with: build it with --form policies',
      policiesPath,
    )
  const { format: written, policies, match } = parsed(textOf(bytes, policiesPath), policiesPath)
  if (written !== format)
    throw new BundleError(
      `the format \`${String(written)}\` is not read; it has to be \`${format}\``,
      policiesPath,
    )
  if (!Array.isArray(policies)) throw new BundleError('it has no list of policies', policiesPath)
  const read = (policies as readonly Json[]).map(policyIn)
  const ids = read.map(({ policy }) => policy.id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw new BundleError(`policy \`${twice}\` stands there twice`, policiesPath)
  return { policies: read, ...(match !== undefined && { match }) }
}

function policyIn(entry: Json, i: number): PolicyOfBundle {
  const { action, ir, parameters } = isObject(entry) ? entry : {}
  if (typeof action !== 'string' || !isObject(parameters))
    throw new BundleError(`policy ${i + 1} has no action or no parameters`, policiesPath)
  const decoded = decodeIr(ir)
  if ('problem' in decoded)
    throw new BundleError(`policy ${i + 1} is not sound: ${decoded.problem}`, policiesPath)
  return { policy: policyOfIr(decoded.policy, parameters), action }
}
