import { type Json, message, policy, readParameters } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { customResource, namespaces, networkPolicies, pods, workloads } from '@gatewright/kubernetes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Question } from '../search/questions.js'
import { questions } from './questions.js'

const registries = policy({
  id: 'test/registries',
  title: 'Images come from known registries',
  severity: 'low',
  target: workloads,
  parameters: z.object({ registries: z.array(z.string().min(3)).min(1), limit: z.int().min(1).default(3) }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter((c) => parameters.registries.some((each) => c.image.startsWith(each).ifMissing(true)).not())
      .deny((c) => ({ message: message`${c.name}` })),
})

const drawn = (of: fc.Arbitrary<Question>, numRuns = 500): readonly Question[] =>
  fc.sample(of, { numRuns, seed: 1 })

interface Request {
  readonly operation: string
  readonly object?: Json
  readonly oldObject?: Json
  readonly subResource?: string
  readonly userInfo: { readonly username: string }
}
const requestOf = ({ object }: Question): Request | undefined =>
  (object as { readonly request?: Request }).request

const verdictOf = (
  of: Parameters<typeof questions>[0],
  { object, parameters, inventory }: Question,
): string => {
  const { judgements } = evaluate([of], object, {
    parameters: { [of.id]: parameters },
    ...(inventory === undefined ? {} : { inventory }),
  })
  return judgements[0]?.verdict.verdict ?? 'none'
}

it('asks with parameters that the schema takes, and is drawn to them', () => {
  const all = drawn(questions(registries))
  for (const { parameters } of all)
    expect(readParameters(registries, parameters)).toHaveProperty('parameters')
  const verdicts = new Set(all.map((each) => verdictOf(registries, each)))
  expect([...verdicts].toSorted()).toEqual(['allowed', 'denied'])
})

it('asks about the operations of the target, with the objects that each has', () => {
  const watched = policy({
    id: 'test/watched',
    title: 'Nobody takes pods away',
    severity: 'low',
    target: pods.on('UPDATE', 'DELETE'),
    rule: ({ oldObject, request }) =>
      request.userInfo.username.is('mallory').and(oldObject.metadata.name.exists()).deny({ message: 'no' }),
  })
  const requests = drawn(questions(watched)).map((each) => requestOf(each))
  expect(new Set(requests.map((each) => each?.operation))).toEqual(new Set(['UPDATE', 'DELETE']))
  for (const request of requests) {
    expect(request?.oldObject).toBeDefined()
    expect(request?.object === undefined).toBe(request?.operation === 'DELETE')
  }
  expect(requests.map((each) => each?.userInfo.username)).toContain('mallory')
})

it('brings ephemeral containers the way that they come to a pod', () => {
  const requests = drawn(questions(registries), 800).map((each) => requestOf(each))
  const found = requests.filter((each) =>
    JSON.stringify(each?.object ?? null).includes('"ephemeralContainers"'),
  )
  expect(found.length).toBeGreaterThan(5)
  for (const each of found)
    expect(each).toMatchObject({ operation: 'UPDATE', subResource: 'ephemeralcontainers' })
})

it('has the other objects that the policy looks up', () => {
  const isolated = policy({
    id: 'test/isolated',
    title: 'Namespaces are isolated',
    severity: 'low',
    target: namespaces,
    rule: ({ object, cluster }) =>
      cluster
        .list(networkPolicies)
        .some((each) => each.metadata.namespace.is(object.metadata.name).ifMissing(false))
        .not()
        .deny({ message: 'no network policy' }),
  })
  const all = drawn(questions(isolated))
  const lists = all.map(({ inventory }) =>
    inventory?.list({ group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' }),
  )
  expect(new Set(lists.map((each) => each?.complete))).toEqual(new Set([true, false]))
  expect(lists.some((each) => (each?.items.length ?? 0) > 1)).toBe(true)
  expect(new Set(all.map((each) => verdictOf(isolated, each))).has('denied')).toBe(true)
})

it('makes custom kinds of what is read of them, or of the resource that is given', () => {
  const schema = {
    type: 'object',
    fields: {
      spec: {
        required: true,
        schema: {
          type: 'object',
          fields: { size: { required: true, schema: { type: 'number', integer: true } } },
        },
      },
    },
  } as const
  const widgets = customResource<{ readonly spec: { readonly size: number } }>('example.com/v1', 'Widget', {
    schema,
  })
  const small = policy({
    id: 'test/small',
    title: 'Widgets are small',
    severity: 'low',
    target: widgets,
    rule: ({ object }) => object.spec.size.gt(41).deny({ message: 'too large' }),
  })
  for (const of of [questions(small), questions(small, { kind: widgets })]) {
    const verdicts = new Set(drawn(of).map((each) => verdictOf(small, each)))
    expect([...verdicts]).toEqual(expect.arrayContaining(['allowed', 'denied']))
  }
})

it('hostile questions never throw', () => {
  fc.assert(
    fc.property(questions(registries, { mode: 'hostile' }), (question) => {
      expect(verdictOf(registries, question)).not.toBe('none')
    }),
    { numRuns: 500 },
  )
})

it('shrinks to the object alone where that is all that matters', () => {
  const { counterexample } = fc.check(
    fc.property(questions(registries), (question) => verdictOf(registries, question) !== 'denied'),
    { seed: 1 },
  )
  const [question] = counterexample ?? []
  if (question === undefined) throw new Error('no policy denies everything')
  const { object, parameters } = question
  expect(Object.keys(parameters)).toEqual(['registries'])
  const { object: inner = object } = requestOf(question) ?? {}
  expect(JSON.stringify(inner).length).toBeLessThan(300)
})
