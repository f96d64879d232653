import { message, policy } from '@gatewright/core'
import { deployments } from '@gatewright/kubernetes'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { constraint } from './index.js'

const replicas = policy({
  id: 'team/replicas',
  title: 'Enough replicas',
  severity: 'low',
  target: deployments,
  parameters: z.object({ least: z.int(), kindly: z.boolean().default(true) }),
  rule: ({ object, parameters }) =>
    object.spec.replicas
      .lt(parameters.least)
      .ifMissing(true)
      .deny({ message: message`too few` }),
})
const parameters = { least: 1 }

it('what is misspelt does not compile, and does not pass without types either', () => {
  const wrong: readonly (() => unknown)[] = [
    // @ts-expect-error a required parameter is missing
    () => constraint(replicas, { name: 'a' }),
    // @ts-expect-error so it is here
    () => constraint(replicas, { name: 'a', parameters: { kindly: true } }),
    // @ts-expect-error a parameter of another type
    () => constraint(replicas, { name: 'a', parameters: { least: '1' } }),
    // @ts-expect-error a misspelt parameter
    () => constraint(replicas, { name: 'a', parameters: { least: 1, kindle: true } }),
    // @ts-expect-error a misspelt action
    () => constraint(replicas, { name: 'a', parameters, enforcementAction: 'dry-run' }),
    () =>
      constraint(replicas, {
        name: 'a',
        parameters,
        // @ts-expect-error a misspelt kind
        match: { kinds: [{ apiGroups: ['apps'], kinds: ['Deploymnet'] }] },
      }),
    () =>
      constraint(replicas, {
        name: 'a',
        parameters,
        // @ts-expect-error a misspelt group
        match: { kinds: [{ apiGroups: ['app'], kinds: ['Deployment'] }] },
      }),
    () =>
      constraint(replicas, {
        name: 'a',
        parameters,
        // @ts-expect-error a misspelt place
        scopedEnforcementActions: [{ action: 'deny', enforcementPoints: [{ name: 'webhook' }] }],
      }),
    // @ts-expect-error a misspelt scope
    () => constraint(replicas, { name: 'a', parameters, match: { scope: 'Namespace' } }),
  ]
  for (const each of wrong) expect(each).toThrow('constraint')
  expect(constraint(replicas, { name: 'a', parameters }).spec).toMatchObject({ parameters })
  expect(constraint(replicas.with(parameters), { name: 'a' }).spec).toMatchObject({ parameters })
})
