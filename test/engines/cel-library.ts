import type { Json } from '@gatewright/core'
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
