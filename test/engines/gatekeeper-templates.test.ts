import { emitRego } from '@gatewright/compiler'
import { check, type Json, type Policy, policiesOf } from '@gatewright/core'
import { constraint, constraintKind, gatekeeperFiles, templateOf } from '@gatewright/gatekeeper'
import { podSecurity } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import * as trial from '../language/trial-policies.js'
import { tested } from './gator.js'

it('try', () => {
  const policies = policiesOf([podSecurity])
  const documents = policies.flatMap((policy) => [
    templateOf(policy),
    ...(policy.id.includes('flex')?[]:[constraint(policy, { name: 'all' })]),
  ])
  expect(tested(documents as never)).toEqual([])
  for (const p of Object.values(trial)) {
    if (typeof p !== 'object' || !('ir' in p)) continue
    try { templateOf(p as never) ; console.log('ok', (p as Policy).id)} catch (e) { console.log((p as Policy).id, (e as Error).message) }
  }
})
