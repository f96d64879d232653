import { type Json, policy, type Policy, readParameters } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import {
  constraint,
  constraintKind,
  type Manifest,
  mutationsOf,
  templateOf,
  templatesOf,
} from '@gatewright/gatekeeper'
import { pods } from '@gatewright/kubernetes'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { variantsOf } from './bad-parameters.js'
import { everyParameter } from './every-parameter.js'
import { inParallel } from './in-parallel.js'
import { packCases, packPod } from './pod-security-cases.js'
import { type Answer, Api } from './rig/api.js'

const api = new Api(inject('cluster'))
const namespace = 'templates'
/** Where mutations mend what is denied elsewhere. */
const mended = 'mended'

const policies: readonly Policy[] = [...packCases.map(({ policy }) => policy), everyParameter]
const templates = templatesOf(policies)
const templatePath = (name: string): string => `/apis/templates.gatekeeper.sh/v1/constrainttemplates/${name}`
const kindPath = (policy: Policy): string =>
  `/apis/constraints.gatekeeper.sh/v1beta1/${constraintKind(policy).toLowerCase()}`
const label = (policy: Policy): string => constraintKind(policy).toLowerCase()

const constraints = packCases.map(({ policy, parameters }) => ({
  policy,
  manifest: constraint(policy, {
    name: 'pack',
    parameters,
    match: { namespaces: [namespace, mended], labelSelector: { matchLabels: { policy: label(policy) } } },
  }),
}))
const podsPath = `/api/v1/namespaces/${namespace}/pods`
const tried = (pod: object): Promise<Answer> => api.send('POST', `${podsPath}?dryRun=All`, pod)

