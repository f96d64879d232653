import type { Policy } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { type FileUrl, pathOf } from './files.js'
import type { Context } from './judging.js'
import { type DenyOptions, denies, fixesTo, hasVerdict, isEquivalent, type Result } from './matchers.js'
import { recordVariable } from './recording/variable.js'
import type { CheckPolicyOptions } from './properties/options.js'
import { propertyTests } from './properties/property-tests.js'
import { type PolicyTests, testsOf } from './test-policy.js'
import type { ForeignTest } from './suites/foreign-test.js'
import { type GatorOptions, gatorTests } from './suites/gator-suite.js'
import { type RegoOptions, regoTests } from './suites/rego-suite.js'
import { isVerdict, verdictText } from './verdict-text.js'

// from here they have the matchers in their types, even where a project has a second copy of vitest
export { describe, expect, it, test } from 'vitest'
export type { Context } from './judging.js'
export type { ExpectedViolation } from './expected-violation.js'
export type { DenyOptions } from './matchers.js'
export type { CheckPolicyOptions } from './properties/options.js'
export type { PropertyName } from './properties/property.js'
export type { FileUrl } from './files.js'
export type { GatorOptions } from './suites/gator-suite.js'
export type { RegoOptions } from './suites/rego-suite.js'
export type { Case, Cases, DenyCase, PolicyTests } from './test-policy.js'

/** The parameters of what stands in `expect`. */
export type ParametersIn<T> = T extends Policy<infer P> ? P : never

/** What `expect(policy)` can say; objects may be AdmissionReviews. There is no `.not`: each verdict has its own matcher. */
export interface PolicyMatchers<T> {
  /** The verdict is `allowed`, and no other that only is no denial. */
  toAllow(object: object, context?: Context<ParametersIn<T>>): void
  /** The verdict is `denied`, and a violation is as expected. */
  toDeny(object: object, options?: DenyOptions<ParametersIn<T>>): void
  /** The object does not fit its schema where the policy reads it. */
  toBeInvalid(object: object, context?: Context<ParametersIn<T>>): void
  /** The answer hangs on something that is not known. */
  toBeUndetermined(object: object, context?: Context<ParametersIn<T>>): void
  /** The match, the target or the policy's `when` leaves the object out. */
  toBeNotApplicable(object: object, context?: Context<ParametersIn<T>>): void
  /** The fixes of all violations make the expected object of this one, and their violations are gone from it. */
  toFixTo(object: object, expected: object, context?: Context<ParametersIn<T>>): void
  /** Another policy gives the same verdicts on the objects, with violations that differ in the policy's id alone. */
  toBeEquivalentTo(other: Policy, objects: Iterable<object>, context?: Context<ParametersIn<T>>): void
}

declare module 'vitest' {
  // the type parameter has to be written as vitest writes it
  // oxlint-disable-next-line typescript/no-explicit-any
  interface Matchers<T = any> extends PolicyMatchers<T> {}
}

/** A matcher that cannot be turned round: "not allowed" would be four verdicts, and one of them a mistake of the test. */
function matcher<A extends readonly unknown[]>(
  name: string,
  match: (policy: unknown, ...given: A) => Result,
): (this: { readonly isNot?: boolean }, policy: unknown, ...given: A) => Result {
  return function (policy, ...given) {
    if (this.isNot === true) {
      throw new TypeError(
        `.not.${name}() would pass for several verdicts: write the one that is meant, toAllow(), toDeny(), toBeInvalid() …`,
      )
    }
    return match(policy, ...given)
  }
}

type Given = readonly [object: object, context?: object]

expect.extend({
  toAllow: matcher('toAllow', (policy, ...[object, context]: Given) =>
    hasVerdict(policy, object, 'allowed', context),
  ),
  toDeny: matcher('toDeny', (policy, ...[object, options]: Given) => denies(policy, object, options)),
  toBeInvalid: matcher('toBeInvalid', (policy, ...[object, context]: Given) =>
    hasVerdict(policy, object, 'invalid', context),
  ),
  toBeUndetermined: matcher('toBeUndetermined', (policy, ...[object, context]: Given) =>
    hasVerdict(policy, object, 'undetermined', context),
  ),
  toBeNotApplicable: matcher('toBeNotApplicable', (policy, ...[object, context]: Given) =>
    hasVerdict(policy, object, 'not-applicable', context),
  ),
  toFixTo: matcher('toFixTo', fixesTo),
  toBeEquivalentTo: matcher('toBeEquivalentTo', isEquivalent),
})

// what is off is not loaded
if (typeof process !== 'undefined' && (process.env[recordVariable] ?? '') !== '') {
  const { recordQuestions } = await import('./recording/record.js')
  recordQuestions(() => expect.getState().currentTestName)
}

expect.addSnapshotSerializer({
  test: isVerdict,
  serialize: (verdict, _config, indentation) =>
    verdictText(verdict as Parameters<typeof verdictText>[0]).replaceAll('\n', `\n${indentation}`),
})

/** Registers a test for each case of a table, below the policy's id. */
export function testPolicy<P>(policy: Policy<P>, table: PolicyTests<P>): void {
  register(policy, testsOf(policy, table))
}

/**
 * Registers a test for each property that has to hold for any policy, below the policy's id: that init containers are not
 * forgotten, that fixes mend, that engines agree … Those that do not apply are skipped with the reason. Throws for exceptions that
 * are no properties or have no reason.
 */
export function testProperties(policy: Policy, options: CheckPolicyOptions = {}): void {
  describe(policy.id, () => {
    for (const { name, skipped, run } of propertyTests(policy, options)) {
      if (skipped !== undefined) {
        it.skip(`${name} (does not apply: ${skipped})`, () => {})
        continue
      }
      it(name, async ({ skip }) => {
        const found = await run()
        if (found === undefined) return
        if ('untested' in found) skip(found.untested)
        else expect.fail(found.failed)
      })
    }
  })
}

/**
 * Registers the tests of a suite for `gator verify`, below the policy's id: its cases are put to the policy, with the parameters and
 * the match of their constraints. A relative path starts at the folder of the file that calls. Throws for a suite that cannot be read.
 */
export function testGatorSuite(policy: Policy, file: string | FileUrl, options?: GatorOptions): void {
  register(policy, gatorTests(policy, pathOf(file, 1), options))
}

/**
 * Registers the tests of Rego files, below the policy's id: OPA runs them, which has to be there, and the rule that they ask answers
 * with the policy's violations. The files are the tests and what they import. Throws where OPA refuses them.
 */
export function testRego(
  policy: Policy,
  files: string | FileUrl | readonly (string | FileUrl)[],
  options?: RegoOptions,
): void {
  const paths = (Array.isArray(files) ? files : [files]).map((file: string | FileUrl) => pathOf(file, 1))
  register(policy, regoTests(policy, paths, options))
}

function register(policy: Policy, tests: readonly ForeignTest[]): void {
  describe(policy.id, () => {
    for (const { name, skipped, run } of tests) {
      if (skipped !== undefined) {
        it.skip(`${name} (${skipped})`, () => {})
        continue
      }
      it(name, () => {
        const { pass, message } = run()
        if (!pass) expect.fail(message())
      })
    }
  })
}
