import { type Json, message, policy, type Policy } from '@gatewright/core'
import { expansionTemplatesOf, isAboutPodsAlone, templateOf } from '@gatewright/gatekeeper'
import { deployments, podTemplatePaths, pods, workloads } from '@gatewright/kubernetes'
import { expect, it } from 'vitest'
import { constraintOf, tested } from './gator.js'

const hostNetwork = policy({
  id: 'test/host-network',
  title: 'No host network',
  severity: 'low',
  target: pods,
  rule: ({ object }) =>
    object.spec.hostNetwork
      .is(true)
      .deny({ message: message`${object.metadata.labels.get('app')} is in the network of its node` }),
})

const workload = (group: string, kind: string, path: readonly string[], isBad: boolean): Json => {
  const pod: Json = { metadata: { labels: { app: 'shop' } }, spec: { hostNetwork: isBad, containers: [] } }
  return {
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
    metadata: { name: `${kind.toLowerCase()}-${isBad ? 'bad' : 'good'}`, namespace: 'shop' },
    ...(path.reduceRight<Json>((inner, key) => ({ [key]: inner }), pod) as Readonly<Record<string, Json>>),
  }
}

it('what makes Pods is judged by the Pods that it would make', () => {
  const makers = podTemplatePaths.filter(({ group, path }) => path[0] === 'spec' && group !== 'extensions')
  expect(makers.length).toBeGreaterThanOrEqual(7)
  const results = tested([
    templateOf(hostNetwork) as unknown as Json,
    constraintOf(hostNetwork),
    ...(expansionTemplatesOf([hostNetwork]) as unknown as readonly Json[]),
    ...makers.flatMap(({ group, kind, path }) => [
      workload(group, kind, path, true),
      workload(group, kind, path, false),
    ]),
  ])
  expect(results.map(({ violatingObject }) => violatingObject.metadata.name).toSorted()).toEqual(
    makers.map(({ kind }) => `${kind.toLowerCase()}-bad`).toSorted(),
  )
  for (const { msg } of results)
    expect(msg).toMatch(/^\[Implied by gatewright-pods-by-\S+\] shop is in the network of its node$/)
})

it('there is something to expand only where a policy is about Pods alone', () => {
  const about = (target: typeof pods | typeof deployments): Policy =>
    policy({
      id: 'test/about',
      title: 'About',
      severity: 'low',
      target: target as typeof pods,
      rule: ({ object }) => object.metadata.name.is('x').deny({ message: message`x` }),
    })
  const all = policy({
    id: 'test/all',
    title: 'All',
    severity: 'low',
    target: workloads,
    rule: ({ object }) => object.metadata.name.is('x').deny({ message: message`x` }),
  })
  expect([about(pods), about(deployments), all].map(isAboutPodsAlone)).toEqual([true, false, false])
  expect(expansionTemplatesOf([all, about(deployments)])).toEqual([])
})
