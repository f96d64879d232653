import type { Verdict } from '@gatewright/core'
import type { ArbitraryMode } from '../arbitrary/arbitrary.js'
import type { Question } from '../search/questions.js'
import type { Subject } from './subject.js'

/** What must hold for any policy, by name. */
export type PropertyName =
  | 'never-throws'
  | 'decides'
  | 'engines-agree'
  | 'repeatable'
  | 'container-order'
  | 'more-containers'
  | 'init-containers'
  | 'ephemeral-containers'
  | 'container-over-pod'
  | 'workloads'
  | 'lists'
  | 'updates'
  | 'deletion'
  | 'finalizer-removal'
  | 'terminating'
  | 'unread-metadata'
  | 'unread-labels'
  | 'unknown-fields'
  | 'nulls'
  | 'quantities'
  | 'look-alikes'
  | 'climbing-paths'
  | 'parameter-schema'
  | 'parameter-texts'
  | 'exemptions'
  | 'inventory'
  | 'fixes'
  | 'places'
  | 'messages'

/** What a policy said of a question. */
export interface Answered {
  readonly question: Question
  readonly verdict: Verdict
}

/** How a property was seen not to hold. */
export interface Break {
  /** What is wrong, in a sentence about this very question. */
  readonly because: string
  /** What was asked first, and what the policy said. */
  readonly first: Answered
  /** What it was changed to, and what the policy said then; absent where one question shows it. */
  readonly then?: Answered
}

/** What one question says of a property: nothing, that it holds here, or that it is broken. */
export type Trial = undefined | 'holds' | Break

/** Something that has to hold for any policy. */
export interface Property {
  readonly name: PropertyName
  /** What holds, as a statement. */
  readonly says: string
  /** What an author does where it is broken. */
  readonly advice: string
  /** The questions that it is put to; valid ones by default. */
  readonly modes?: readonly ArbitraryMode[]
  /** What the questions are that show something: `denied objects`. */
  readonly shownBy: string
  /** After how many questions that showed something there is no need of more; without it all are tried. */
  readonly enough?: number
  /** Why it says nothing of a policy; undefined where it does. */
  readonly unfit?: (subject: Subject) => string | undefined
  readonly tried: (question: Question, subject: Subject) => Trial
}

export const isBreak = (trial: Trial): trial is Break => typeof trial === 'object'
