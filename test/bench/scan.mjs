// Times a scan of generated manifests: gatewright with the whole pod-security pack, beside conftest with four rules and gator
// with three constraints where these are on PATH. Prints ratios; nothing fails.
//   node test/bench/scan.mjs [count] [runs]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeManifests } from './manifests.mjs'

const [count = 5000, runs = 3] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
const manifests = join(folder, 'manifests')
writeManifests(manifests, count)
const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))

const rego = `package main

containers contains c if some c in input.spec.template.spec.containers

containers contains c if some c in input.spec.containers

deny contains sprintf("container %s must not run privileged", [c.name]) if {
	some c in containers
	c.securityContext.privileged == true
}

deny contains sprintf("container %s must set allowPrivilegeEscalation to false", [c.name]) if {
	some c in containers
	not c.securityContext.allowPrivilegeEscalation == false
}

deny contains sprintf("container %s must set readOnlyRootFilesystem to true", [c.name]) if {
	some c in containers
	not c.securityContext.readOnlyRootFilesystem == true
}

deny contains sprintf("container %s must drop ALL", [c.name]) if {
	some c in containers
	not "ALL" in c.securityContext.capabilities.drop
}
`

const rules = {
  privileged: 'c.securityContext.privileged == true',
  escalation: 'not c.securityContext.allowPrivilegeEscalation == false',
  readonly: 'not c.securityContext.readOnlyRootFilesystem == true',
}

function gatekeeper(name, body) {
  const kind = `Bench${name[0].toUpperCase()}${name.slice(1)}`
  const template = {
    apiVersion: 'templates.gatekeeper.sh/v1',
    kind: 'ConstraintTemplate',
    metadata: { name: kind.toLowerCase() },
    spec: {
      crd: { spec: { names: { kind } } },
      targets: [
        {
          target: 'admission.k8s.gatekeeper.sh',
          code: [
            {
              engine: 'Rego',
              source: {
                version: 'v1',
                rego: `package bench\n\ncontainers contains c if some c in input.review.object.spec.template.spec.containers\n\ncontainers contains c if some c in input.review.object.spec.containers\n\nviolation contains {"msg": sprintf("%s", [c.name])} if {\n\tsome c in containers\n\t${body}\n}\n`,
              },
            },
          ],
        },
      ],
    },
  }
  const constraint = {
    apiVersion: 'constraints.gatekeeper.sh/v1beta1',
    kind,
    metadata: { name: kind.toLowerCase() },
  }
  return `${JSON.stringify(template)}\n---\n${JSON.stringify(constraint)}\n`
}

mkdirSync(join(folder, 'rego'))
writeFileSync(join(folder, 'rego/main.rego'), rego)
mkdirSync(join(folder, 'constraints'))
for (const [name, body] of Object.entries(rules))
  writeFileSync(join(folder, `constraints/${name}.yaml`), gatekeeper(name, body))

const tools = {
  gatewright: [
    process.execPath,
    command,
    'check',
    manifests,
    '--policy',
    'pod-security',
    '--no-config',
    '--format',
    'json',
  ],
  conftest: [
    'conftest',
    'test',
    '--no-color',
    '--policy',
    join(folder, 'rego'),
    '--output',
    'json',
    manifests,
  ],
  gator: [
    'gator',
    'test',
    '--filename',
    manifests,
    '--filename',
    join(folder, 'constraints'),
    '--output',
    'json',
  ],
}
const times = {}
for (let run = 0; run < runs; run++) {
  for (const [name, [program, ...args]] of Object.entries(tools)) {
    const started = performance.now()
    const { error, status, stdout } = spawnSync(program, args, { maxBuffer: 1 << 30, encoding: 'utf8' })
    if (error !== undefined) continue
    // all three end with 1 when they have found something
    if (status !== 1) console.error(`${name} ended with ${status}`)
    ;(times[name] ??= []).push(performance.now() - started)
    if (run === 0) console.log(`${name}: ${stdout.length} characters of findings`)
  }
}
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1]
const ours = median(times.gatewright)
console.log(`${count} manifests, median of ${runs} runs, whole processes`)
for (const name of Object.keys(tools)) {
  if (times[name] === undefined) console.log(`${name.padEnd(12)} not on PATH: not compared`)
  else
    console.log(
      `${name.padEnd(12)} ${median(times[name]).toFixed(0).padStart(6)} ms  ${(median(times[name]) / ours).toFixed(1)} × gatewright`,
    )
}
rmSync(folder, { recursive: true, force: true })
