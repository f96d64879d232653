// Times emitted Rego beside Rego written by hand, under `opa bench`: five policies on three pods. Prints medians and their ratios;
// nothing fails. Needs `opa` on PATH.
//   node test/bench/rego.mjs [count] [part of a policy's id]
// What is compared is what Gatekeeper asks, the set `violation` of a template, of three modules:
//   emitted    what `gatewright build --target rego` writes for Gatekeeper;
//   library    written in the way of Gatekeeper's policy library: of pods only, and a message is all that it reports;
//   alike      written by hand to do more of what the emitted one does: of each kind of workload, saying the place and a code.
// Neither of those by hand checks the shape of what it is given, or takes the containers of an update that stay as they were for
// old, so that no updates are compared. Beside them stands, without a ratio, what the module for plain OPA takes for `decision`:
// the verdict, the violations in their order and the check of the object's shape, for which neither by hand has anything.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emitRego, emitRegoLibrary } from '@gatewright/compiler'
import { check } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'

const [count = '3', part = ''] = process.argv.slice(2)
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

/** What those that are alike share: where the template lies in each kind. */
const workloads = `
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

lists := ["containers", "initContainers", "ephemeralContainers"]

template := object.get(input.review.object, template_path, {})

template_path := template_paths[input.review.kind.group][input.review.kind.kind]

template_paths := {
	"": {"Pod": [], "PodTemplate": ["template"], "ReplicationController": ["spec", "template"]},
	"apps": {
		"DaemonSet": ["spec", "template"],
		"Deployment": ["spec", "template"],
		"ReplicaSet": ["spec", "template"],
		"StatefulSet": ["spec", "template"],
	},
	"batch": {"CronJob": ["spec", "jobTemplate", "spec", "template"], "Job": ["spec", "template"]},
}
`

const perContainerAlike = (broken, message, field) => `package alike

violation contains {"msg": msg, "details": {"at": at, "code": "1"}} if {
	not is_update(input.review)
	some list in lists
	some i, c in template.spec[list]
	not is_exempt(c)
	${broken}
	msg := sprintf("${message}: %v", [c.name])
	at := array.concat(template_path, ["spec", list, i, "securityContext", "${field}"])
}
${workloads}`

const perContainer = (broken, message) => `package byhand

violation contains {"msg": msg, "details": {}} if {
	not is_update(input.review)
	some c in input_containers
	not is_exempt(c)
	${broken}
	msg := sprintf("${message}: %v", [c.name])
}
${shared}`

const escalates = `
escalates(c) if not has_field(c, "securityContext")

escalates(c) if not c.securityContext.allowPrivilegeEscalation == false

has_field(object, field) if object[field]
`

const policies = [
  {
    policy: pack.privilegedContainers,
    hand: perContainer('c.securityContext.privileged', 'Privileged container is not allowed'),
    alike: perContainerAlike(
      'c.securityContext.privileged',
      'Privileged container is not allowed',
      'privileged',
    ),
  },
  {
    policy: pack.readOnlyRootFilesystem,
    hand: perContainer(
      'not c.securityContext.readOnlyRootFilesystem == true',
      'Only a read-only root filesystem is allowed',
    ),
    alike: perContainerAlike(
      'not c.securityContext.readOnlyRootFilesystem == true',
      'Only a read-only root filesystem is allowed',
      'readOnlyRootFilesystem',
    ),
  },
  {
    policy: pack.privilegeEscalation,
    hand: `${perContainer('escalates(c)', 'Privilege escalation is not allowed')}${escalates}`,
    alike: `${perContainerAlike('escalates(c)', 'Privilege escalation is not allowed', 'allowPrivilegeEscalation')}${escalates}`,
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

shares_host(o) if o.spec.hostNetwork
${shared}`,
    alike: `package alike

violation contains {"msg": msg, "details": {"at": at, "code": field}} if {
	not is_update(input.review)
	some field in ["hostPID", "hostIPC", "hostNetwork"]
	template.spec[field]
	msg := sprintf("The pod must not set %v", [field])
	at := array.concat(template_path, ["spec", field])
}
${workloads}`,
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
    alike: `package alike

violation contains {"msg": msg, "details": {"at": at, "code": "host-port"}} if {
	not is_update(input.review)
	some list in lists
	some i, c in template.spec[list]
	not is_exempt(c)
	some j, port in c.ports
	is_outside(port.hostPort)
	msg := sprintf("Container %v must not use host port %v", [c.name, port.hostPort])
	at := array.concat(template_path, ["spec", list, i, "ports", j, "hostPort"])
}

violation contains {"msg": "the host network is not allowed", "details": {"at": at, "code": "host-network"}} if {
	not is_update(input.review)
	template.spec.hostNetwork
	not input.parameters.hostNetwork
	at := array.concat(template_path, ["spec", "hostNetwork"])
}

is_outside(port) if port < input.parameters.min

is_outside(port) if port > input.parameters.max
${workloads}`,
    parameters: { min: 80, max: 9000 },
  },
]

const pods = [
  { name: '3 containers, clean', containers: 3, isClean: true },
  { name: '3 containers, bad', containers: 3, isClean: false },
  { name: '50 containers, clean', containers: 50, isClean: true },
]

const folder = mkdtempSync(join(tmpdir(), 'gatewright-rego-bench-'))
for (const { policy, hand, alike, parameters = {} } of policies) {
  if (!policy.id.includes(part)) continue
  const written = { ir: check(policy.ir), values: policy.values }
  const template = emitRego(written, { entry: 'gatekeeper' })
  const plain = emitRego(written)
  const texts = {
    emitted: [template.text, `data.${template.package}.violation`],
    library: [hand, 'data.byhand.violation'],
    alike: [alike, 'data.alike.violation'],
    decision: [plain.text, `data.${plain.package}.decision`, emitRegoLibrary([plain]).text],
  }
  const asked = Object.entries(texts).map(([name, [text, query, ...libraries]]) => {
    const files = [text, ...libraries].map((each, index) => {
      const file = join(folder, `${name}-${index}.rego`)
      writeFileSync(file, each)
      return file
    })
    return { name, query, files }
  })
  for (const pod of pods) {
    const input = join(folder, 'input.json')
    writeFileSync(input, JSON.stringify({ review: review(pod), parameters }))
    // turn about, so that a machine that slows down does so for all
    const times = asked.map(() => [])
    for (let run = 0; run < Number(count); run++)
      asked.forEach(({ query, files }, index) => times[index].push(nanos(files, query, input)))
    const [emitted, library, more, decision] = times.map(median)
    console.log(
      `${policy.id.padEnd(38)} ${pod.name.padEnd(20)} emitted ${us(emitted)}  library ${us(library)} ${ratio(emitted, library)}  alike ${us(more)} ${ratio(emitted, more)}  decision ${us(decision)}`,
    )
  }
}
rmSync(folder, { recursive: true })

function nanos(files, query, input) {
  const { stdout, status, stderr } = spawnSync(
    'opa',
    [
      'bench',
      '--format',
      'json',
      '--metrics=false',
      ...files.flatMap((file) => ['--data', file]),
      '--input',
      input,
      query,
    ],
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

function ratio(ours, theirs) {
  return `${(ours / theirs).toFixed(2)}×`.padStart(6)
}

function us(value) {
  return `${(value / 1000).toFixed(1)} µs`.padStart(10)
}
