import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageSteps } from '@gatewright/compiler'
import type { Json } from '@gatewright/core'
import type { Evaluator } from '@gatewright/evaluator'
import { memberTexts } from './json-spans.js'
import { storedFiles } from './line-store.js'

/** A decision that OPA made and reported. */
export interface Decision {
  readonly id: string
  /** What was asked: `gatewright/pod_security/privileged/decision`. */
  readonly path: string
  /** The JSON text of the input, with every digit; undefined where there was none. */
  readonly input: string | undefined
  readonly result: Json | undefined
  readonly timestamp: string
  /** The revision of each bundle that OPA had. */
  readonly revisions: Readonly<Record<string, string>>
  /** Whether OPA left something of it out or masked it, so that it cannot be judged again. */
  readonly isMasked: boolean
}

/** A line that is no decision: the last one of a file, where a server was killed as it wrote. */
export interface DamagedLine {
  readonly file: string
  readonly line: number
}

/** Reads the decisions that a server keeps in a folder, in the order in which they came. Throws where the folder cannot be read. */
export async function* readDecisions(
  folder: string,
): AsyncGenerator<{ readonly decision: Decision } | { readonly damaged: DamagedLine }> {
  for (const file of await storedFiles(folder, 'decisions')) {
    let line = 0
    for await (const text of createInterface({
      input: createReadStream(join(folder, file)),
      crlfDelay: Infinity,
    })) {
      line++
      const decision = decisionIn(text)
      yield decision === undefined ? { damaged: { file, line } } : { decision }
    }
  }
}

function decisionIn(text: string): Decision | undefined {
  let event: {
    readonly decision_id?: unknown
    readonly path?: unknown
    readonly result?: Json
    readonly timestamp?: unknown
    readonly bundles?: Readonly<Record<string, { readonly revision?: string }>>
    readonly erased?: readonly unknown[]
    readonly masked?: readonly unknown[]
  }
  try {
    event = JSON.parse(text) as typeof event
  } catch {
    return undefined
  }
  if (typeof event !== 'object' || event === null) return undefined
  const { decision_id: id, path = '', timestamp = '', bundles = {}, erased = [], masked = [] } = event
  if (typeof id !== 'string') return undefined
  return {
    id,
    path: String(path),
    input: memberTexts(text).get('input'),
    result: event.result,
    timestamp: String(timestamp),
    revisions: Object.fromEntries(
      Object.entries(bundles).map(([name, { revision = '' }]) => [name, revision] as const),
    ),
    isMasked: erased.length > 0 || masked.length > 0,
  }
}

/** What a decision comes to when it is judged again; or why it is not. */
export type Rejudged =
  | {
      readonly policy: string
      readonly before: string
      readonly now: string
      /** Whether verdict and number of violations are what they were. */
      readonly isSame: boolean
    }
  | { readonly reason: string }

/** Judges the input of a decision again, by the policy that it was asked of. */
export function rejudge(decision: Decision, evaluator: Evaluator): Rejudged {
  const asked = evaluator.policies.find(
    ({ id }) => decision.path === ['gatewright', ...(packageSteps(id) ?? []), 'decision'].join('/'),
  )
  if (asked === undefined) return { reason: `\`${decision.path}\` is the decision of none of the policies` }
  if (decision.isMasked) return { reason: 'a part of it was masked' }
  if (decision.input === undefined) return { reason: 'it has no input' }
  const { verdict: before, violations } = (decision.result ?? {}) as {
    readonly verdict?: unknown
    readonly violations?: unknown
  }
  if (typeof before !== 'string' || !Array.isArray(violations)) return { reason: 'it has no verdict' }
  const { judgements, problem } = evaluator.evaluateText(decision.input)
  const now = judgements.find(({ policy }) => policy.id === asked.id)?.verdict
  if (now === undefined) return { reason: problem?.message ?? 'it was not judged' }
  return {
    policy: asked.id,
    before,
    now: now.verdict,
    isSame: before === now.verdict && violations.length === now.violations.length,
  }
}
