import { emitCel } from '@gatewright/compiler'
import { check, isObject, type Json, kindOf, type Policy, policiesOf, readParameters } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { findResource, type ServedResource } from '@gatewright/kubernetes'
import * as pack from '@gatewright/pod-security'
import fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { questions } from '../../packages/testing/src/arbitrary/questions.js'
import { inParallel } from './in-parallel.js'
import { Api, apiPath } from './rig/api.js'
import { saysViolations, validatingAdmissionPolicy } from './admission-policy.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 20)
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

const guarded: readonly Guarded[] = policiesOf([pack.podSecurity]).flatMap((policy, i) => {
  const asked = fc.sample(questions(policy, { mode: 'valid' }), { numRuns: 3 * runs, seed: seed + i })
  const objects = asked.map(({ object }) => created(object)).filter((each) => each !== undefined)
  const others = asked.map(({ parameters }) => parameters as Fields)
  return [{}, ...others.slice(0, 3)].map((parameters, n) => ({
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

it('admission policies say what the policies say, to the word', async () => {
  await api.apply('/api/v1/namespaces/cel-free', namespaceNamed('cel-free'))
  await inParallel(8, guarded, async ({ policy, parameters, namespace }) => {
    const ir = check(policy.ir)
    const read = readParameters(policy, parameters)
    if ('problems' in ir || 'problems' in read) throw new Error(`${policy.id} cannot be built`)
    await api.apply(`/api/v1/namespaces/${namespace}`, namespaceNamed(namespace))
    for (const [path, object] of validatingAdmissionPolicy(namespace, policy, emitCel(ir, read.parameters)))
      await api.apply(path, object).catch((error: unknown) => {
        const said = String(error)
        const at = said.indexOf('compilation failed')
        throw new Error(
          `${policy.id} ${JSON.stringify(parameters)}: ${said.slice(at < 0 ? 0 : at).slice(0, 600)}`,
        )
      })
  })
  await live()
  const differences: string[] = []
  const seen = { allowed: 0, denied: 0, refused: 0 }
  await inParallel(8, guarded, async ({ policy, parameters, namespace, objects }) => {
    for (const given of objects) {
      const free = await api.send('POST', pathFor(given, 'cel-free'), inNamespace(given, 'cel-free'))
      if (free.status >= 300) {
        seen.refused++
        continue
      }
      // what is judged is typed and has its defaults
      const typed = inNamespace(JSON.parse(free.text) as Json, namespace)
      const [judgement] = evaluate([policy], typed, { parameters: { [policy.id]: parameters } }).judgements
      const { verdict = 'error', violations = [] } = judgement?.verdict ?? {}
      const answer = await api.send('POST', pathFor(given, namespace), inNamespace(given, namespace))
      const { message = '' } =
        answer.status < 300 ? {} : (JSON.parse(answer.text) as { readonly message?: string })
      const said = answer.status < 300 ? 'allowed' : (/denied request: ([^]*)$/.exec(message)?.[1] ?? message)
      const isSame =
        verdict === 'denied'
          ? saysViolations(said, violations)
          : said === 'allowed' && (verdict === 'allowed' || verdict === 'not-applicable')
      if (verdict === 'denied') seen.denied++
      else seen.allowed++
      if (!isSame) {
        const ours = `${verdict} ${violations.map(({ message: own }) => own).join('; ')}`
        differences.push(
          `${policy.id} ${JSON.stringify(parameters)}\n  ours ${ours}\n  CEL  ${said}\n  ${JSON.stringify(given)}`,
        )
      }
    }
  })
  console.log(JSON.stringify(seen))
  expect(differences.slice(0, 3).join('\n')).toBe('')
  expect(seen.denied).toBeGreaterThan(runs)
  expect(seen.allowed).toBeGreaterThan(runs)
}, 600_000)

const namespaceNamed = (name: string): Json => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

/** Waits until a policy that is stored last is live, and with it those before. */
async function live(): Promise<void> {
  const expressions = {
    variables: [],
    validation: 'false',
    message: '"the probe"',
    fallback: 'the probe',
  }
  await api.apply('/api/v1/namespaces/cel-probe', namespaceNamed('cel-probe'))
  for (const [path, object] of validatingAdmissionPolicy('cel-probe', pack.hostNamespaces, expressions))
    await api.apply(path, object)
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'a', image: 'a' }] },
  }
  for (let i = 0; i < 200; i++) {
    const { status, text } = await api.send('POST', '/api/v1/namespaces/cel-probe/pods?dryRun=All', pod)
    if (status >= 300 && text.includes('the probe')) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('no admission policy is live')
}
