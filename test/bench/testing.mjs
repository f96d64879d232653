// Times mutation testing: the mutants of the whole pod-security pack, run against 20 workloads and as many with a hole in them, and
// the search for witnesses of what survives; then condition coverage by the same cases, and the search for what they do not show.
// Prints mutants a second; the goal is 1,000 in 10 s. Nothing fails.
import { conditionCoverage, suggestCases } from '../../packages/testing/dist/coverage/index.js'
import { mutantsOf, mutationScore } from '../../packages/testing/dist/mutation/index.js'
import { checkPolicy } from '../../packages/testing/dist/index.js'
import { podSecurity } from '../../policies/pod-security/dist/pack.js'

const container = (privileged) => ({
  name: 'app',
  image: 'registry.example.com/shop/app:1.2.3',
  ports: [{ containerPort: 8080, ...(privileged ? { hostPort: 80 } : {}) }],
  securityContext: {
    privileged,
    allowPrivilegeEscalation: privileged,
    readOnlyRootFilesystem: !privileged,
    capabilities: privileged ? { add: ['SYS_ADMIN'] } : { drop: ['ALL'] },
  },
})
const pod = (i, privileged) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${i}` },
  spec: {
    hostNetwork: privileged,
    containers: [container(false), container(privileged)],
    ...(i % 2 === 0 ? { initContainers: [container(privileged)] } : {}),
    volumes: [privileged ? { name: 'root', hostPath: { path: '/' } } : { name: 'tmp', emptyDir: {} }],
  },
})
const cases = Array.from({ length: 40 }, (_, i) => ({ object: pod(i, i % 2 === 1) }))

const timed = (run) => {
  const started = performance.now()
  const value = run()
  return { value, seconds: (performance.now() - started) / 1000 }
}
const row = (name, count, seconds, what) =>
  console.log(
    `${name.padEnd(28)} ${String(count).padStart(6)} ${what} in ${seconds.toFixed(2)} s  ${Math.round(count / seconds)} a second`,
  )

const { policies } = podSecurity
const made = timed(() => policies.flatMap((policy) => mutantsOf(policy)))
row('making mutants', made.value.length, made.seconds, 'mutants')
const judged = timed(() => policies.map((policy) => mutationScore(policy, cases, { budget: 0 })))
const count = judged.value.reduce((sum, { mutants }) => sum + mutants.length, 0)
const survived = judged.value.reduce((sum, each) => sum + each.survived, 0)
row(`judging by ${cases.length} cases`, count, judged.seconds, 'mutants')
console.log(
  `1,000 mutants in ${((judged.seconds / count) * 1000).toFixed(2)} s (goal: 10 s); ${survived} survive these few cases`,
)
const searched = timed(() => policies.map((policy) => mutationScore(policy, cases)))
row('with witnesses', survived, Math.max(0.001, searched.seconds - judged.seconds), 'survivors')
const covered = timed(() => policies.map((policy) => conditionCoverage(policy, cases)))
const conditions = covered.value.reduce((sum, each) => sum + each.conditions.length, 0)
row(`coverage by ${cases.length} cases`, conditions, covered.seconds, 'conditions')
const suggested = timed(() => policies.map((policy) => suggestCases(policy, cases)))
const missing = suggested.value.flatMap((each) => [
  ...each.cases.flatMap(({ shows }) => shows),
  ...each.notFound,
])
row('suggesting cases', missing.length, suggested.seconds, 'things that are missing')
console.log(`${suggested.value.reduce((sum, { notFound }) => sum + notFound.length, 0)} of them not found`)
const checked = timed(() => policies.map((policy) => checkPolicy(policy)))
row('properties', checked.value.length, checked.seconds, 'policies')
console.log(
  `${(checked.seconds / policies.length).toFixed(2)} s a policy (goal: 1 s), ${checked.value[0]?.questions} questions each, with what is broken made small`,
)
