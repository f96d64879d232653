import type { Json } from '@gatewright/core'
import {
  configMaps,
  cronJobs,
  daemonSets,
  deployments,
  findResource,
  ingresses,
  jobs,
  namespaces,
  networkPolicies,
  pods,
  replicaSets,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  services,
  type ServedResource,
  statefulSets,
  workloads,
} from '@gatewright/kubernetes'
import { arbitrary, type ArbitraryKind, questions } from 'gatewright/testing'
import { podSecurity } from '@gatewright/pod-security'
import { type Arbitrary, sample } from 'fast-check'
import { beforeAll, expect, inject, it } from 'vitest'
import { kubernetesVersion } from '../binaries.js'
import { inParallel } from './in-parallel.js'
import { Api, apiPath } from './rig/api.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 1000)
const api = new Api(inject('cluster'))

const kinds: Readonly<Record<string, ArbitraryKind>> = {
  Pod: pods,
  Deployment: deployments,
  StatefulSet: statefulSets,
  DaemonSet: daemonSets,
  ReplicaSet: replicaSets,
  Job: jobs,
  CronJob: cronJobs,
  Service: services,
  ConfigMap: configMaps,
  NetworkPolicy: networkPolicies,
  Namespace: namespaces,
  Secret: secrets,
  Ingress: ingresses,
  ServiceAccount: serviceAccounts,
  Role: roles,
  RoleBinding: roleBindings,
}

interface Named {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: { readonly namespace?: string } | null
}

// the namespaces that objects are drawn into
beforeAll(async () => {
  for (const name of ['shop', 'team-a'])
    await api.apply(`/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
})

/** What the API server refuses, by why. */
async function refusals(objects: readonly unknown[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const refused = new Map<string, string[]>()
  await inParallel(8, objects as readonly Named[], async (object) => {
    const [group = '', version] = object.apiVersion.includes('/')
      ? object.apiVersion.split('/')
      : ['', object.apiVersion]
    const of = findResource({ group, version: version ?? '', kind: object.kind }) as ServedResource
    const named = object.metadata?.namespace
    const namespace = typeof named === 'string' && named !== '' ? encodeURIComponent(named) : 'default'
    const { status, text } = await api.send(
      'POST',
      `${apiPath(of, of.namespaced ? namespace : undefined)}?dryRun=All&fieldValidation=Strict`,
      object,
    )
    if (status < 300) return
    const { message = text } = JSON.parse(text) as { readonly message?: string }
    const why = message.replace(/^\S+ "[^"]*" is invalid: /, '').replaceAll(/\d+/g, '0')
    refused.set(why, [...(refused.get(why) ?? []), `${message}\n${JSON.stringify(object)}`])
  })
  return refused
}

async function expectAccepted(name: string, objects: readonly unknown[]): Promise<void> {
  const refused = await refusals(objects)
  const count = [...refused.values()].reduce((sum, each) => sum + each.length, 0)
  const commonest = [...refused].toSorted(([, a], [, b]) => b.length - a.length).slice(0, 10)
  console.log(`${name}: ${objects.length - count} of ${objects.length} accepted (seed ${seed})`)
  for (const [, [first = '', ...others]] of commonest) console.log(`${others.length + 1} × ${first}`)
  expect(count / objects.length).toBeLessThanOrEqual(0.01)
}

/** As many objects as asked, drawn as a long run draws them: fast-check makes the first ones small. */
const drawn = <T>(from: Arbitrary<T>, numRuns: number): readonly T[] => sample(from, { numRuns, seed })

it.each(Object.entries(kinds))('valid objects of %s are accepted', async (name, kind) => {
  await expectAccepted(name, drawn(arbitrary(kind, { kubernetesVersion }), runs))
})

it('valid workloads that are drawn towards the pod-security pack are accepted', async () => {
  const policy = podSecurity.policies
  const objects = drawn(arbitrary(workloads, { kubernetesVersion, policy, size: 'large' }), runs)
  await expectAccepted('workloads', objects)
})

it('the objects of valid questions to the pod-security pack are accepted', async () => {
  const each = Math.ceil(runs / podSecurity.policies.length)
  const objects = podSecurity.policies.flatMap((policy) =>
    drawn(questions(policy, { kubernetesVersion }), each).flatMap(({ object }): readonly Json[] => {
      const { request } = object as {
        readonly request?: { readonly operation: string; readonly object?: Json }
      }
      if (request === undefined) return [object]
      return request.operation === 'CREATE' && request.object !== undefined ? [request.object] : []
    }),
  )
  await expectAccepted('questions', objects)
})

/** What the mistakes are of which the server has nothing to say: it drops a null, and takes a number for a quantity. */
it('most objects that are nearly valid are refused', async () => {
  const objects = drawn(arbitrary(pods, { kubernetesVersion, mode: 'nearly-valid' }), runs)
  const refused = [...(await refusals(objects)).values()].flat().length
  console.log(`nearly valid: ${refused} of ${objects.length} refused`)
  expect(refused / objects.length).toBeGreaterThan(0.6)
})
