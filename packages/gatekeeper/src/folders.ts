import type { Json, Policy } from '@gatewright/core'
import type { RegoDialect } from '@gatewright/compiler'
import type { Constraint } from './constraint.js'
import { expansionTemplatesOf } from './expansion.js'
import { type GatekeeperFile, yamlOf } from './file.js'
import { GatekeeperError } from './gatekeeper-error.js'
import { constraintKind } from './kind-name.js'
import type { Manifest } from './manifest.js'
import { type SuiteCase, suiteOf } from './suite.js'
import { syncSetOf } from './sync.js'
import { tooLarge } from './parameter-sizes.js'
import type { SchemaPart } from './structural-schema.js'
import { type ConstraintTemplate, kindIn, templatesOf } from './template.js'

/** What is written for Gatekeeper. */
export interface GatekeeperPlan {
  readonly policies: readonly Policy[]
  readonly constraints: readonly Constraint[]
  readonly mutations?: readonly Manifest[]
  /** Kinds of constraints by policy id, where they are not to follow from it. */
  readonly kinds?: Readonly<Record<string, string>>
  /** Cases of `gator verify` by policy id. */
  readonly suites?: Readonly<Record<string, readonly SuiteCase[]>>
  readonly regoVersion?: RegoDialect
  /** The name of the Provider that judges in the place of the templates' own Rego. */
  readonly provider?: string
  /** Whether policies about Pods are asked of what makes them, too. */
  readonly expansion?: boolean
  /** The ids of policies that have CEL beside their Rego. */
  readonly cel?: readonly string[]
  /** Fewest elements of an object's lists that CEL has to hold to. */
  readonly holdsTo?: number
  /** The folder that source files are named from. */
  readonly root?: string
}

/**
 * All files for Gatekeeper, in the order in which they are applied: `templates/` with the sync set, `mutations/`, then `constraints/`, whose kinds are
 * there only once Gatekeeper has read the templates. `suites/` is for `gator verify` and never applied.
 *
 * Throws a `GatekeeperError` for a constraint of no policy's kind and for two of one name.
 */
export function gatekeeperFiles(plan: GatekeeperPlan): readonly GatekeeperFile[] {
  const { policies, constraints, mutations = [], kinds = {}, suites = {}, ...options } = plan
  const templates = templatesOf(policies, { kinds, constraints, ...options })
  const sync = syncSetOf(policies)
  const byKind = new Map(policies.map((policy) => [constraintKind(policy, kindIn(kinds, policy)), policy]))
  checkConstraints(constraints, new Set(byKind.keys()))
  for (const each of constraints) checkSizes(each, templates)
  return [
    ...templates.map((each) => manifestFile('templates', each.metadata.name, each)),
    ...(sync === undefined ? [] : [manifestFile('templates', 'sync-set', sync)]),
    ...(plan.expansion === true ? expansionTemplatesOf(policies) : []).map((each) =>
      manifestFile('templates', `expansion.${each.metadata.name}`, each),
    ),
    ...mutations.map((each) => manifestFile('mutations', each.metadata.name, each)),
    ...constraints.map((each) =>
      manifestFile('constraints', `${each.kind.toLowerCase()}.${each.metadata.name}`, each),
    ),
    ...[...byKind].flatMap(([kind, policy]) => {
      const cases = Object.hasOwn(suites, policy.id) ? (suites[policy.id] ?? []) : []
      const name = kind.toLowerCase()
      if (cases.length === 0) return []
      return suiteOf(policy, cases, {
        kind,
        template: `../../templates/${name}.yaml`,
        cel: plan.cel?.includes(policy.id) === true,
      }).map(({ path, content }) => ({ path: `suites/${name}/${path}`, content }))
    }),
  ]
}

const manifestFile = (folder: string, name: string, manifest: Manifest): GatekeeperFile => ({
  path: `${folder}/${name}.yaml`,
  content: yamlOf(manifest as unknown as Json),
})

/** Refuses parameters that are larger than the schema of their template lets them be. */
function checkSizes(
  { kind, metadata: { name }, spec: { parameters = {} } }: Constraint,
  templates: readonly ConstraintTemplate[],
): void {
  const crds = templates.map(({ spec }) => (spec as unknown as TemplateSpec).crd.spec)
  const schema = crds.find(({ names }) => names.kind === kind)?.validation.openAPIV3Schema
  const problem = schema === undefined ? undefined : tooLarge(parameters, schema)
  if (problem !== undefined)
    throw new GatekeeperError(
      'invalid-parameters',
      `the parameters of constraint \`${name}\` of kind \`${kind}\`: ${problem}`,
      'say in their schema how large they may be',
    )
}

interface TemplateSpec {
  readonly crd: {
    readonly spec: {
      readonly names: { readonly kind: string }
      readonly validation: { readonly openAPIV3Schema: SchemaPart }
    }
  }
}

function checkConstraints(constraints: readonly Constraint[], kinds: ReadonlySet<string>): void {
  const names = new Set<string>()
  for (const { kind, metadata } of constraints) {
    if (!kinds.has(kind))
      throw new GatekeeperError(
        'unknown-kind',
        `constraint \`${metadata.name}\` is of kind \`${kind}\`, and no template has it`,
        `there are ${[...kinds].toSorted().join(', ')}`,
      )
    const name = `${kind}/${metadata.name}`
    if (names.has(name))
      throw new GatekeeperError(
        'constraint-twice',
        `there are two constraints \`${metadata.name}\` of kind \`${kind}\``,
        'rename one',
      )
    names.add(name)
  }
}
