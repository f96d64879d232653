import type { Reason } from '@gatewright/core'
import { actionOf, type Evaluation, type Judgement } from '@gatewright/evaluator'
import type { PoliciesInForce } from './policies-in-force.js'

/** What an API server is answered. Source: `k8s.io/api/admission/v1`, `AdmissionResponse`. */
export interface AdmissionResponse {
  readonly uid: string
  readonly allowed: boolean
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string }
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
  readonly patchType?: 'JSONPatch'
  /** A JSON Patch in base64. */
  readonly patch?: string
}

/** What is done about a policy's verdict. */
export type Effect = 'allow' | 'deny' | 'warn' | 'dryrun'

/** What a verdict comes to under an action. Only what is allowed, or not asked, is passed over. */
export function effectOf(
  { policy, verdict }: Judgement,
  { actions }: Pick<PoliciesInForce, 'actions'>,
): Effect {
  const action = actionOf(actions, policy.id)
  switch (verdict.verdict) {
    case 'allowed':
    case 'not-applicable':
      return 'allow'
    case 'denied':
    case 'invalid':
    case 'error':
      return action
    case 'undetermined':
      return action === 'deny' && !policy.ir.undeterminedDenies ? 'warn' : action
  }
}

/** The longest message of a denial, in characters: a person has to read it. */
const longestMessage = 4096
/** What an API server takes of warnings: each 256 characters, and 4,096 in all. */
const longestWarning = 256
const allWarnings = 4096

/** The answer to a review: what is denied, what is warned of, and for the audit log what became of it under which policy. */
export function admissionResponse(
  uid: string,
  evaluation: Evaluation,
  inForce: Pick<PoliciesInForce, 'actions' | 'revision'>,
): AdmissionResponse {
  const told: Record<Exclude<Effect, 'allow'>, Judgement[]> = { deny: [], warn: [], dryrun: [] }
  for (const judgement of evaluation.judgements) {
    const effect = effectOf(judgement, inForce)
    if (effect !== 'allow') told[effect].push(judgement)
  }
  const denied = told.deny
  const warnings = cutWarnings([
    ...told.warn.flatMap(linesOf),
    ...evaluation.notes.map(({ message }) => plain(message)),
  ])
  const annotations = Object.fromEntries(
    (
      [
        ['denied', denied],
        ['warned', told.warn],
        ['dry-run', told.dryrun],
      ] as const
    )
      .filter(([, judgements]) => judgements.length > 0)
      .map(([key, judgements]) => [key, judgements.map(shortly).join(' ')]),
  )
  return {
    uid,
    allowed: denied.length === 0,
    ...(denied.length > 0 && {
      status: { code: 403, reason: 'Forbidden', message: cut(denied.flatMap(linesOf)) },
    }),
    ...(warnings.length > 0 && { warnings }),
    auditAnnotations: { ...annotations, revision: inForce.revision },
  }
}

/** The answer where nothing could be judged: refused, with why. */
export const refusal = (uid: string, code: number, reason: string, message: string): AdmissionResponse => ({
  uid,
  allowed: false,
  status: { code, reason, message: plain(message) },
})

const shortly = ({ policy, verdict }: Judgement): string =>
  verdict.verdict === 'denied' ? policy.id : `${policy.id}(${verdict.verdict})`

/** A line for each violation, and for each reason of a verdict that is no plain one. */
function linesOf({ policy, verdict }: Judgement): readonly string[] {
  const reasons = verdict.verdict === 'denied' ? [] : verdict.reasons
  const lines = [
    ...verdict.violations.map(({ message }) => `${policy.id}: ${plain(message)}`),
    ...reasons.map((reason) => `${policy.id}: ${said(verdict.verdict, reason)}`),
  ]
  return lines.length > 0 ? lines : [`${policy.id}: ${verdict.verdict}`]
}

function said(verdict: string, { message, at }: Reason): string {
  const place = at === undefined || at.length === 0 ? '' : ` (${at.join('.')})`
  return plain(`${verdict}: ${message}${place}`)
}

/** A text in one line: API servers drop warnings with control characters, and terminals obey them. */
const plain = (text: string): string =>
  hasControl.test(text) ? text.replaceAll(/\p{Cc}/gu, '\u{FFFD}') : text

const hasControl = /\p{Cc}/u

function cut(lines: readonly string[]): string {
  const whole = lines.join('\n')
  // units of UTF-16 are at least as many as characters
  if (whole.length < longestMessage) return whole
  const kept: string[] = []
  let length = 0
  for (const line of lines) {
    length += [...line].length + 1
    if (length > longestMessage) break
    kept.push(line)
  }
  const left = lines.length - kept.length
  if (kept.length === 0 && lines[0] !== undefined) return `${start(lines[0], longestMessage)} …`
  return left === 0 ? kept.join('\n') : [...kept, `… and ${left} more`].join('\n')
}

function cutWarnings(lines: readonly string[]): readonly string[] {
  const short = lines.map((line) =>
    [...line].length > longestWarning ? `${start(line, longestWarning - 2)} …` : line,
  )
  const kept: string[] = []
  // room for the line that says how many there are more
  let left = allWarnings - 40
  for (const line of short) {
    left -= [...line].length
    if (left < 0) break
    kept.push(line)
  }
  return kept.length === short.length ? kept : [...kept, `… and ${short.length - kept.length} more warnings`]
}

const start = (text: string, length: number): string => [...text].slice(0, length).join('')
