import type { Policy } from '@gatewright/core'
import { podSecurity } from '@gatewright/pod-security'
import type { CheckPolicyOptions } from '../../packages/testing/src/index.js'
import { testProperties } from '../../packages/testing/src/vitest.js'

type Exceptions = NonNullable<CheckPolicyOptions['except']>

/** The pack takes the place of Gatekeeper's library and of Pod Security admission, and judges what these judge. */
const ofAll: Exceptions = {
  'finalizer-removal':
    "as in Gatekeeper's library, the workloads that were there before a policy are judged when they leave, too",
}

const more: Readonly<Record<string, Exceptions>> = {}

// each policy as the pack has it
for (const policy of podSecurity.policies as readonly Policy[])
  testProperties(policy, { except: { ...ofAll, ...more[policy.id] } })
