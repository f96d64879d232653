import { allOf, not, parseDecimal, type Policy, policy, target } from '@gatewright/core'
import { namespaces, workloads } from '@gatewright/kubernetes'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { inventory } from '../inventory.js'
import { pod } from '../objects.js'
import { conditionCoverage, suggestCases, suggestedTests } from './index.js'

const privileged: Policy = policy({
  id: 'shop/privileged-containers',
  title: 'Containers must not run privileged',
  severity: 'high',
  target: workloads,
  parameters: z.object({ exempt: z.array(z.string()).default([]) }),
  rule: ({ pod: { allContainers }, parameters }) =>
    allContainers
      .filter((c) => c.name.notIn(parameters.exempt))
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({ message: 'no', at: c.securityContext.privileged })),
})

it('finds the smallest objects, which show what was missing', () => {
  const { cases, notFound } = suggestCases(privileged, [])
  expect(notFound).toEqual([])
  const covered = conditionCoverage(
    privileged,
    cases.map(({ name, object, parameters }) => ({ name, object, parameters })),
  )
  expect(covered.score).toBe(1)
  const denied = cases.filter(({ verdict }) => verdict.verdict === 'denied')
  expect(JSON.stringify(denied[0]?.object).length).toBeLessThan(150)
  // the same each time
  expect(suggestCases(privileged, [])).toEqual(suggestCases(privileged, []))
})

it('suggests nothing where nothing is missing, and nothing for what is explained', () => {
  const { cases } = suggestCases(privileged, [])
  const suite = cases.map(({ object, parameters }) => ({ object, parameters }))
  expect(suggestCases(privileged, suite)).toMatchObject({ cases: [], notFound: [] })
  const { conditions } = conditionCoverage(privileged, [])
  const explained = Object.fromEntries(conditions.map(({ id }) => [id, 'a reason']))
  expect(suggestCases(privileged, [], { explained }).cases).toEqual([])
  expect(suggestedTests(privileged, suggestCases(privileged, suite))).not.toContain('testPolicy')
})

it('lists what it does not find', () => {
  const secret = '4b227777d4dd1fc61c6f884f48641d02'
  const hard: Policy = policy({
    id: 'test/hard',
    title: 'Hard',
    severity: 'low',
    target: target('sheet', z.object({ name: z.string() })),
    rule: ({ input }) =>
      allOf(input.name.matches('^[a-z]{40}$'), not(input.name.is(secret))).deny({ message: 'no' }),
  })
  const suggestions = suggestCases(hard, [], { budget: 200 })
  expect(suggestions.notFound.map(({ observation }) => observation)).toContain('decides-when-true')
  expect(suggestedTests(hard, suggestions)).toMatch(
    /^\/\/ no object found among 200: condition-\w+ \(suggest\.test\.ts:\d+:\d+\): input\.name\.matches.* decides by being true$/m,
  )
})

it('writes test code, with fixtures where they say the same', () => {
  const code = suggestedTests(privileged, suggestCases(privileged, []), {
    name: 'privileged',
    from: './privileged.js',
  })
  expect(code).toContain("import { container, pod } from 'gatewright/testing'")
  expect(code).toContain("import { privileged } from './privileged.js'")
  expect(code).toContain(
    'pod({ spec: { containers: [container({ securityContext: { privileged: true } })] } })',
  )
  expect(code).toContain("at: 'spec.containers[0].securityContext.privileged'")
  expect(code).toMatch(/^\/\/ Suggested by Gatewright [^]*review each of them/)
})

it('names the policy and its module itself where it is not told', () => {
  const code = suggestedTests(privileged, suggestCases(privileged, []))
  expect(code).toContain("import { privilegedContainers } from './suggest.test.js'")
})

it('writes the inventory that a verdict hangs on', () => {
  const known: Policy = policy({
    id: 'test/known',
    title: 'Namespaces must be known',
    severity: 'low',
    target: workloads,
    rule: ({ object, cluster: others }) =>
      not(
        others
          .list(namespaces)
          .some((each) => each.metadata.name.is('shop').and(object.metadata.name.is('app'))),
      ).deny({ message: 'no' }),
  })
  const suite = [
    {
      object: pod(),
      inventory: inventory([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }], {
        complete: true,
      }),
    },
  ]
  const code = suggestedTests(known, suggestCases(known, suite, { budget: 500 }))
  expect(code).toContain(
    "inventory: inventory([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }], {",
  )
})

const calledPod: Policy = policy({
  id: 'shop/pod',
  title: 'Pods have no host name',
  severity: 'low',
  target: workloads,
  rule: ({ pod: { hostname } }) => hostname.exists().deny({ message: 'no', at: hostname }),
})

it('calls a policy otherwise where its name is taken in the test', () => {
  const suggestions = suggestCases(calledPod, [])
  const text = suggestedTests(calledPod, suggestions)
  expect(text).toContain("import { pod } from 'gatewright/testing'")
  expect(text).toContain("import { pod as policyPod } from './suggest.test.js'\n\ntestPolicy(policyPod, {")
  expect(suggestedTests(calledPod, suggestions, { name: 'default' })).toContain(
    'import { default as policyDefault }',
  )
})

it('lists cases with numbers that TypeScript cannot write', () => {
  const { cases, ...rest } = suggestCases(calledPod, [])
  const number = parseDecimal('1.000000000000000000001') ?? null
  const object = { apiVersion: 'v1', kind: 'Pod', spec: { hostname: 'a', priority: number } }
  const text = suggestedTests(calledPod, { ...rest, cases: cases.map((each) => ({ ...each, object })) })
  expect(text).not.toContain('testPolicy')
  expect(text).toMatch(
    /^\/\/ cannot be written, since no literal of TypeScript is the number 10+1e-21: .*hostname/m,
  )
})
