import { isObject, type Json, kindOf, type Policy, policiesOf, type Verdict } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { CelUnsupported } from '@gatewright/compiler'
import { admissionPolicyOf, type Manifest } from '@gatewright/gatekeeper'
import { findResource, type ServedResource } from '@gatewright/kubernetes'
import * as pack from '@gatewright/pod-security'
import fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { questions } from '../../packages/testing/src/arbitrary/questions.js'
import { mutantPolicy, mutantsOf } from '../../packages/testing/src/mutation/index.js'
import { inParallel } from './in-parallel.js'
import { Api, apiPath } from './rig/api.js'
import { saysViolations } from './said-violations.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 10)
const api = new Api(inject('cluster'))

type Fields = Readonly<Record<string, Json>>

/** A Pod with as many containers as the API server has to judge in one go, all of them bad in every way. */
const largePod: Json = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'large' },
  spec: {
    hostNetwork: true,
    containers: Array.from({ length: 100 }, (_, i) => ({
      name: `container-${i}`,
      image: `registry.example.com/a-team-of-ours/an-application-with-a-long-name-${i}:1.0.0-with-a-long-tag`,
      tty: true,
      stdin: true,
      ports: [{ containerPort: 1000 + i, hostPort: 1000 + i }],
      livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } },
      securityContext: {
        privileged: true,
        runAsUser: 0,
        capabilities: { add: ['SYS_ADMIN', 'NET_ADMIN'] },
        seccompProfile: { type: 'Unconfined' },
        appArmorProfile: { type: 'Unconfined' },
      },
    })),
  },
}

/** A policy with parameters, in a namespace of its own where the API server judges by it. */
interface Guarded {
  readonly policy: Policy
  readonly parameters: Fields
  readonly namespace: string
  readonly objects: readonly Json[]
}

/** Whether CEL can say a mutant: some look at the first element only, and know its position. */
function isSaid(mutant: Policy, parameters: Fields): boolean {
  try {
    admissionPolicyOf(mutant, { name: 'said', parameters, holdsTo: 1 })
    return true
  } catch (error) {
    if (error instanceof CelUnsupported) return false
    throw error
  }
}

/** Each policy as it is, and some of what people make of it by mistake: more ways to say a condition than the pack has. */
const mutantsEach = Number(process.env['GATEWRIGHT_MUTANTS'] ?? 1)
const versions = policiesOf([pack.podSecurity]).flatMap((policy, i) => {
  const mutants = mutantsOf(policy)
  const every = Math.max(1, Math.floor(mutants.length / Math.max(1, mutantsEach)))
  const chosen = mutantsEach === 0 ? [] : mutants.filter((_, n) => (n + seed + i) % every === 0)
  return [policy, ...chosen.map((mutant) => mutantPolicy(policy, mutant))]
})

const guarded: readonly Guarded[] = versions.flatMap((policy, i) => {
  const asked = fc.sample(questions(policy, { mode: 'valid' }), { numRuns: 3 * runs, seed: seed + i })
  const objects = asked.map(({ object }) => created(object)).filter((each) => each !== undefined)
  const others = asked.map(({ parameters }) => parameters as Fields)
  const isMutant = !pack.podSecurity.policies.includes(policy)
  const given = [{}, ...others.slice(0, isMutant ? 1 : 3)].filter(
    (parameters) => !isMutant || isSaid(policy, parameters),
  )
  return given.map((parameters, n) => ({
    policy,
    parameters,
    namespace: `cel-${i}-${n}`,
    objects: [largePod, ...objects.slice((n * runs) / 2, (n * runs) / 2 + runs)],
  }))
})

/** An object that can be created as it is. */
function created(question: Json): Json | undefined {
  if (!isObject(question)) return undefined
  if (question['kind'] !== 'AdmissionReview') return question
  const request = question['request']
  return isObject(request) && request['operation'] === 'CREATE' ? request['object'] : undefined
}

