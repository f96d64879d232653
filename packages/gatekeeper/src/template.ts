import {
  type CelCapacity,
  CelUnsupported,
  emitParametrisedCel,
  emitProviderRego,
  emitRego,
  type RegoDialect,
} from '@gatewright/compiler'
import { type InventoryResource, type Json, needsOf, type Policy } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import { heldCapacity, parametrisedCapacityText } from './capacity.js'
import type { Constraint } from './constraint.js'
import { GatekeeperError } from './gatekeeper-error.js'
import { constraintKind, refuseCollisions } from './kind-name.js'
import { type Manifest, syncWave, syncWaves } from './manifest.js'
import { sizedSchema } from './parameter-sizes.js'
import { type SchemaPart, structuralSchema } from './structural-schema.js'

/** How a template is written. */
export interface TemplateOptions {
  /** The kind of the policy's constraints, where it is not to follow from the id: a team may have one already. */
  readonly kind?: string
  /** The version of Rego; v0 is for Gatekeepers that know no other. */
  readonly regoVersion?: RegoDialect
  /** The name of an external-data provider that judges in the place of Rego: `gatewright serve provider`. */
  readonly provider?: string
  /** Writes CEL beside the Rego, with which Gatekeeper judges then; the Rego is for what has no CEL. */
  readonly cel?: boolean
  /** Fewest elements of an object's lists that CEL has to hold to within what Gatekeeper lets it cost; 20 by default. */
  readonly holdsTo?: number
  /** Parameters that constraints are known to have: CEL is worked out for as many of them as these are, and constraints are held to it. */
  readonly given?: readonly Json[]
  /** The folder that source files are named from. */
  readonly root?: string
}

/** A ConstraintTemplate. */
export interface ConstraintTemplate extends Manifest {
  readonly apiVersion: 'templates.gatekeeper.sh/v1'
  readonly kind: 'ConstraintTemplate'
}

/**
 * The ConstraintTemplate of a policy: its Rego, and the schema that the API server holds the parameters of its constraints to.
 *
 * Throws a `GatekeeperError` where the kind or the schema cannot be said or CEL would cost too much, and a `RegoUnsupported` or a
 * `CelUnsupported` where the rule cannot.
 */
export function templateOf(policy: Policy, options: TemplateOptions = {}): ConstraintTemplate {
  const { regoVersion = 'v1', provider, root } = options
  const kind = constraintKind(policy, options.kind)
  const { ir, values } = policy
  if (ir.target.kinds === undefined)
    throw new GatekeeperError(
      'no-kubernetes-object',
      `policy \`${policy.id}\` is about \`${ir.target.name}\`, which is no object of Kubernetes`,
      'leave it out',
    )
  if (provider !== undefined) checkProvider(policy, provider, regoVersion)
  const { text: rego } =
    provider === undefined
      ? emitRego(
          { ir: checkedIr(policy), values },
          { entry: 'gatekeeper', dialect: regoVersion, ...(root === undefined ? {} : { root }) },
        )
      : { text: emitProviderRego(checkedIr(policy), provider) }
  const schema = parametersSchema(policy)
  const native = options.cel === true ? nativeOf(policy, schema, options) : undefined
  const language =
    regoVersion === 'v0'
      ? { rego }
      : {
          code: [
            ...(native === undefined ? [] : [{ engine: 'K8sNativeValidation', source: native.source }]),
            { engine: 'Rego', source: { version: 'v1', rego } },
          ],
        }
  return {
    apiVersion: 'templates.gatekeeper.sh/v1',
    kind: 'ConstraintTemplate',
    metadata: {
      name: kind.toLowerCase(),
      annotations: {
        ...annotationsOf(policy),
        ...(native !== undefined && { 'gatewright.dev/holds-to': parametrisedCapacityText(native.capacity) }),
      },
    },
    spec: {
      crd: { spec: { names: { kind }, validation: { openAPIV3Schema: native?.schema ?? schema } } },
      targets: [{ target: 'admission.k8s.gatekeeper.sh', ...language }],
    },
  }
}

/** What Gatekeeper judges with by CEL, with the schema of parameters that its cost is worked out for. */
interface Native {
  readonly source: Readonly<Record<string, Json>>
  readonly schema: SchemaPart
  readonly capacity: CelCapacity
}

function nativeOf(
  policy: Policy,
  of: SchemaPart,
  { regoVersion, provider, holdsTo, given }: TemplateOptions,
): Native {
  if (regoVersion === 'v0' || provider !== undefined)
    throw new GatekeeperError(
      'cel-alone',
      'CEL stands beside Rego v1, and a Gatekeeper that knows it would ask neither a provider nor Rego v0',
      'leave one of them out',
    )
  const { schema, sizes } = sizedSchema(of, given)
  const expressions = emitParametrisedCel(
    checkedIr(policy),
    { root: 'variables.params', values: policy.values as Readonly<Record<string, Json>> },
    { asksOthers: true },
  )
  const { variables, validation, message, fallback } = expressions
  return {
    schema,
    capacity: heldCapacity(policy.id, expressions, 'gatekeeper', { fewest: holdsTo, sizes }),
    source: {
      // Gatekeeper would make admission policies of it that do not match as its webhook does
      generateVAP: false,
      failurePolicy: 'Fail',
      variables: variables.map(({ name, expression }) => ({ name, expression })),
      validations: [{ expression: validation, message: fallback, messageExpression: message }],
    },
  }
}

