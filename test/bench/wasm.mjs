// Times modules of ours beside modules that `opa build -t wasm` makes, all through the unmodified opa-wasm in one process: of the Rego
// that we emit for the same policies, which says the same ("opa"), and of Rego written by hand in the way of Gatekeeper's policy
// library, which says less ("by hand"); our own loader, from bytes; and `JSON.parse` of the same text alone. Ten policies in one
// module. Prints medians and ratios; nothing fails. Needs `opa` on PATH for the comparison.
//   node test/bench/wasm.mjs [milliseconds a figure]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { emitRego, emitRegoLibrary, emitWasm } from '@gatewright/compiler'
import { check } from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import { ModuleInstance } from '../../packages/evaluator/dist/wasm/module-instance.js'
import * as pack from '@gatewright/pod-security'

const [budget = 300] = process.argv.slice(2).map(Number)
const require = createRequire(new URL('../../packages/evaluator/package.json', import.meta.url))
const { loadPolicySync } = require('@open-policy-agent/opa-wasm')

const chosen = [
  pack.privilegedContainers,
  pack.hostNamespaces,
  pack.hostPorts,
  pack.capabilities,
  pack.privilegeEscalation,
  pack.readOnlyRootFilesystem,
  pack.procMount,
  pack.interactiveTty,
  pack.volumeTypes.with({ volumes: ['configMap', 'emptyDir', 'secret'] }),
  pack.users,
]
const policies = chosen.map((policy) => ({ ir: check(policy.ir), values: policy.values }))

/** What of the library's policies is about the same. */
const byHand = `package main

import rego.v1

containers contains c if some c in input.review.object.spec.containers
containers contains c if some c in input.review.object.spec.initContainers
containers contains c if some c in input.review.object.spec.ephemeralContainers

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

${[
  ['privileged', 'c.securityContext.privileged'],
  ['procmount', 'not object.get(c.securityContext, "procMount", "Default") == "Default"'],
  ['readonly', 'not c.securityContext.readOnlyRootFilesystem == true'],
  ['escalation', 'not c.securityContext.allowPrivilegeEscalation == false'],
  ['tty', 'c.tty'],
  ['users', 'not c.securityContext.runAsNonRoot'],
]
  .map(
    ([name, broken]) => `violation contains {"policy": "${name}", "msg": msg, "details": {}} if {
	some c in containers
	not is_exempt(c)
	${broken}
	msg := sprintf("${name} is not allowed: %v", [c.name])
}`,
  )
  .join('\n\n')}

violation contains {"policy": "capabilities", "msg": msg, "details": {}} if {
	some c in containers
	not is_exempt(c)
	some capability in c.securityContext.capabilities.add
	not capability in {"NET_BIND_SERVICE"}
	msg := sprintf("capability %v is not allowed: %v", [capability, c.name])
}

violation contains {"policy": "hostports", "msg": msg, "details": {}} if {
	some c in containers
	some port in c.ports
	port.hostPort > 0
	msg := sprintf("host port %v is not allowed: %v", [port.hostPort, c.name])
}

violation contains {"policy": "hostnamespaces", "msg": "sharing the host namespace is not allowed", "details": {}} if shares_host(input.review.object)
shares_host(o) if o.spec.hostPID
shares_host(o) if o.spec.hostIPC

violation contains {"policy": "volumes", "msg": msg, "details": {}} if {
	some volume in input.review.object.spec.volumes
	some type, _ in object.remove(volume, ["name"])
	not type in {"configMap", "secret", "emptyDir", "persistentVolumeClaim", "projected", "downwardAPI", "csi", "ephemeral"}
	msg := sprintf("volume type %v is not allowed: %v", [type, volume.name])
}
`

const documents = [
  { name: '3 KB, clean', containers: 3, isClean: true, managed: 3 },
  { name: '3 KB, bad', containers: 3, isClean: false, managed: 3 },
  { name: '10 KB, clean', containers: 6, isClean: true, managed: 20 },
  { name: '10 KB, bad', containers: 6, isClean: false, managed: 20 },
  { name: '200 KB, clean', containers: 40, isClean: true, managed: 560 },
  { name: '200 KB, bad', containers: 40, isClean: false, managed: 560 },
]

const module = emitWasm(policies)
const single = emitWasm(policies.slice(0, 1))
const theirs = opaModule(emittedFiles(), 'main/decisions')
const handmade = opaModule({ 'main.rego': byHand }, 'main/violation')
report('size, ten policies', module.bytes, { opa: theirs, 'by hand': handmade })
report('size, one policy', single.bytes, {
  opa: opaModule(emittedFiles(1), 'main/decisions'),
})
console.log()

const ours = loadPolicySync(module.bytes)
const lean = new ModuleInstance(new WebAssembly.Module(module.bytes))
const one = new ModuleInstance(new WebAssembly.Module(single.bytes))
const peer = theirs && loadPolicySync(theirs)
const byHandPeer = handmade && loadPolicySync(handmade)
const inProcess = evaluator(chosen)