function pathFor(object: Json, namespace: string): string {
  const of = findResource(kindOf(object) ?? { group: '', kind: '' }) as ServedResource
  return `${apiPath(of, namespace)}?dryRun=All`
}

const inNamespace = (object: Json, namespace: string): Json => {
  const { metadata, ...rest } = object as Fields
  return { ...rest, metadata: { ...(isObject(metadata ?? null) ? (metadata as Fields) : {}), namespace } }
}

const base = '/apis/admissionregistration.k8s.io/v1'

/** Stores an admission policy and its binding, which is in force in the namespace of its own name. */
async function store(
  policy: Policy,
  name: string,
  parameters: Fields,
  change?: (of: Manifest) => Manifest,
): Promise<void> {
  const made = admissionPolicyOf(policy, {
    name,
    parameters,
    match: { namespaces: [name] },
    excludeNamespaces: [],
    holdsTo: 1,
  })
  await api.apply(`${base}/validatingadmissionpolicies/${name}`, change?.(made.policy) ?? made.policy)
  await api.apply(`${base}/validatingadmissionpolicybindings/${name}`, made.binding)
}

interface Seen {
  allowed: number
  denied: number
}

/** What is wrong with what the API server says, beside the verdict of the policy. */
function difference(
  { policy, parameters }: Guarded,
  verdict: Verdict | undefined,
  { status, text }: { readonly status: number; readonly text: string },
  asked: Json,
  seen: Seen,
): readonly string[] {
  const { verdict: word = 'error', violations = [] } = verdict ?? {}
  const { message = '' } = status < 300 ? {} : (JSON.parse(text) as { readonly message?: string })
  const said = status < 300 ? 'allowed' : (/denied request: ([^]*)$/.exec(message)?.[1] ?? message)
  seen[word === 'denied' ? 'denied' : 'allowed']++
  const isSame =
    word === 'denied'
      ? saysViolations(said, violations)
      : said === 'allowed' && (word === 'allowed' || word === 'not-applicable')
  if (isSame) return []
  const ours = `${word} ${violations.map((each) => each.message).join('; ')}`
  return [
    `${policy.id} ${JSON.stringify(parameters)}\n  ours ${ours}\n  CEL  ${said}\n  ${JSON.stringify(asked)}`,
  ]
}

/** A Pod that is there before any policy is, and bad in every way. */
const storedPod = {
  ...(largePod as Fields),
  metadata: { name: 'stored' },
  spec: {
    ...((largePod as Fields)['spec'] as Fields),
    containers: (((largePod as Fields)['spec'] as Fields)['containers'] as readonly Json[]).slice(0, 2),
  },
} as Json

it('admission policies say what the policies say, to the word', async () => {
  await api.apply('/api/v1/namespaces/cel-free', namespaceNamed('cel-free'))
  await inParallel(8, guarded, async ({ policy, parameters, namespace }) => {
    await api.apply(`/api/v1/namespaces/${namespace}`, namespaceNamed(namespace))
    await api.ask('POST', `/api/v1/namespaces/${namespace}/pods`, storedPod)
    await store(policy, namespace, parameters).catch((error: unknown) => {
      const told = String(error)
      const at = told.indexOf('compilation failed')
      throw new Error(
        `${policy.id} ${JSON.stringify(parameters)}: ${told.slice(Math.max(at, 0)).slice(0, 600)}`,
      )
    })
  })
  await live()
  const differences: string[] = []
  const made: Seen = { allowed: 0, denied: 0 }
  const changed: Seen = { allowed: 0, denied: 0 }
  let refused = 0
  await inParallel(8, guarded, async (each) => {
    const { policy, parameters, namespace, objects } = each
    for (const given of objects) {
      const free = await api.send('POST', pathFor(given, 'cel-free'), inNamespace(given, 'cel-free'))
      if (free.status >= 300) {
        refused++
        continue
      }
      // what is judged is typed and has its defaults
      const typed = inNamespace(JSON.parse(free.text) as Json, namespace)
      const [judgement] = evaluate([policy], typed, { parameters: { [policy.id]: parameters } }).judgements
      const answer = await api.send('POST', pathFor(given, namespace), inNamespace(given, namespace))
      differences.push(...difference(each, judgement?.verdict, answer, given, made))
    }
    for (const change of changes) differences.push(...(await changing(each, change, changed)))
  })
  console.log(
    `made ${JSON.stringify(made)}, changed ${JSON.stringify(changed)}, refused by the API itself ${refused}`,
  )
  expect(differences.slice(0, 3).join('\n')).toBe('')
  for (const seen of [made, changed]) {
    expect(seen.denied).toBeGreaterThan(runs)
    expect(seen.allowed).toBeGreaterThan(runs)
  }
}, 600_000)

