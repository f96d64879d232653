import type { CelExpressions } from '@gatewright/compiler'
import { isObject, type Json } from '@gatewright/core'
import { goProgram } from './go-program.js'

/** A policy and what it is asked, as `cel/main.go` takes them. */
export interface CelQuestion {
  readonly policy: object
  readonly requests: readonly CelRequest[]
}

export interface CelRequest {
  readonly object?: Json
  readonly oldObject?: Json
  readonly operation?: string
  readonly subResource?: string
  readonly params?: Json
  readonly budget?: number
}

export interface CelAnswer {
  readonly errors: readonly string[]
  readonly verdicts: readonly CelVerdict[]
}

export interface CelVerdict {
  readonly action: 'admit' | 'deny'
  readonly evaluation: 'admit' | 'deny' | 'error'
  readonly message: string
  readonly cost: number
  readonly messageCost: number
}

/** The oldest API server that policies are for is 1.30, which takes of a new policy what the one before it knew. */
const oldest = '1.29'

/** Builds what judges by CEL as the API server does, and gives what asks it. */
export function celLibrary(): (questions: readonly CelQuestion[]) => readonly CelAnswer[] {
  const ask = goProgram('cel')
  return (questions) =>
    ask(questions.map((each) => JSON.stringify({ ...each, version: oldest }))).map(
      (line) => JSON.parse(line) as CelAnswer,
    )
}

/** The spec of an admission policy around expressions. */
export const admissionSpec = (
  { variables, validation, message, fallback }: CelExpressions,
  hasParameters = false,
): object => ({
  failurePolicy: 'Fail',
  ...(hasParameters && { paramKind: { apiVersion: 'example.com/v1', kind: 'Parameters' } }),
  variables,
  validations: [{ expression: validation, message: fallback, messageExpression: message }],
})

/** What the API server would be asked for a question: an object, or an AdmissionReview. */
export function requestsOf(question: Json): readonly CelRequest[] {
  if (!isObject(question)) return []
  if (question['kind'] !== 'AdmissionReview') return [{ object: question }]
  const {
    object,
    oldObject,
    operation,
    subResource = '',
  } = question['request'] as Readonly<Record<string, Json>>
  return [
    {
      ...(object !== undefined && object !== null && { object }),
      ...(oldObject !== undefined && oldObject !== null && { oldObject }),
      operation: String(operation),
      subResource: String(subResource),
    },
  ]
}