for (const document of documents) {
  const object = podOf(document)
  const text = JSON.stringify({ review: { uid: '1', operation: 'CREATE', object }, parameters: {} })
  const bytes = new TextEncoder().encode(text)
  const found = lean.judge(bytes).reduce((sum, each) => sum + (each === 0 ? 0 : each.violations.length), 0)
  const rows = {
    opa: peer && (() => peer.evaluate(bytes.buffer)),
    byHand: byHandPeer && (() => byHandPeer.evaluate(bytes.buffer)),
    ours: () => ours.evaluate(bytes.buffer, 'gatewright/decisions'),
    lean: () => lean.judge(bytes),
    one: () => one.judge(bytes),
    parse: () => JSON.parse(text),
    javascript: () => inProcess.evaluateJson(JSON.parse(text)),
  }
  const times = measured(rows)
  const ratio = (a, b) => (a === undefined ? '     –' : `${(a / b).toFixed(1)}×`.padStart(6))
  console.log(
    `${document.name.padEnd(14)} ${(bytes.length / 1000).toFixed(1).padStart(6)} KB ${String(found).padStart(4)} violations` +
      `  ours ${us(times.ours)}  opa ${us(times.opa)} ${ratio(times.opa, times.ours)}  by hand ${us(times.byHand)} ${ratio(times.byHand, times.ours)}` +
      `  lean ${us(times.lean)}` +
      `  JSON.parse ${us(times.parse)} ${ratio(times.parse, times.lean)}` +
      `  in process ${us(times.javascript)} ${ratio(times.javascript, times.lean)}` +
      `  ten/one ${ratio(times.lean, times.one)}`,
  )
}

console.log()
const compile = []
for (let i = 0; i < 20; i++) compile.push(milliseconds(() => emitWasm(policies)))
const load = Array.from({ length: 20 }, () =>
  milliseconds(() => new ModuleInstance(new WebAssembly.Module(module.bytes))),
)
const cold = spawnSync(process.execPath, [new URL('wasm-cold.mjs', import.meta.url).pathname], {
  encoding: 'utf8',
})
console.log(
  `compile, ten policies: cold ${cold.stdout.trim()}, warm ${median(compile).toFixed(2)} ms; load ${median(load).toFixed(2)} ms`,
)

function report(title, bytes, others) {
  const gz = (each) => gzipSync(each, { level: 9 }).length
  const kb = (each) => `${(each / 1000).toFixed(1)} KB`
  const size = (each) => `${kb(each.length)} (${kb(gz(each))} gzipped)`
  const rest = Object.entries(others).flatMap(([name, each]) =>
    each === undefined ? [] : [`; ${name} ${size(each)} ${(each.length / bytes.length).toFixed(1)}×`],
  )
  console.log(`${title}: ours ${size(bytes)}${rest.join('')}`)
}

/** The Rego that we emit, and a rule that asks for all decisions at once. */
function emittedFiles(count = policies.length) {
  const modules = policies.slice(0, count).map((each) => emitRego(each))
  const all = [...modules, emitRegoLibrary(modules)].map(({ path, text }) => [path, text])
  const decisions = modules.map(({ package: name }) => `data.${name}.decision`)
  return {
    ...Object.fromEntries(all),
    'main.rego': `package main\n\nimport rego.v1\n\ndecisions := [${decisions.join(', ')}]\n`,
  }
}

/** The module that OPA makes of files; undefined where there is no `opa`. */
function opaModule(files, entry) {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-wasm-bench-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, 'src', path)), { recursive: true })
      writeFileSync(join(folder, 'src', path), text)
    }
    const options = ['build', '-t', 'wasm', '-e', entry, '-o', 'bundle.tar.gz', '-b', 'src']
    const { status, error, stderr } = spawnSync('opa', options, { cwd: folder, encoding: 'utf8' })
    if (error !== undefined) return void console.log('not compared: there is no `opa` on PATH')
    if (status !== 0) throw new Error(stderr)
    spawnSync('tar', ['-xzf', 'bundle.tar.gz', '/policy.wasm'], { cwd: folder })
    return readFileSync(join(folder, 'policy.wasm'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function podOf({ containers, isClean, managed }) {
  const container = (i) => ({
    name: `c${i}`,
    image: `registry.example.com/team/app-${i}:1.${i}`,
    command: ['/bin/app', '--port', String(8000 + i)],
    env: [
      { name: 'MODE', value: 'production' },
      { name: 'REGION', value: 'eu-west-1' },
    ],
    ports: [{ containerPort: 8080, ...(isClean ? {} : { hostPort: 22 }) }],
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10 },
    securityContext: isClean
      ? {
          privileged: false,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        }
      : i === 0
        ? { privileged: true, capabilities: { add: ['SYS_ADMIN'] } }
        : {
            privileged: false,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            runAsNonRoot: true,
            capabilities: { drop: ['ALL'] },
          },
  })
  const field = (i) => ({
    manager: `controller-${i}`,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-02T03:04:05Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:status': {
        'f:conditions': { '.': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
        'f:podIP': {},
        'f:phase': {},
      },
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
    },
  })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'pod',
      namespace: 'shop',
      labels: { app: 'pod' },
      managedFields: Array.from({ length: managed }, (_, i) => field(i)),
    },
    spec: {
      ...(isClean ? {} : { hostPID: true }),
      volumes: [isClean ? { name: 'data', emptyDir: {} } : { name: 'data', hostPath: { path: '/' } }],
      containers: Array.from({ length: containers }, (_, i) => container(i)),
    },
  }
}

/** Medians of runs that take turns, in microseconds. */
function measured(rows) {
  const runs = Object.entries(rows).filter(([, run]) => run)
  const loops = new Map()
  const times = new Map(runs.map(([name]) => [name, []]))
  for (const [name, run] of runs) {
    const end = performance.now() + budget / 4
    let count = 0
    while (performance.now() < end) {
      run()
      count++
    }
    loops.set(name, Math.max(1, Math.round((count / (budget / 4)) * 10)))
  }
  for (let round = 0; round < Math.max(5, budget / 20); round++) {
    for (const [name, run] of runs) {
      const count = loops.get(name)
      const start = performance.now()
      for (let i = 0; i < count; i++) run()
      times.get(name).push(((performance.now() - start) * 1000) / count)
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]))
}

function milliseconds(run) {
  const start = performance.now()
  run()
  return performance.now() - start
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

function us(value) {
  return value === undefined ? '        –' : `${value.toFixed(1)} µs`.padStart(10)
}
