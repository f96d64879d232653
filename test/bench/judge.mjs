// Times judging a parsed Pod of about 3 KB with the whole pod-security pack, beside JSON.parse of the same object and the
// reference interpreter; and the start of the command. Prints medians and ratios; nothing fails.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emitModule } from '../../packages/compiler/dist/index.js'
import { readParameters } from '../../packages/core/dist/index.js'
import { evaluator, javascriptEngine, referenceEngine } from '../../packages/evaluator/dist/index.js'
import { podSecurity } from '../../policies/pod-security/dist/pack.js'

const container = (name) => ({
  name,
  image: `registry.example.com/shop/${name}:1.2.3`,
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  env: Array.from({ length: 12 }, (_, i) => ({ name: `SETTING_${i}`, value: `a value of some length ${i}` })),
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    seccompProfile: { type: 'RuntimeDefault' },
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
})
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'cart', namespace: 'shop', labels: { app: 'cart' } },
  spec: { containers: [container('cart'), container('proxy')], volumes: [{ name: 'tmp', emptyDir: {} }] },
}
const text = JSON.stringify(pod)

/** Microseconds a call, the median of several batches. */
function time(call) {
  const batches = Array.from({ length: 15 }, () => {
    const started = performance.now()
    for (let i = 0; i < 1000; i++) call()
    return performance.now() - started
  })
  return batches.toSorted((a, b) => a - b)[7]
}

const judge = evaluator([podSecurity], { engine: javascriptEngine })
const verdicts = judge.evaluateJson(pod).judgements.map(({ verdict }) => verdict.verdict)
if (verdicts.some((verdict) => verdict !== 'allowed'))
  throw new Error(`the Pod is to conform: ${verdicts.join()}`)
const reference = evaluator([podSecurity], { engine: referenceEngine })

// the modules that `gatewright build --target javascript` writes
const folder = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
const runtime = new URL('../../packages/compiler/dist/index.js', import.meta.url).href
const modules = await Promise.all(
  judge.policies.map(async (policy, i) => {
    const file = join(folder, `${i}.mjs`)
    writeFileSync(file, emitModule(policy.ir, readParameters(policy).parameters, runtime))
    return (await import(file)).default
  }),
)
const review = { object: pod }
if (modules.some((each) => each.judge(review).verdict !== 'allowed'))
  throw new Error('the Pod is to conform to the modules')

const parse = time(() => JSON.parse(text))
const rows = [
  ['JSON.parse of the same', parse],
  ['the JavaScript engine', time(() => judge.evaluateJson(pod))],
  ['emitted modules', time(() => modules.forEach((each) => each.judge(review)))],
  ['the reference', time(() => reference.evaluateJson(pod))],
]
rmSync(folder, { recursive: true, force: true })
console.log(`a conforming Pod of ${text.length} bytes, ${verdicts.length} policies`)
for (const [name, micros] of rows)
  console.log(
    `${name.padEnd(24)} ${micros.toFixed(1).padStart(8)} µs  ${(micros / parse).toFixed(1)} × JSON.parse`,
  )

const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
const starts = (...args) => {
  const runs = Array.from({ length: 7 }, () => {
    const started = performance.now()
    spawnSync(process.execPath, args)
    return performance.now() - started
  })
  return runs.toSorted((a, b) => a - b)[3]
}
const bare = starts('--eval', '0')
const version = starts(command, '--version')
const check = starts(
  command,
  'check',
  fileURLToPath(new URL('../../examples/shop/manifests/storefront.yaml', import.meta.url)),
  '--no-config',
  '--policy',
  'pod-security',
)
console.log(
  `start: node alone ${bare.toFixed(0)} ms, gatewright --version ${version.toFixed(0)} ms, gatewright check of one file ${check.toFixed(0)} ms`,
)
