import { type CelCapacity, emitCel, emitParametrisedCel } from '@gatewright/compiler'
import { type Json, type Policy, readParameters } from '@gatewright/core'
import { checkedIr, type Match } from '@gatewright/evaluator'
import { admissionRules } from '@gatewright/kubernetes'
import { capacityText, heldCapacity, parametrisedCapacityText } from './capacity.js'
import { GatekeeperError } from './gatekeeper-error.js'
import { hasWildcard, isMeant, matchConditions, refuseSelectorOfNamespaces } from './match-conditions.js'
import { keptParameters } from './kept-parameters.js'
import { type Manifest, syncWave, syncWaves } from './manifest.js'

/** What the API server does with what a policy denies. */
export type ValidationAction = 'Deny' | 'Warn' | 'Audit'

export interface AdmissionPolicyOptions {
  /** The name of both; by default it follows from the id: `gatewright-team-labels`. */
  readonly name?: string
  /** Parameters, which are built in. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Keeps the parameters in an object of their own in the cluster, of a kind that is made for the policy, in the place of building them in. */
  readonly parameterObject?: boolean
  /** `Deny` by default. */
  readonly action?: ValidationAction
  /** Namespaces in which it is not bound; `kube-system` by default, since a policy that is wrong there takes the cluster with it. */
  readonly excludeNamespaces?: readonly string[]
  /** Which objects it is for, by selectors and, where these would not mean the same, by conditions. */
  readonly match?: Match
  /** Fewest elements of an object's lists that it has to hold to within the costs that the API server allows; 40 by default. */
  readonly holdsTo?: number
}

/** A policy that the API server judges by itself, and what puts it in force. */
export interface AdmissionPolicy {
  /** The kind of its parameters, and the object that they are in, where they are not built in. These have to be there before it is. */
  readonly parameters?: { readonly definition: Manifest; readonly object: Manifest }
  readonly policy: Manifest
  readonly binding: Manifest
  /** How large objects may be for it to judge them; larger ones are denied. */
  readonly capacity: CelCapacity
}

const type = 'admissionregistration.k8s.io/v1'

/**
 * A ValidatingAdmissionPolicy and its binding, for Kubernetes 1.30 and newer. The policy fails closed, lists the resources that it judges,
 * and has its parameters in it, so that there is nothing that could be missing in the cluster.
 *
 * Throws a `GatekeeperError` for a match that it cannot carry, for parameters that do not fit, for kinds that no API server serves, and where
 * it would cost too much for objects of a size that has to be judged; and a
 * `CelUnsupported` with the place in the source for a rule that CEL cannot say.
 */
export function admissionPolicyOf(policy: Policy, options: AdmissionPolicyOptions = {}): AdmissionPolicy {
  const { parameters = {}, action = 'Deny', excludeNamespaces = ['kube-system'], match = {} } = options
  const name = options.name ?? nameOf(policy)
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > 253)
    throw new GatekeeperError('invalid-name', `\`${name}\` is no name of an object`, 'name one with `name`')
  const read = readParameters(policy, parameters)
  if ('problems' in read) {
    const [problem] = read.problems
    throw new GatekeeperError(
      'invalid-parameters',
      `the parameters of \`${policy.id}\`: ${problem?.path.join('.') ?? ''}: ${problem?.message ?? ''}`,
    )
  }
  const kept =
    options.parameterObject === true && policy.ir.parameters !== undefined
      ? keptParameters(policy, name, { ...policy.values, ...parameters } as Fields)
      : undefined
  const expressions =
    kept === undefined
      ? emitCel(checkedIr(policy), read.parameters)
      : emitParametrisedCel(checkedIr(policy), {
          root: 'params.?spec',
          object: 'params',
          values: policy.values as Fields,
        })
  const { variables, validation, message, fallback } = expressions
  const capacity = heldCapacity(policy.id, expressions, 'api-server', {
    fewest: options.holdsTo,
    ...(kept !== undefined && { sizes: kept.sizes }),
  })
  const selector = namespaceSelector(policy, match, excludeNamespaces)
  const conditions = matchConditions(policy.id, match)
  return {
    policy: {
      apiVersion: type,
      kind: 'ValidatingAdmissionPolicy',
      metadata: {
        name,
        annotations: {
          ...annotationsOf(policy, syncWaves.definitions),
          'gatewright.dev/holds-to':
            kept === undefined ? capacityText(capacity) : parametrisedCapacityText(capacity),
        },
      },
      spec: {
        failurePolicy: 'Fail',
        ...(kept !== undefined && {
          paramKind: { apiVersion: kept.object.apiVersion, kind: kept.object.kind },
        }),
        matchConstraints: { matchPolicy: matchPolicyOf(policy), resourceRules: resourceRules(policy, match) },
        ...(conditions.length > 0 && { matchConditions: conditions as unknown as Json }),
        variables: variables.map(({ name: own, expression }) => ({ name: own, expression })),
        validations: [{ expression: validation, message: fallback, messageExpression: message }],
      },
    },
    binding: {
      apiVersion: type,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name, annotations: annotationsOf(policy, syncWaves.constraints) },
      spec: {
        policyName: name,
        validationActions: [action],
        ...(kept !== undefined && {
          paramRef: { name: kept.object.metadata.name, parameterNotFoundAction: 'Deny' },
        }),
        ...(selector === undefined ? {} : { matchResources: { namespaceSelector: selector } }),
      },
    },
    capacity,
    ...(kept !== undefined && { parameters: { definition: kept.definition, object: kept.object } }),
  }
}

