import type { Result } from '../matchers.js'

/** A test that was written for another engine, ready to be run on a policy. */
export interface ForeignTest {
  readonly name: string
  /** Why it is not run, where its suite says so. */
  readonly skipped?: string
  readonly run: () => Result
}

export const passed: Result = { pass: true, message: () => 'it holds' }
export const failed = (message: string): Result => ({ pass: false, message: () => message })
