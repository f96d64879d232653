import type { Judged, ProviderAnswer, ProviderJudge } from './provider-judge.js'

/** The most that is taken in one request. */
export interface ProviderLimits {
  /** Keys; 100 by default. A template of gatewright asks one. */
  readonly keys?: number
}

/** What Gatekeeper is answered. */
export interface ProviderResponse {
  readonly apiVersion: typeof apiVersion
  readonly kind: 'ProviderResponse'
  readonly response: {
    readonly idempotent: true
    readonly items: readonly ProviderItem[]
    readonly systemError: string
  }
}

/** The answer to a key: a value, or an error. */
export type ProviderItem =
  | { readonly key: string; readonly value: Pick<Judged, 'verdict' | 'violations'> }
  | { readonly key: string; readonly error: string }

const apiVersion = 'externaldata.gatekeeper.sh/v1beta1'

/**
 * Answers a request of Gatekeeper, each of its keys for itself, in their order. What cannot be read as a request is answered by a
 * `systemError` alone.
 *
 * Source: the provider API of Gatekeeper, `externaldata.gatekeeper.sh/v1beta1`.
 */
export function answerProvider(
  body: string,
  judge: ProviderJudge,
  { keys: most = 100 }: ProviderLimits = {},
  told: (answer: ProviderAnswer) => void = () => {},
): ProviderResponse {
  const keys = keysOf(body, most)
  if (typeof keys === 'string') return providerFailure(keys)
  return responseOf(
    keys.map((key): ProviderItem => {
      const answer = judged(judge, key)
      told(answer)
      return 'problem' in answer
        ? { key, error: answer.problem }
        : { key, value: { verdict: answer.verdict, violations: answer.violations } }
    }),
    '',
  )
}

/** One key that breaks the judge is an error of its own, and the others are judged. */
function judged(judge: ProviderJudge, key: string): ProviderAnswer {
  try {
    return judge(key)
  } catch (error) {
    return { problem: `it could not be judged: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function keysOf(body: string, most: number): readonly string[] | string {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return 'the request is no JSON'
  }
  const { apiVersion: version, kind, request } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (version !== apiVersion || kind !== 'ProviderRequest')
    return `the request is no ProviderRequest of ${apiVersion}`
  const keys = ((request ?? {}) as { readonly keys?: unknown }).keys
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every((key) => typeof key === 'string'))
    return 'the request has no keys'
  return keys.length > most ? `the request has ${keys.length} keys, and ${most} are taken at once` : keys
}

/** The answer where no key could be answered. */
export const providerFailure = (why: string): ProviderResponse => responseOf([], why)

const responseOf = (items: readonly ProviderItem[], systemError: string): ProviderResponse => ({
  apiVersion,
  kind: 'ProviderResponse',
  response: { idempotent: true, items, systemError },
})
