import { spawnSync } from 'node:child_process'
import type { RegoDialect } from '@gatewright/compiler'
import type { Json, Policy } from '@gatewright/core'
import { constraintKind, templateOf } from '@gatewright/gatekeeper'
import { binaries } from '../binaries.js'
import { exactJson, type RegoFile, withFiles } from './opa.js'

/** A Constraint of a policy, which matches whatever there is. */
export function constraintOf(policy: Policy, parameters: Json = {}): Json {
  const kind = constraintKind(policy)
  return {
    apiVersion: 'constraints.gatekeeper.sh/v1beta1',
    kind,
    metadata: { name: kind.toLowerCase() },
    spec: { parameters },
  }
}

/** What `gator test` reports: which constraint, about which object, what. */
export interface GatorResult {
  readonly msg: string
  readonly metadata: { readonly details: Json }
  readonly constraint: { readonly kind: string }
  readonly violatingObject: { readonly metadata: { readonly name: string } }
}

/** Judges objects by templates and constraints with `gator test`. Throws what gator does not take. */
export function tested(documents: readonly Json[]): readonly GatorResult[] {
  const stream = documents.map((each) => exactJson(each)).join('\n---\n')
  return withFiles([{ path: 'all.yaml', text: stream }], (folder) => {
    const { stdout, stderr, status } = run('test', '--filename', folder, '--output', 'json')
    // it ends with 1 where there are violations, and where it cannot judge
    if (status !== 0 && !stdout.trimStart().startsWith('['))
      throw new Error(`gator test ended with ${String(status)}: ${stdout}${stderr}`)
    return (JSON.parse(stdout) ?? []) as readonly GatorResult[]
  })
}

/** A case of a suite: an object or an AdmissionReview, and how many violations there are. */
export interface SuiteCase {
  readonly name: string
  readonly policy: Policy
  readonly parameters: Json
  readonly object: Json
  readonly violations: number | 'yes' | 'no'
}

/** Runs a suite of `gator verify`. Gives for each case its name with what gator has against it; nothing where it holds. */
export function verified(
  cases: readonly SuiteCase[],
  regoVersion: RegoDialect,
  templateFor: (policy: Policy) => object = (policy) => templateOf(policy, { regoVersion }),
): ReadonlyMap<string, string | undefined> {
  const policies = new Map(cases.map(({ policy }) => [policy.id, policy]))
  const template = (policy: Policy): string => `template-${constraintKind(policy)}.yaml`
  const files: readonly RegoFile[] = [
    ...[...policies.values()].map((policy) => ({
      path: template(policy),
      text: exactJson(templateFor(policy) as Json),
    })),
    ...cases.flatMap(({ policy, parameters, object }, i) => [
      { path: `constraint-${i}.yaml`, text: exactJson(constraintOf(policy, parameters)) },
      { path: `object-${i}.yaml`, text: exactJson(object) },
    ]),
    {
      path: 'suite.yaml',
      text: JSON.stringify({
        kind: 'Suite',
        apiVersion: 'test.gatekeeper.sh/v1alpha1',
        metadata: { name: 'cases' },
        tests: cases.map(({ name, policy, violations }, i) => ({
          name: `test ${i}`,
          template: template(policy),
          constraint: `constraint-${i}.yaml`,
          cases: [{ name, object: `object-${i}.yaml`, assertions: [{ violations }] }],
        })),
      }),
    },
  ]
  return withFiles(files, (folder) => {
    const { stdout, stderr } = run('verify', '--verbose', `${folder}/suite.yaml`)
    const lines = stdout.split('\n').map((line) => line.trim())
    const found = new Map<string, string | undefined>()
    for (const { name } of cases) {
      const at = lines.findIndex((line) => /^--- (PASS|FAIL): /.test(line) && line.includes(`: ${name}\t`))
      if (at < 0) found.set(name, `there is no answer: ${stdout}${stderr}`)
      else found.set(name, lines[at]?.startsWith('--- PASS') === true ? undefined : (lines[at + 1] ?? ''))
    }
    return found
  })
}

function run(...options: readonly string[]): {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
} {
  return spawnSync(binaries('gator').gator, options, { encoding: 'utf8', maxBuffer: 1 << 28 })
}
