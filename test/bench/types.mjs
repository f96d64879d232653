// Times type-checking policies that use the whole Kubernetes model, beside checking the imports alone, under the compilers that
// users have. Prints what each compiler counts; nothing fails.
//   node test/bench/types.mjs [policies]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [count = 120] = process.argv.slice(2).map(Number)
const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/bench-types-'))

/** Every resource that there is, so that every type of the model is asked for. */
const resources = [
  ...readFileSync(join(root, 'packages/kubernetes/src/generated/resources.ts'), 'utf8').matchAll(
    /^export const (\w+): Resource</gm,
  ),
].map(([, name]) => name)

const imports = `import { allOf, anyOf, imageRef, message, not, policy, set, type Policy } from 'gatewright'
import * as kubernetes from 'gatewright/kubernetes'
import { z } from 'zod'
`
const rules = [
  `target: kubernetes.workloads, rule: ({ pod }) => pod.allContainers.filter((c) => c.securityContext.privileged.is(true))
    .deny((c) => ({ message: message\`\${c.name}\`, at: c.securityContext.privileged, fix: set(c.securityContext.privileged, false) }))`,
  `target: kubernetes.workloads, parameters: z.object({ images: z.array(z.string()).default([]) }), rule: ({ pod, parameters }) =>
    pod.allContainers.filter((c) => not(parameters.images.some((i) => imageRef(c.image).within(i).ifMissing(false))))
      .deny((c) => ({ message: message\`\${c.image}\`, at: c.image }))`,
  `target: kubernetes.deployments, rule: ({ object }) => allOf(object.spec.replicas.default(1).lt(2), object.metadata.labels.has('tier'))
    .deny({ message: message\`\${object.metadata.name}\`, at: object.spec.replicas })`,
  `target: kubernetes.pods, rule: ({ object }) => object.spec.volumes.each((v) => [
    v.hostPath.exists().deny({ message: 'host path', at: v.hostPath }),
    anyOf(v.nfs.exists(), v.iscsi.exists()).deny({ message: message\`\${v.name}\`, at: v.name }) ])`,
]
const policies = Array.from(
  { length: count },
  (_, i) =>
    `export const p${i}: Policy = policy({ id: 'bench/p${i}', title: 'A policy', severity: 'low', ${rules[i % rules.length]} })\n`,
).join('')
const model = resources
  .map(
    (name) =>
      `export const ${name}Named: Policy = policy({ id: 'bench/${name.toLowerCase()}', title: 'A policy', severity: 'low', target: kubernetes.${name}, rule: ({ object }) => object.metadata.name.missing().deny({ message: 'no name' }) })\n`,
  )
  .join('')

const files = {
  imports: `${imports}export const used: unknown = [allOf, anyOf, imageRef, message, not, policy, set, kubernetes, z]\nexport type Used = Policy\n`,
  [`${count} policies`]: imports + policies,
  [`a policy for each of ${resources.length} resources`]: `import { policy, type Policy } from 'gatewright'\nimport * as kubernetes from 'gatewright/kubernetes'\n${model}`,
}

console.log(
  '                                                 types instantiations    memory     check     total',
)
for (const compiler of ['typescript', 'typescript-6', 'typescript-5.9']) {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(join(folder, 'policies.ts'), text)
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2023', 'dom'],
      types: [],
      noEmit: true,
      skipLibCheck: true,
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', folder, '--extendedDiagnostics'],
      { encoding: 'utf8' },
    )
    const figure = (label) => new RegExp(`^${label}:\\s+(\\S+)`, 'm').exec(stdout)?.[1] ?? '?'
    console.log(
      `${compiler.padEnd(14)} ${name.padEnd(33)} ${figure('Types').padStart(6)} ${figure('Instantiations').padStart(14)} ${figure('Memory used').padStart(9)} ${figure('Check time').padStart(9)} ${figure('Total time').padStart(9)}${status === 0 ? '' : `  (ended with ${status})\n${stdout.slice(0, 600)}`}`,
    )
  }
}
rmSync(folder, { recursive: true, force: true })