function checkProvider({ id, ir }: Policy, provider: string, regoVersion: RegoDialect): void {
  if (!/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(provider))
    throw new GatekeeperError('invalid-name', `\`${provider}\` cannot be the name of a Provider`, 'name one')
  if (regoVersion === 'v0')
    throw new GatekeeperError(
      'provider-and-v0',
      'what asks a provider is written in Rego v1',
      'leave the version out',
    )
  if (needsOf(ir).inventory.length > 0)
    throw new GatekeeperError(
      'inventory-by-provider',
      `policy \`${id}\` looks up other objects, and a provider sees the one that it is asked about`,
      'build it apart, without the provider',
    )
}

/** What the CEL of a policy's template would hold to, or why it has none. */
export function celOf(
  policy: Policy,
  options: Pick<TemplateOptions, 'holdsTo' | 'given'> = {},
): { readonly capacity: CelCapacity } | { readonly reason: string } {
  try {
    return { capacity: nativeOf(policy, parametersSchema(policy), options).capacity }
  } catch (error) {
    const isReason =
      error instanceof CelUnsupported || (error instanceof GatekeeperError && error.code === 'over-cost')
    if (!isReason) throw error
    return { reason: error.message }
  }
}

/** How the templates of several policies are written. */
export interface TemplatesOptions extends Omit<TemplateOptions, 'kind' | 'cel' | 'given'> {
  readonly kinds?: Readonly<Record<string, string>>
  /** The ids of those that have CEL beside their Rego. */
  readonly cel?: readonly string[]
  /** Constraints whose parameters CEL is worked out for. */
  readonly constraints?: readonly Constraint[]
}

/** The templates of policies, in the order of their names. Throws where two have one kind. */
export function templatesOf(
  policies: readonly Policy[],
  { kinds = {}, cel = [], constraints = [], ...options }: TemplatesOptions = {},
): readonly ConstraintTemplate[] {
  const named = policies.map((policy) => [policy, constraintKind(policy, kindIn(kinds, policy))] as const)
  refuseCollisions(named.map(([{ id }, kind]) => [id, kind]))
  return named
    .map(([policy, kind]) =>
      templateOf(policy, {
        ...options,
        kind,
        cel: cel.includes(policy.id),
        given: givenTo(kind, constraints),
      }),
    )
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** The parameters of the constraints of a kind. */
export const givenTo = (kind: string, constraints: readonly Constraint[]): readonly Json[] =>
  constraints.flatMap((each) => (each.kind === kind ? (each.spec.parameters ?? []) : []))

/** The kind that is named for a policy. */
export const kindIn = (kinds: Readonly<Record<string, string>>, { id }: Policy): string | undefined =>
  Object.hasOwn(kinds, id) ? kinds[id] : undefined

/** The schema of a policy's parameters as a template has it, with what was set ahead as the defaults. */
export function parametersSchema({ ir, values }: Policy): SchemaPart {
  const schema = (ir.parameters ?? { type: 'object', properties: {} }) as SchemaPart
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, SchemaPart>>)
  const required = ((schema['required'] ?? []) as readonly string[]).filter(
    (name) => !Object.hasOwn(values, name),
  )
  const { required: _, ...rest } = schema
  const preset: SchemaPart = {
    ...rest,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      properties.map(([name, each]) => [
        name,
        Object.hasOwn(values, name) ? { ...each, default: values[name] as Json } : each,
      ]),
    ),
  }
  const written = structuralSchema(preset)
  // without it nothing would be filled in, nor asked for, where a constraint gives no parameters at all
  return required.length === 0 && properties.length > 0 ? { ...written, default: {} } : written
}

function annotationsOf({ id, ir }: Policy): Readonly<Record<string, string>> {
  const { title, description, severity } = ir
  const inventory = inventoryOf([ir])
  return {
    'metadata.gatekeeper.sh/title': title,
    ...(description === undefined ? {} : { description }),
    'gatewright.dev/policy': id,
    'gatewright.dev/severity': severity,
    ...(inventory.length === 0
      ? {}
      : {
          'metadata.gatekeeper.sh/requires-sync-data': JSON.stringify(
            inventory.map(({ group, version, kind }) => [
              { groups: [group], versions: [version], kinds: [kind] },
            ]),
          ),
        }),
    [syncWave]: syncWaves.definitions,
  }
}

/**
 * What policies look up, each kind once, by group and kind. Throws where they ask for two versions of one kind: both would be in the
 * inventory then, and each object twice.
 */
export function inventoryOf(policies: readonly Policy['ir'][]): readonly InventoryResource[] {
  const found = new Map<string, InventoryResource>()
  for (const ir of policies) {
    for (const resource of needsOf(ir).inventory) {
      const { group, version, kind } = resource
      const key = `${group}/${kind}`
      const other = found.get(key)
      if (kind === '*')
        throw new GatekeeperError(
          'inventory-of-all',
          `policy \`${ir.id}\` looks up objects of any kind`,
          'name the kinds',
        )
      if (other !== undefined && other.version !== version)
        throw new GatekeeperError(
          'versions-differ',
          `\`${kind}\` is looked up as \`${other.version}\` and, by policy \`${ir.id}\`, as \`${version}\``,
          'look it up in one version',
        )
      found.set(key, resource)
    }
  }
  return [...found.values()].toSorted((a, b) => (`${a.group}/${a.kind}` < `${b.group}/${b.kind}` ? -1 : 1))
}
