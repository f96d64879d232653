import type { Policy } from '@gatewright/core'
import { properties } from './all.js'
import type { PolicyChecking } from './check-policy.js'
import { type CheckPolicyOptions, refuseUnknown } from './options.js'
import { propertyText } from './report.js'
import { Subject } from './subject.js'

/** A property as a test. */
export interface PropertyTest {
  readonly name: string
  /** Why it says nothing of the policy. */
  readonly skipped?: string
  /** What is told where it fails or was never put to the test; nothing where it passes. */
  readonly run: () => Promise<{ readonly failed: string } | { readonly untested: string } | undefined>
}

/** The properties of a policy as tests. Questions are made when the first of them runs. */
export function propertyTests(policy: Policy, options: CheckPolicyOptions): readonly PropertyTest[] {
  refuseUnknown(policy, options)
  const subject = new Subject(policy, { exemptions: options.exemptions })
  let checking: Promise<PolicyChecking> | undefined
  // what makes objects at random is large, and is loaded where it is needed
  const made = (): Promise<PolicyChecking> =>
    (checking ??= import('./check-policy.js').then((of) => new of.PolicyChecking(policy, options)))
  return properties.map((property): PropertyTest => {
    const reason = options.except?.[property.name]
    const unfit = reason === undefined ? property.unfit?.(subject) : undefined
    const name = `${property.name}: ${property.says}`
    return {
      name: reason === undefined ? name : `${name} (does not hold, as declared: ${reason})`,
      ...(unfit === undefined ? {} : { skipped: unfit }),
      run: async () => {
        const result = (await made()).result(property)
        if (result.outcome === 'held')
          return result.shown === 0 ? { untested: `never put to the test: no ${result.shownBy}` } : undefined
        return result.outcome === 'does not apply' ? undefined : { failed: propertyText(result) }
      },
    }
  })
}
