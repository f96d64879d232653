import type { Inventory, Policy, Verdict } from '@gatewright/core'
import type { Expected } from '../cases.js'

/** A question that a test asked a policy, after the answer was as the test expects. */
export interface Asked {
  readonly policy: Policy
  /** The object, or an AdmissionReview around it. */
  readonly object: unknown
  readonly parameters: Readonly<Record<string, unknown>>
  readonly inventory: Inventory | undefined
  /** What was asserted: a part of the verdict, all of it, or nothing. */
  readonly asserted: Expected | 'all' | 'nothing'
  readonly verdict: Verdict
  /** A `match` left the object out, so that the policy was not asked. */
  readonly isLeftOut: boolean
}

type Listener = (asked: Asked) => void

const listeners = new Set<Listener>()

/** Tells all who listen of a question. */
export function tellAsked(asked: Asked): void {
  for (const listener of listeners) listener(asked)
}

/** Listens to the questions that are asked from now on. */
export function onAsked(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let quiet = 0

/** Whether what is asked now are changed policies, which no test is about. */
export const isQuiet = (): boolean => quiet > 0

/** Runs something that asks changed policies. */
export function quietly<T>(run: () => T): T {
  quiet++
  try {
    return run()
  } finally {
    quiet--
  }
}

/** Runs something, and listens to the questions that it asks. */
export function whileAsking(listener: Listener, run: () => void): void {
  const end = onAsked(listener)
  try {
    run()
  } finally {
    end()
  }
}
