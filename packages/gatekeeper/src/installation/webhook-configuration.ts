import type { Json, Policy } from '@gatewright/core'
import type { Match } from '@gatewright/evaluator'
import { admissionRules, joinedRules } from '@gatewright/kubernetes'
import { GatekeeperError } from '../gatekeeper-error.js'
import { isMeant, refuseSelectorOfNamespaces } from '../match-conditions.js'
import { syncWave, syncWaves } from '../manifest.js'
import { type ClusterObject, certificateName, defaultNamespace, serverName } from './server-manifests.js'

/** How an API server asks the webhook. */
export interface WebhookConfigurationOptions {
  readonly policies: readonly Policy[]
  readonly match?: Match
  /** Where the webhook runs; `gatewright-system` by default. */
  readonly namespace?: string
  /** Namespaces that it is not asked about, beside its own: what runs the cluster must not wait for it. `kube-system` by default. */
  readonly excludeNamespaces?: readonly string[]
  /** How long the API server waits, in seconds; 10 by default. */
  readonly timeoutSeconds?: number
  /** The authority of its certificate, in PEM; without it cert-manager writes it there. */
  readonly certificateAuthority?: string
}

/** The namespaces that the webhook is not asked about. */
export const excludedNamespaces = ({
  namespace = defaultNamespace,
  excludeNamespaces = ['kube-system'],
}: Pick<WebhookConfigurationOptions, 'namespace' | 'excludeNamespaces'>): readonly string[] =>
  [...new Set([...excludeNamespaces, namespace])].toSorted()

/**
 * The ValidatingWebhookConfiguration that has the API server ask about what the policies are about, and nothing else: it fails closed, so
 * that a webhook asked about everything would take the cluster with it. Throws a `GatekeeperError` for a policy about any kind.
 */
export const validatingConfiguration = (options: WebhookConfigurationOptions): ClusterObject =>
  configuration(options, 'Validating', options.policies)

/** The MutatingWebhookConfiguration, of the policies that have a fix; undefined where none has. */
export function mutatingConfiguration(options: WebhookConfigurationOptions): ClusterObject | undefined {
  const mending = options.policies.filter(({ ir }) => ir.rules.some(hasFix))
  return mending.length === 0 ? undefined : configuration(options, 'Mutating', mending)
}

function hasFix(rule: Policy['ir']['rules'][number]): boolean {
  return rule.kind === 'deny' ? (rule.violation.fix ?? []).length > 0 : rule.rules.some(hasFix)
}

function configuration(
  options: WebhookConfigurationOptions,
  type: 'Validating' | 'Mutating',
  policies: readonly Policy[],
): ClusterObject {
  const { namespace = defaultNamespace, timeoutSeconds = 10, certificateAuthority } = options
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > 30)
    throw new GatekeeperError(
      'invalid-webhook',
      `an API server cannot wait ${timeoutSeconds} seconds`,
      'say a whole number from 1 to 30',
    )
  // what is about some versions of a kind is not asked of the others, which the API server would turn into those
  const [some, others] = [policies.filter(isOfVersions), policies.filter((each) => !isOfVersions(each))]
  const verb = type === 'Mutating' ? 'mutate' : 'validate'
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${type}WebhookConfiguration`,
    metadata: {
      name: serverName('webhook'),
      annotations: {
        [syncWave]: syncWaves.constraints,
        ...(certificateAuthority === undefined && {
          'cert-manager.io/inject-ca-from': certificateName('webhook', namespace),
        }),
      },
    },
    webhooks: [
      ...(others.length === 0
        ? []
        : [webhook(options, type, others, `${verb}.gatewright.dev`, 'Equivalent')]),
      ...(some.length === 0
        ? []
        : [webhook(options, type, some, `${verb}-versions.gatewright.dev`, 'Exact')]),
    ],
  }
}

const isOfVersions = ({ ir }: Policy): boolean =>
  ir.target.kinds?.some(({ versions }) => versions !== undefined) === true

function webhook(
  options: WebhookConfigurationOptions,
  type: 'Validating' | 'Mutating',
  policies: readonly Policy[],
  name: string,
  matchPolicy: 'Equivalent' | 'Exact',
): object {
  const { match = {}, namespace = defaultNamespace, timeoutSeconds = 10, certificateAuthority } = options
  const isMutating = type === 'Mutating'
  for (const each of policies) refuseSelectorOfNamespaces(each, match)
  return {
    name,
    clientConfig: {
      service: {
        name: serverName('webhook'),
        namespace,
        path: isMutating ? '/mutate' : '/validate',
        port: 443,
      },
      ...(certificateAuthority !== undefined && {
        caBundle: Buffer.from(certificateAuthority, 'utf8').toString('base64'),
      }),
    },
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail',
    sideEffects: 'None',
    timeoutSeconds,
    matchPolicy,
    ...(isMutating && { reinvocationPolicy: 'IfNeeded' }),
    namespaceSelector: namespaceSelector(match, excludedNamespaces(options)),
    rules: rulesOf(policies, match, isMutating),
  }
}

function rulesOf(
  policies: readonly Policy[],
  { kinds }: Match,
  isMutating: boolean,
): ReturnType<typeof joinedRules> {
  const all = policies.flatMap(({ id, ir }) => {
    const rules = admissionRules(ir.target, ({ group, kind }) => isMeant(kinds, group, kind))
    if (rules !== 'any') return rules
    throw new GatekeeperError(
      'any-kind',
      `policy \`${id}\` is about any kind, and a webhook that fails closed is not asked about all there is`,
      'give it a target of its kinds',
    )
  })
  if (all.length === 0)
    throw new GatekeeperError(
      'no-kind',
      'no API server serves a kind that the policies and their match are about',
    )
  // what goes cannot be mended
  const asked = (operations: readonly string[]): readonly string[] =>
    isMutating ? operations.filter((each) => each === 'CREATE' || each === 'UPDATE') : operations
  return joinedRules(all)
    .map((rule) => ({ ...rule, operations: asked(rule.operations) }))
    .filter(({ operations }) => operations.length > 0)
}

/** The selector of the match, which only the API server can judge, and the namespaces that are left out. */
function namespaceSelector({ namespaceSelector: own }: Match, excluded: readonly string[]): Json {
  const { matchLabels, matchExpressions = [] } = (own ?? {}) as {
    readonly matchLabels?: Json
    readonly matchExpressions?: readonly Json[]
  }
  return {
    ...(matchLabels !== undefined && { matchLabels }),
    matchExpressions: [
      ...matchExpressions,
      { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...excluded] },
    ],
  }
}
