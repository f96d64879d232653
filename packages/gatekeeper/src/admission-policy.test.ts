import { cluster, message, policy, type Policy, target } from '@gatewright/core'
import { anyObject, deployments, namespaces, networkPolicies, workloads } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { admissionPolicyOf, type AdmissionPolicyOptions } from './admission-policy.js'
import { validatingConfiguration } from './installation/webhook-configuration.js'

const about = { id: 'team/tty', title: 'No terminals', severity: 'low' } as const
const tty = policy({
  ...about,
  target: workloads,
  parameters: z.object({ allowed: z.array(z.string()).default([]) }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter((c) => c.name.notIn(parameters.allowed))
      .filter((c) => c.tty.is(true))
      .deny((c) => ({ message: message`container ${c.name} has a terminal`, at: c.tty })),
})

const names = policy({
  ...about,
  target: namespaces,
  rule: ({ object }) => object.metadata.name.is('x').deny({ message: message`x` }),
})

interface Spec {
  readonly failurePolicy: string
  readonly matchConstraints: {
    readonly resourceRules: readonly {
      readonly apiGroups: readonly string[]
      readonly resources: readonly string[]
    }[]
  }
}

describe('an admission policy', () => {
  it('fails closed, lists what it judges, and is bound outside of kube-system', () => {
    const made = admissionPolicyOf(tty)
    const spec = made.policy.spec as unknown as Spec
    expect(made.policy.metadata.name).toBe('gatewright-team-tty')
    expect(spec.failurePolicy).toBe('Fail')
    const resources = spec.matchConstraints.resourceRules.flatMap((each) => each.resources)
    expect(resources).toEqual(expect.arrayContaining(['pods', 'pods/ephemeralcontainers', 'cronjobs']))
    expect(resources.some((each) => each.includes('*'))).toBe(false)
    expect(made.binding.spec).toEqual({
      policyName: 'gatewright-team-tty',
      validationActions: ['Deny'],
      matchResources: {
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] },
          ],
        },
      },
    })
  })

  it('is narrowed by a match that it can carry, and has its parameters in it', () => {
    const made = admissionPolicyOf(tty, {
      name: 'terminals',
      action: 'Warn',
      parameters: { allowed: ['debug'] },
      excludeNamespaces: ['b'],
      match: { kinds: [{ apiGroups: ['apps'] }], namespaces: ['a', 'b'], excludedNamespaces: ['c'] },
    })
    const { matchConstraints } = made.policy.spec as unknown as Spec
    expect(matchConstraints.resourceRules.map(({ apiGroups }) => apiGroups)).toEqual([['apps']])
    expect(JSON.stringify(made.policy.spec)).toContain('debug')
    expect(JSON.stringify(made.binding.spec)).toContain('"operator":"In","values":["a","b"]')
    expect(JSON.stringify(made.binding.spec)).toContain('"operator":"NotIn","values":["b","c"]')
    expect(made.binding.spec['validationActions']).toEqual(['Warn'])
  })

  it('is asked of the versions that its policy is about, and of no others by way of them', () => {
    const kinds = [{ group: 'autoscaling', kind: 'HorizontalPodAutoscaler', versions: ['v2'] }]
    const one = policy({
      ...about,
      target: { ...deployments, ir: { ...deployments.ir, kinds } },
      rule: ({ object }) => object.metadata.name.is('x').deny({ message: 'x' }),
    })
    const { matchConstraints } = admissionPolicyOf(one).policy.spec as unknown as Spec & {
      readonly matchConstraints: { readonly matchPolicy: string }
    }
    expect(matchConstraints).toMatchObject({
      matchPolicy: 'Exact',
      resourceRules: [{ apiGroups: ['autoscaling'], apiVersions: ['v2'] }],
    })
  })

  it('says by conditions what selectors would not mean alike', () => {
    const { policy: manifest, binding } = admissionPolicyOf(tty, {
      match: {
        namespaces: ['team-*'],
        excludedNamespaces: ['kube-*'],
        scope: 'Namespaced',
        labelSelector: { matchLabels: { 'a/b': 'say "x"' } },
      },
    })
    expect(manifest.spec['matchConditions']).toEqual([
      {
        name: 'namespaces',
        expression:
          'request.?namespace.orValue("") == "" || request.?namespace.orValue("").startsWith("team-")',
      },
      {
        name: 'excluded-namespaces',
        expression:
          'request.?namespace.orValue("") == "" || !(request.?namespace.orValue("").startsWith("kube-"))',
      },
      { name: 'scope', expression: expect.stringContaining('request.kind.kind == "Namespace"') },
      {
        name: 'object',
        expression:
          '[object, oldObject].exists(o, o.?metadata.hasValue() && o.metadata.?labels[?"a/b"].optMap(v, v in [dyn("say \\"x\\"")]).orValue(false))',
      },
    ])
    expect(JSON.stringify(binding.spec['matchResources'])).toContain('"NotIn","values":["kube-system"]')
  })

  it.each<readonly [AdmissionPolicyOptions & { readonly of?: Policy }, RegExp]>([
    [
      { match: { labelSelector: { matchLabels: 7 } } },
      /`labelSelector` of the match of `team\/tty` cannot be read/,
    ],
    [{ match: { source: 'Generated' } }, /has `source`, and/],
    [{ match: { kinds: [{ kinds: ['Secret'] }] } }, /no API server serves a kind/],
    [{ match: { namespaceSelector: {} }, of: names }, /of a Namespace that changes the API server asks/],
    [{ parameters: { allowed: 7 } }, /the parameters of `team\/tty`/],
    [{ name: 'Not A Name' }, /is no name of an object/],
  ])('refuses %j', ({ of = tty, ...options }, said) => {
    expect(() => admissionPolicyOf(of, options)).toThrow(said)
  })

  it('lets no Namespace out of a selector of namespaces by a change, and neither does a webhook', () => {
    const match = { namespaceSelector: { matchLabels: { env: 'live' } } }
    expect(() => validatingConfiguration({ policies: [names], match })).toThrow('of a Namespace that changes')
    expect(validatingConfiguration({ policies: [tty], match })).toMatchObject({
      kind: 'ValidatingWebhookConfiguration',
    })
  })

  it('refuses kinds that it would not know, and what CEL cannot say', () => {
    const any = policy({
      ...about,
      target: anyObject,
      rule: ({ object }) => object.metadata.name.is('x').deny({ message: 'x' }),
    })
    expect(() => admissionPolicyOf(any)).toThrow()
    const document = policy({
      ...about,
      target: target('document', z.object({ name: z.string() })),
      rule: ({ input }) => input.name.is('x').deny({ message: 'x' }),
    })
    expect(() => admissionPolicyOf(document)).toThrow('cannot be said in CEL')
    const looking = policy({
      ...about,
      target: deployments,
      rule: ({ object }) =>
        cluster
          .list(networkPolicies)
          .inNamespaceOf(object)
          .isEmpty()
          .deny({ message: message`no network policy`, at: object.metadata.namespace }),
    })
    expect(() => admissionPolicyOf(looking)).toThrow('an admission policy sees no other objects')
  })
})
