import * as kubernetes from '@gatewright/kubernetes'
import { message, policy } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { unknownFields } from '@gatewright/kubernetes'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { merged } from './given.js'
import {
  container,
  cronJob,
  daemonSet,
  deployment,
  job,
  malformed,
  networkPolicy,
  object,
  pod,
  replicaSet,
  service,
  statefulSet,
} from './objects.js'

it('makes a readable minimal object', () => {
  expect(deployment()).toMatchInlineSnapshot(`
    {
      "apiVersion": "apps/v1",
      "kind": "Deployment",
      "metadata": {
        "name": "app",
      },
      "spec": {
        "selector": {
          "matchLabels": {
            "app": "app",
          },
        },
        "template": {
          "metadata": {
            "labels": {
              "app": "app",
            },
          },
          "spec": {
            "containers": [
              {
                "image": "registry.example.com/app:1.0.0",
                "name": "app",
              },
            ],
          },
        },
      },
    }
  `)
})

it('merges maps, replaces lists, and takes away what is undefined', () => {
  const made = pod({
    metadata: { labels: { tier: 'web' } },
    spec: { hostPID: true, containers: [container({ image: undefined })] },
  })
  expect(made).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', labels: { tier: 'web' } },
    spec: { containers: [{ name: 'app' }], hostPID: true },
  })
  expect(Object.keys(pod({ metadata: undefined }))).toEqual(['apiVersion', 'kind', 'spec'])
  expect(Object.keys(pod({ spec: { securityContext: { runAsUser: undefined } } }).spec ?? {})).toContain(
    'securityContext',
  )
})

it('changes nothing that it was given, and shares nothing between objects', () => {
  const given = { metadata: { labels: { a: '1' } } }
  const made = pod(given)
  expect(given).toEqual({ metadata: { labels: { a: '1' } } })
  expect(made.metadata).not.toBe(given.metadata)
  expect(pod().spec).not.toBe(pod().spec)
})

it('keeps a key that is called as the prototype', () => {
  const made = merged({}, JSON.parse('{"__proto__":{"x":1}}')) as object
  expect(JSON.stringify(made)).toBe('{"__proto__":{"x":1}}')
})

const isResource = (value: unknown): value is kubernetes.Resource<unknown> =>
  typeof value === 'object' && value !== null && 'resource' in value && 'on' in value

const resources = Object.entries<unknown>(kubernetes).flatMap(([name, value]) =>
  name !== 'anyObject' && isResource(value) ? [[name, value] as const] : [],
)

describe('an object of every built-in kind', () => {
  it('finds the kinds', () => expect(resources.length).toBeGreaterThan(60))

  it.each(resources)('%s has no unknown field and fits what a policy reads', (_, of) => {
    const made = object(of) as never
    expect(unknownFields(made)).toEqual([])
    const about = policy({
      id: 'test/any',
      title: 'test',
      severity: 'low',
      target: of as kubernetes.Resource<kubernetes.KubernetesObject>,
      rule: (input) => {
        const { metadata } = input.object
        return metadata.name.is('none').deny({ message: message`none`, at: metadata.name })
      },
    })
    expect(evaluate([about], made).judgements[0]?.verdict.verdict).toBe('allowed')
  })
})

it('makes pods that workload policies look at, whatever wraps them', () => {
  const about = policy({
    id: 'test/pods',
    title: 'test',
    severity: 'low',
    target: kubernetes.workloads,
    rule: ({ pod: its }) =>
      its.allContainers.deny((c) => ({ message: message`container ${c.name}`, at: c.name })),
  })
  for (const made of [pod(), deployment(), statefulSet(), daemonSet(), replicaSet(), job(), cronJob()]) {
    expect(evaluate([about], made).judgements[0]?.verdict.violations, made.kind).toHaveLength(1)
  }
  expect(evaluate([about], service()).judgements[0]?.verdict.verdict).toBe('not-applicable')
})

describe('types', () => {
  it('gives what the builders are called after', () => {
    expectTypeOf(pod()).toEqualTypeOf<kubernetes.Pod>()
    expectTypeOf(object(kubernetes.secrets)).toEqualTypeOf<kubernetes.Secret>()
  })

  it('has no misspelt field and no wrong value', () => {
    // @ts-expect-error misspelt
    pod({ spec: { hostPid: true } })
    // @ts-expect-error not a boolean
    pod({ spec: { hostPID: 'yes' } })
    // @ts-expect-error misspelt in a list
    pod({ spec: { containers: [{ name: 'app', imgae: 'x' }] } })
    // @ts-expect-error a container has a name
    pod({ spec: { containers: [{ image: 'x' }] } })
    // @ts-expect-error misspelt in a builder of parts
    container({ securityContext: { priviledged: true } })
    // @ts-expect-error none of the policy types
    networkPolicy({ spec: { policyTypes: ['ingress'] } })
    // @ts-expect-error misspelt in a kind that is named
    object(kubernetes.secrets, { stringdata: {} })
  })

  it('knows a custom resource', () => {
    interface Widget {
      readonly spec: { readonly size: number; readonly colour?: string }
    }
    const widgets = kubernetes.customResource<Widget>('example.com/v1', 'Widget')
    expect(object(widgets, { spec: { size: 3 } })).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'app' },
      spec: { size: 3 },
    })
    // @ts-expect-error misspelt in a custom resource
    object(widgets, { spec: { colour: 'red', sise: 3 } })
  })
})

it('makes what no type allows where that is said', () => {
  expect(malformed(pod(), { spec: { hostPID: 'yes' } })).toMatchObject({ spec: { hostPID: 'yes' } })
})

it('makes no object of any kind', () => {
  expect(() => object(kubernetes.anyObject)).toThrow('which `anyObject` does not name')
})