beforeAll(async () => {
  for (const name of [namespace, mended])
    await api.apply(`/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  // what stands before there is a constraint
  for (const { policy, bad } of packCases)
    await api.ask('POST', podsPath, packPod(`old-${label(policy)}`, label(policy), bad as never))
  await Promise.all(templates.map((each) => api.apply(templatePath(each.metadata.name), each)))
  await inParallel(4, constraints, async ({ policy, manifest }) => {
    await vi.waitFor(() => api.apply(`${kindPath(policy)}/pack`, manifest), {
      timeout: 60_000,
      interval: 300,
    })
  })
}, 120_000)

afterAll(async () => {
  for (const each of mutations) await api.send('DELETE', assignPath(each))
  for (const { policy } of constraints) await api.send('DELETE', `${kindPath(policy)}/pack`)
  for (const each of templates) await api.send('DELETE', templatePath(each.metadata.name))
  api.close()
})

/** The policies of the pack whose fix a mutation can do, with objects of theirs. */
const fixable = packCases.filter(({ policy }) =>
  [
    'host-namespaces',
    'interactive-tty',
    'privileged-containers',
    'privilege-escalation',
    'read-only-root-filesystem',
  ].includes(policy.id.replace('pod-security/', '')),
)
const mutations = fixable.flatMap(({ policy }) => mutationsOf(policy, { match: { namespaces: [mended] } }))
const assignPath = ({ metadata }: Manifest): string =>
  `/apis/mutations.gatekeeper.sh/v1/assign/${metadata.name}`

/** What our own evaluator says of a pod as the API server would store it. */
function messagesOf(policy: Policy, parameters: Json, object: object): readonly string[] {
  const { judgements } = evaluate([policy], object, {
    parameters: { [policy.id]: parameters as object } as never,
  })
  return (judgements[0]?.verdict.violations ?? []).map(({ message }) => message)
}

it.each(packCases.map((each) => [each.policy.id, each] as const))(
  '%s denies with our message, and admits what is good',
  async (_, { policy, parameters, bad }) => {
    const pod = packPod('new', label(policy), bad as never)
    const messages = messagesOf(policy, parameters, pod)
    expect(messages).not.toEqual([])
    await vi.waitFor(
      async () => {
        const { status, text } = await tried(pod)
        expect(status, text).toBe(403)
        const said = (JSON.parse(text) as { readonly message: string }).message
        for (const message of messages) expect(said).toContain(`[pack] ${message}`)
      },
      { timeout: 60_000, interval: 300 },
    )
    const good = await tried(packPod('new', label(policy)))
    expect(good.status, good.text).toBe(201)
  },
)

it('B9: what broke off goes on with the same steps, wherever it broke off', async () => {
  const late = policy({
    id: 'test/late',
    title: 'Comes late',
    severity: 'low',
    target: pods,
    rule: ({ object }) => object.metadata.name.is('late').deny({ message: 'too late' }),
  })
  const template = templateOf(late)
  const own = constraint(late, { name: 'late', match: { namespaces: [namespace] } })
  const path = `${kindPath(late)}/late`
  try {
    // the constraint without its template: the API server knows no such kind
    expect((await api.send('POST', kindPath(late), own)).status).toBe(404)
    for (let run = 0; run < 2; run++) {
      await api.apply(templatePath(template.metadata.name), template)
      await vi.waitFor(() => api.apply(path, own), { timeout: 30_000, interval: 300 })
    }
    await vi.waitFor(
      async () => expect((await tried(packPod('late', 'none'))).text).toContain('[late] too late'),
      { timeout: 30_000, interval: 300 },
    )
  } finally {
    await api.send('DELETE', path)
    await api.send('DELETE', templatePath(template.metadata.name))
  }
})

it('audit finds what stood before', async () => {
  await vi.waitFor(
    async () => {
      await inParallel(4, packCases, async ({ policy, parameters, bad }) => {
        const { status } = (await api.ask('GET', `${kindPath(policy)}/pack`)) as {
          readonly status?: {
            readonly violations?: readonly { readonly name: string; readonly message: string }[]
          }
        }
        const name = `old-${label(policy)}`
        const found = (status?.violations ?? [])
          .filter((each) => each.name === name)
          .map(({ message }) => message)
        expect(found.toSorted(), policy.id).toEqual(
          messagesOf(policy, parameters, packPod(name, label(policy), bad as never)).toSorted(),
        )
      })
    },
    { timeout: 60_000, interval: 2_000 },
  )
})

it('C12: the API server refuses the parameters that the policy refuses, and takes those that it takes', async () => {
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const counts = { taken: 0, refused: 0 }
  const differences: string[] = []
  for (const policy of policies) {
    await vi.waitFor(() => api.ask('GET', `${crds}/${label(policy)}.constraints.gatekeeper.sh`), {
      timeout: 60_000,
    })
    const schema = (policy.ir.parameters ?? { type: 'object', properties: {} }) as Readonly<
      Record<string, Json>
    >
    const all = variantsOf(schema)
    await inParallel(8, all, async ({ what, value }) => {
      const object = {
        apiVersion: 'constraints.gatekeeper.sh/v1beta1',
        kind: constraintKind(policy),
        metadata: { name: 'tried' },
        spec: { parameters: value },
      }
      const { status, text } = await api.send('POST', `${kindPath(policy)}?dryRun=All`, object)
      const isTaken = status === 201
      if (!isTaken && !text.includes('spec.parameters')) differences.push(`${policy.id} ${what}: ${text}`)
      const isRight = 'parameters' in readParameters(policy, value as never)
      counts[isTaken ? 'taken' : 'refused']++
      if (isTaken !== isRight)
        differences.push(
          `${policy.id} ${what}: here ${isRight ? 'taken' : 'refused'}, there ${status} ${text.slice(0, 300)}`,
        )
    })
  }
  console.log(counts)
  expect(differences).toEqual([])
  expect(counts.refused).toBeGreaterThan(100)
  expect(counts.taken).toBeGreaterThan(50)
})

it('mutations make a violating object pass, and change nothing else', async () => {
  const other = packCases.filter((each) => !fixable.includes(each))
  for (const { policy } of other)
    expect(() => mutationsOf(policy), policy.id).toThrow('a mutation cannot do what')
  await inParallel(4, mutations, (each) => api.apply(assignPath(each), each))
  const path = `/api/v1/namespaces/${mended}/pods?dryRun=All`
  for (const { policy, parameters, bad } of fixable) {
    const pod = packPod('new', label(policy), bad as never)
    const init = withInitContainer(pod)
    const deployment = deploymentOf(init, label(policy))
    await vi.waitFor(
      async () => {
        for (const [to, object] of [
          [path, pod],
          [path, init],
          [`/apis/apps/v1/namespaces/${mended}/deployments?dryRun=All`, deployment],
        ] as const) {
          expect(messagesOf(policy, parameters, object)).not.toEqual([])
          const { status, text } = await api.send('POST', to, object)
          expect(status, `${policy.id} ${text}`).toBe(201)
          expect(messagesOf(policy, parameters, JSON.parse(text) as object)).toEqual([])
        }
      },
      { timeout: 30_000, interval: 300 },
    )
  }
  // where nothing is wrong, nothing is added
  const plain = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'plain' } }
  const text = await api.ask('POST', path, {
    ...plain,
    spec: {
      containers: [
        {
          name: 'app',
          image: 'a',
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        },
      ],
    },
  })
  const [container] = (text as { readonly spec: { readonly containers: readonly object[] } }).spec.containers
  expect(container).toMatchObject({
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
  })
  expect(Object.keys((container as { readonly securityContext: object }).securityContext)).toHaveLength(2)
  expect(container).not.toHaveProperty('tty')
})

interface PodLike {
  readonly metadata: object
  readonly spec: { readonly containers: readonly object[] }
}

function withInitContainer(pod: object): PodLike {
  const { spec, ...rest } = pod as PodLike
  const [first] = spec.containers
  return { ...rest, spec: { ...spec, initContainers: [{ ...first, name: 'before' }] } as PodLike['spec'] }
}

const deploymentOf = ({ spec }: PodLike, name: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { policy: name } },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec } },
})