/** Changes of a Pod that is there: its labels, an image, and a container that is put into it. */
const changes: readonly { readonly subResource?: string; readonly patch: Json }[] = [
  { patch: { metadata: { labels: { seen: 'yes' } } } },
  { patch: { spec: { containers: [{ name: 'container-1', image: 'registry.example.com/other:2' }] } } },
  {
    subResource: 'ephemeralcontainers',
    patch: { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox', tty: true, stdin: true }] } },
  },
]

/** What the API server and the policy say of a change; both are asked of what the change comes to. */
async function changing(
  each: Guarded,
  { subResource, patch }: (typeof changes)[number],
  seen: Seen,
): Promise<readonly string[]> {
  const { policy, parameters, namespace } = each
  const path = `/api/v1/namespaces/${namespace}/pods/stored`
  const oldObject = (await api.ask('GET', path)) as Json
  const answer = await api.send(
    'PATCH',
    `${path}${subResource === undefined ? '' : `/${subResource}`}?dryRun=All`,
    patch,
    {
      'content-type': 'application/strategic-merge-patch+json',
    },
  )
  const object = merged(oldObject, patch)
  const request = {
    operation: 'UPDATE',
    object,
    oldObject,
    ...(subResource !== undefined && { subResource }),
  }
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }
  const [judgement] = evaluate([policy], review, { parameters: { [policy.id]: parameters } }).judgements
  return difference(each, judgement?.verdict, answer, request as unknown as Json, seen)
}

/** A strategic merge, as far as the changes above need one: lists of containers by name. */
function merged(of: Json, patch: Json): Json {
  if (Array.isArray(patch)) {
    const list = Array.isArray(of) ? (of as readonly Json[]) : []
    const named = (value: Json): Json => (value as Fields)['name'] ?? null
    const own = (patch as readonly Json[]).filter((each) => !list.some((one) => named(one) === named(each)))
    return [
      ...list.map((one) => {
        const change = (patch as readonly Json[]).find((each) => named(each) === named(one))
        return change === undefined ? one : merged(one, change)
      }),
      ...own,
    ]
  }
  if (!isObject(patch)) return patch
  const fields = isObject(of) ? of : {}
  return Object.fromEntries(
    [...new Set([...Object.keys(fields), ...Object.keys(patch)])].map((key) => [
      key,
      Object.hasOwn(patch, key) ? merged(fields[key] ?? null, patch[key] as Json) : (fields[key] as Json),
    ]),
  )
}

const namespaceNamed = (name: string): Json => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

/** Waits until a policy that is stored last is live, and with it those before. */
async function live(): Promise<void> {
  await api.apply('/api/v1/namespaces/cel-probe', namespaceNamed('cel-probe'))
  const validations = [{ expression: 'false', message: 'the probe' }]
  await store(pack.hostNamespaces, 'cel-probe', {}, (of) => ({ ...of, spec: { ...of.spec, validations } }))
  const spec = { containers: [{ name: 'a', image: 'a' }] }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' }, spec }
  for (let i = 0; i < 200; i++) {
    const { status, text } = await api.send('POST', '/api/v1/namespaces/cel-probe/pods?dryRun=All', pod)
    if (status >= 300 && text.includes('the probe')) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('no admission policy is live')
}