type Fields = Readonly<Record<string, Json>>

const nameOf = ({ id }: Policy): string => `gatewright-${id.replaceAll('/', '-')}`

const annotationsOf = ({ id, ir: { title } }: Policy, wave: string): Readonly<Record<string, string>> => ({
  [syncWave]: wave,
  'gatewright.dev/policy': id,
  'gatewright.dev/title': title,
})

/** A policy about some versions of a kind is not asked of the others, which the API server would turn into those. */
const matchPolicyOf = ({ ir }: Policy): string =>
  ir.target.kinds?.some(({ versions }) => versions !== undefined) === true ? 'Exact' : 'Equivalent'

/** The resources that a policy judges, by name. */
function resourceRules({ id, ir }: Policy, { kinds }: Match): Json {
  const rules = admissionRules(ir.target, ({ group, kind }) => isMeant(kinds, group, kind))
  if (rules === 'any')
    throw new GatekeeperError(
      'any-kind',
      `policy \`${id}\` is about any kind, and an admission policy lists the resources that it judges`,
      'give it a target of its kinds',
    )
  if (rules.length === 0)
    throw new GatekeeperError('no-kind', `no API server serves a kind that \`${id}\` and its match are about`)
  return rules as unknown as Json
}

/** Where a binding is in force, as far as selectors say it: by the names of namespaces, and by their labels. */
function namespaceSelector(policy: Policy, match: Match, excluded: readonly string[]): Json | undefined {
  if (match.source === 'Generated')
    throw new GatekeeperError(
      'match-not-carried',
      `the match of \`${policy.id}\` has \`source\`, and the API server is asked about no object that is expanded`,
      'leave it out',
    )
  const { namespaces = [], excludedNamespaces = [], namespaceSelector: own } = match
  refuseSelectorOfNamespaces(policy, match)
  const { matchLabels, matchExpressions = [] } = (own ?? {}) as {
    readonly matchLabels?: Json
    readonly matchExpressions?: readonly Json[]
  }
  const key = 'kubernetes.io/metadata.name'
  const outside = [...new Set([...(hasWildcard(excludedNamespaces) ? [] : excludedNamespaces), ...excluded])]
  const expressions: Json[] = [
    ...matchExpressions,
    ...(namespaces.length === 0 || hasWildcard(namespaces)
      ? []
      : [{ key, operator: 'In', values: [...namespaces] }]),
    ...(outside.length === 0 ? [] : [{ key, operator: 'NotIn', values: outside.toSorted() }]),
  ]
  if (matchLabels === undefined && expressions.length === 0) return undefined
  return {
    ...(matchLabels !== undefined && { matchLabels }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  }
}
