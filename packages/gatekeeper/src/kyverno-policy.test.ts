import { message, policy } from '@gatewright/core'
import { deployments, pods } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { admissionPolicyOf, kyvernoPolicyOf } from './index.js'

const about = { id: 'team/host-network', title: 'No host network', severity: 'low' } as const
const hostNetwork = policy({
  ...about,
  target: pods,
  rule: ({ object }) =>
    object.spec.hostNetwork.is(true).deny({ message: message`no`, at: object.spec.hostNetwork }),
})

describe('a policy of Kyverno', () => {
  it('has the expressions, the resources and the selectors of the admission policy, and nothing that Kyverno rewrites', () => {
    const options = { action: 'Audit', match: { namespaces: ['shop'], scope: 'Namespaced' } } as const
    const { policy: made } = kyvernoPolicyOf(hostNetwork, options)
    const { policy: native } = admissionPolicyOf(hostNetwork, options)
    expect(made).toMatchObject({
      apiVersion: 'policies.kyverno.io/v1',
      kind: 'ValidatingPolicy',
      metadata: { name: 'gatewright-team-host-network' },
      spec: {
        failurePolicy: 'Fail',
        validationActions: ['Audit'],
        autogen: { podControllers: { controllers: [] }, validatingAdmissionPolicy: { enabled: false } },
        evaluation: { mode: 'Kubernetes', background: { enabled: true } },
        matchConstraints: {
          resourceRules: [{ resources: ['pods', 'pods/ephemeralcontainers'] }],
          namespaceSelector: {
            matchExpressions: [
              { operator: 'In', values: ['shop'] },
              { operator: 'NotIn', values: ['kube-system', 'kyverno'] },
            ],
          },
        },
      },
    })
    for (const key of ['variables', 'validations', 'matchConditions'])
      expect(made.spec[key]).toEqual(native.spec[key])
  })

  it('is not asked of stored objects where it is about changes alone, or about who asks', () => {
    const changes = policy({
      ...about,
      target: deployments.on('UPDATE'),
      rule: ({ object, oldObject }) =>
        object.spec.replicas
          .lt(oldObject.spec.replicas)
          .ifMissing(false)
          .deny({ message: message`no` }),
    })
    const asker = policy({
      ...about,
      target: deployments,
      rule: ({ request }) => request.userInfo.username.is('x').deny({ message: message`no` }),
    })
    for (const each of [changes, asker])
      expect(kyvernoPolicyOf(each).policy.spec).toMatchObject({
        evaluation: { background: { enabled: false } },
      })
  })
})
