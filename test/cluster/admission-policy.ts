import type { CelExpressions } from '@gatewright/compiler'
import type { Json, Policy, Violation } from '@gatewright/core'
import { servedResources } from '@gatewright/kubernetes'

/** An admission policy and its binding to one namespace, with the paths that they are stored at. */
export function validatingAdmissionPolicy(
  name: string,
  policy: Policy,
  { variables, validation, message, fallback }: CelExpressions,
): readonly (readonly [path: string, object: Json])[] {
  const kinds = policy.ir.target.kinds ?? []
  const rules = servedResources()
    .filter((each) => kinds.some(({ group, kind }) => group === each.group && kind === each.kind))
    .map(({ group, version, plural, kind }) => ({
      apiGroups: [group],
      apiVersions: [version],
      resources: [plural, ...(kind === 'Pod' ? ['pods/ephemeralcontainers'] : [])],
      operations: policy.ir.target.operations ?? ['CREATE', 'UPDATE'],
      scope: '*',
    }))
  const base = '/apis/admissionregistration.k8s.io/v1'
  const type = { apiVersion: 'admissionregistration.k8s.io/v1' }
  return [
    [
      `${base}/validatingadmissionpolicies/${name}`,
      {
        ...type,
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name },
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: { matchPolicy: 'Equivalent', resourceRules: rules },
          variables: variables.map((each) => ({ ...each })),
          validations: [{ expression: validation, messageExpression: message, message: fallback }],
        },
      } as unknown as Json,
    ],
    [
      `${base}/validatingadmissionpolicybindings/${name}`,
      {
        ...type,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ['Deny'],
          matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
        },
      },
    ],
  ]
}

/**
 * Whether the API server says what the violations do: their messages, by the order of denies and lists and not of places, joined, cut
 * and without spaces around them.
 */
export function saysViolations(said: string, violations: readonly Violation[]): boolean {
  const messages = violations.map(({ message }) => message)
  const whole = messages.join('; ')
  const parts = (text: string): readonly string[] => text.split('; ').map((part) => part.trim())
  if ([...whole].length <= 1200)
    return parts(said).toSorted().join('; ') === parts(whole.trim()).toSorted().join('; ')
  const known = new Set(parts(whole))
  return (
    said.endsWith(' ...') &&
    parts(said)
      .slice(0, -1)
      .every((part) => known.has(part))
  )
}
