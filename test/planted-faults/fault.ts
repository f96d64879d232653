import type { Policy } from '@gatewright/core'

/** A policy as somebody could have written it, with a hole, and what it should have been. */
export interface PlantedFault {
  readonly name: string
  /** What is wrong, in a sentence. */
  readonly is: string
  readonly good: Policy
  readonly bad: Policy
}
