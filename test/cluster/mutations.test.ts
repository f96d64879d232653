import { type Json, message, not, policy, type Policy, remove, set } from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import { mutationsOf } from '@gatewright/gatekeeper'
import { pods, workloads } from '@gatewright/kubernetes'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { Api } from './rig/api.js'

const api = new Api(inject('cluster'))
const namespace = 'sets'

const drop = policy({
  id: 'test/drop-all',
  title: 'Capabilities are dropped',
  severity: 'low',
  target: workloads,
  rule: ({ pod }) =>
    pod.containers
      .filter((c) => not(c.securityContext.capabilities.drop.includes('ALL')))
      .deny((c) => ({ message: message`${c.name}`, fix: set(c.securityContext.capabilities.drop, ['ALL']) })),
})
const add = policy({
  id: 'test/add-none',
  title: 'Capabilities are not added',
  severity: 'low',
  target: pods,
  rule: ({ object }) =>
    object.spec.containers.each((c) =>
      c.securityContext.capabilities.add
        .intersection(['SYS_ADMIN', 'NET_ADMIN'])
        .deny((each) => ({ message: message`${each}`, at: each, fix: remove(each) })),
    ),
})
const mutations = [drop, add].flatMap((each) => mutationsOf(each, { match: { namespaces: [namespace] } }))
const path = ({ metadata: { name } }: { readonly metadata: { readonly name: string } }): string =>
  `/apis/mutations.gatekeeper.sh/v1/modifyset/${name}`

beforeAll(async () => {
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  for (const each of mutations) await api.apply(path(each), each)
})
afterAll(async () => {
  for (const each of mutations) await api.send('DELETE', path(each))
  api.close()
})

const denies = (of: Policy, object: Json): boolean =>
  evaluator([of]).evaluateJson(object).judgements[0]?.verdict.verdict === 'denied'

interface Capabilities {
  readonly add?: readonly string[]
  readonly drop?: readonly string[]
}

const pod = (...all: readonly (Capabilities | undefined)[]): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'tried', namespace },
  spec: {
    containers: all.map((capabilities, i) => ({
      name: `c${i}`,
      image: 'a',
      ...(capabilities !== undefined && {
        securityContext: { capabilities: capabilities as unknown as Json },
      }),
    })),
  },
})

it('ModifySets make lists pass, and keep what else is in them', async () => {
  const asked = pod(
    undefined,
    { drop: ['CHOWN'], add: ['SYS_ADMIN', 'KILL'] },
    { drop: ['ALL'], add: ['NET_ADMIN'] },
  )
  expect(denies(drop, asked) && denies(add, asked)).toBe(true)
  await vi.waitFor(
    async () => {
      const made = (await api.ask(
        'POST',
        `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
        asked,
      )) as unknown as {
        readonly spec: {
          readonly containers: readonly {
            readonly securityContext: { readonly capabilities: Capabilities }
          }[]
        }
      }
      expect(denies(drop, made as unknown as Json) || denies(add, made as unknown as Json)).toBe(false)
      expect(made.spec.containers.map(({ securityContext: { capabilities } }) => capabilities)).toEqual([
        { drop: ['ALL'] },
        { drop: ['CHOWN', 'ALL'], add: ['KILL'] },
        { drop: ['ALL'] },
      ])
    },
    { timeout: 30_000, interval: 300 },
  )
})
