// Times emitted Rego beside Rego written by hand in the way of Gatekeeper's policy library, under `opa bench`: five policies on
// three pods. Prints the medians and their ratio; nothing fails. Needs `opa` on PATH.
//   node test/bench/rego.mjs [count]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emitRego } from '@gatewright/compiler'
import { check } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'

const [count = 3] = process.argv.slice(2).map(Number)
const version = spawnSync('opa', ['version'], { encoding: 'utf8' })
if (version.status !== 0) {
  console.log('skipped: there is no `opa` on PATH')
  process.exit(0)
}
console.log(version.stdout.split('\n')[0])

/** What the library's policies share, in its way: the containers as a set, and exemption by image. */
const shared = `
is_exempt(container) if {
	some exempt in object.get(input.parameters, "exemptImages", [])
	matches_exemption(exempt, container.image)
}

matches_exemption(exempt, image) if {
	not endswith(exempt, "*")
	exempt == image
}

matches_exemption(exempt, image) if {
	endswith(exempt, "*")
	startswith(image, trim_suffix(exempt, "*"))
}

is_update(review) if review.operation == "UPDATE"

input_containers contains c if some c in input.review.object.spec.containers

input_containers contains c if some c in input.review.object.spec.initContainers

input_containers contains c if some c in input.review.object.spec.ephemeralContainers
`

const perContainer = (broken, message) => `package byhand

violation contains {"msg": msg, "details": {}} if {
	not is_update(input.review)
	some c in input_containers
	not is_exempt(c)
	${broken}
	msg := sprintf("${message}: %v", [c.name])
}
${shared}`

const policies = [
  {
    policy: pack.privilegedContainers,
    hand: perContainer('c.securityContext.privileged', 'Privileged container is not allowed'),
  },
  {
    policy: pack.readOnlyRootFilesystem,
    hand: perContainer(
      'not c.securityContext.readOnlyRootFilesystem == true',
      'Only a read-only root filesystem is allowed',
    ),
  },
  {
    policy: pack.privilegeEscalation,
    hand: `${perContainer('escalates(c)', 'Privilege escalation is not allowed')}
escalates(c) if not has_field(c, "securityContext")

escalates(c) if not c.securityContext.allowPrivilegeEscalation == false

has_field(object, field) if object[field]
`,
  },
  {
    policy: pack.hostNamespaces,
    hand: `package byhand

violation contains {"msg": msg, "details": {}} if {
	not is_update(input.review)
	shares_host(input.review.object)
	msg := sprintf("Sharing the host namespace is not allowed: %v", [input.review.object.metadata.name])
}

shares_host(o) if o.spec.hostPID

shares_host(o) if o.spec.hostIPC
${shared}`,
  },
  {
    policy: pack.hostPorts,
    hand: `package byhand

violation contains {"msg": msg, "details": {}} if {
	not is_update(input.review)
	some c in input_containers
	not is_exempt(c)
	some port in c.ports
	is_outside(port.hostPort)
	msg := sprintf("The host port of container %v is not allowed", [c.name])
}

violation contains {"msg": "the host network is not allowed", "details": {}} if {
	not is_update(input.review)
	input.review.object.spec.hostNetwork
	not input.parameters.hostNetwork
}

is_outside(port) if port < input.parameters.min

is_outside(port) if port > input.parameters.max
${shared}`,
    parameters: { min: 80, max: 9000 },
  },
]

const pods = [
  { name: '3 containers, clean', containers: 3, isClean: true },
  { name: '3 containers, bad', containers: 3, isClean: false },
  { name: '50 containers, clean', containers: 50, isClean: true },
]

const folder = mkdtempSync(join(tmpdir(), 'gatewright-rego-bench-'))
for (const { policy, hand, parameters = {} } of policies) {
  const emitted = join(folder, 'emitted.rego')
  const byHand = join(folder, 'by-hand.rego')
  const module = emitRego({ ir: check(policy.ir), values: policy.values }, { entry: 'gatekeeper' })
  writeFileSync(emitted, module.text)
  writeFileSync(byHand, hand)
  for (const pod of pods) {
    const input = join(folder, 'input.json')
    writeFileSync(input, JSON.stringify({ review: review(pod), parameters }))
    // turn about, so that a machine that slows down does so for both
    const times = { emitted: [], byHand: [] }
    for (let run = 0; run < count; run++) {
      times.emitted.push(nanos(emitted, `data.${module.package}.violation`, input))
      times.byHand.push(nanos(byHand, 'data.byhand.violation', input))
    }
    const [ours, theirs] = [median(times.emitted), median(times.byHand)]
    console.log(
      `${policy.id.padEnd(44)} ${pod.name.padEnd(22)} emitted ${us(ours)}  by hand ${us(theirs)}  ${(ours / theirs).toFixed(2)}×`,
    )
  }
}
rmSync(folder, { recursive: true })

function nanos(file, query, input) {
  const { stdout, status, stderr } = spawnSync(
    'opa',
    ['bench', '--format', 'json', '--metrics=false', '--data', file, '--input', input, query],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`opa bench: ${stderr}${stdout}`)
  const { N, T } = JSON.parse(stdout)
  return T / N
}

function review({ containers, isClean }) {
  const container = (i) => ({
    name: `c${i}`,
    image: `registry.example.com/team/app-${i}:1.${i}`,
    command: ['/bin/app', '--port', String(8000 + i)],
    env: [{ name: 'A', value: 'b' }],
    ports: [{ containerPort: 8080, ...(isClean ? {} : { hostPort: 22 }) }],
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } },
    securityContext: isClean
      ? { privileged: false, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false }
      : { privileged: true },
  })
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod', namespace: 'shop', labels: { app: 'pod' } },
    spec: {
      ...(isClean ? {} : { hostPID: true, hostNetwork: true }),
      containers: Array.from({ length: containers }, (_, i) => container(i)),
    },
  }
  return { uid: '1', kind: { group: '', version: 'v1', kind: 'Pod' }, operation: 'CREATE', object }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

function us(value) {
  return `${(value / 1000).toFixed(1)} µs`.padStart(10)
}
