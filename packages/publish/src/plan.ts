import type { ClusterObject } from './cluster/cluster.js'

/** What is applied together, before what comes after it. */
export interface Phase {
  /** `templates`, `constraints` … */
  readonly name: string
  readonly objects: readonly ClusterObject[]
}

/** A kind whose objects of a source are looked for, and with `*` all kinds of a group. */
export interface OwnedKind {
  readonly apiVersion: string
  readonly kind: string
  /** How the names of those end that can be of a source, where others have its labels too: Gatekeeper copies them from templates to CRDs. */
  readonly nameEnd?: string
}

/** What a source has in a cluster. */
export interface PublishPlan {
  /** Who it is of: what carries this name and comes from it no more can be told. */
  readonly source: string
  readonly phases: readonly Phase[]
  /** The kinds that the phases are made of, also where a phase is empty. */
  readonly kinds: readonly OwnedKind[]
}

/** What a source may have in a cluster, by what is built. */
export const ownedKinds: Readonly<
  Record<'gatekeeper' | 'vap' | 'webhook' | 'provider', readonly OwnedKind[]>
> = {
  gatekeeper: [
    { apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate' },
    { apiVersion: 'syncset.gatekeeper.sh/v1alpha1', kind: 'SyncSet' },
    { apiVersion: 'expansion.gatekeeper.sh/v1beta1', kind: 'ExpansionTemplate' },
    { apiVersion: 'mutations.gatekeeper.sh/v1', kind: 'Assign' },
    { apiVersion: 'mutations.gatekeeper.sh/v1', kind: 'ModifySet' },
    { apiVersion: 'constraints.gatekeeper.sh/v1beta1', kind: '*' },
  ],
  vap: [
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      nameEnd: '.parameters.gatewright.dev',
    },
    { apiVersion: 'parameters.gatewright.dev/v1', kind: '*' },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding' },
  ],
  webhook: [
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' },
  ],
  provider: [{ apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'Provider' }],
}

export const managedBy = 'app.kubernetes.io/managed-by'
export const sourceLabel = 'gatewright.dev/source'

/** Whether a text can be the name of a source, which is a label. */
export const isSourceName = (name: string): boolean =>
  /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(name)

/** A plan whose objects carry the name of their source. Throws a `TypeError` for a name that is no label. */
export function planOf(source: string, phases: readonly Phase[], kinds: readonly OwnedKind[]): PublishPlan {
  if (!isSourceName(source))
    throw new TypeError(
      `\`${source}\` is no name of a source: letters, digits, \`-\`, \`_\` and \`.\`, at most 63`,
    )
  return {
    source,
    kinds,
    phases: phases.map(({ name, objects }) => ({
      name,
      // a namespace is there before what is in it
      objects: objects
        .toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))
        .map((object) => stamped(object, source)),
    })),
  }
}

const stamped = (object: ClusterObject, source: string): ClusterObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, [managedBy]: 'gatewright', [sourceLabel]: source },
  },
})
