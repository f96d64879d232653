import type { PodSpec, PodTemplateSpec } from '@gatewright/kubernetes'
import {
  anyText,
  atLeastOne,
  boolean,
  count,
  dnsLabel,
  dnsName,
  id,
  integer,
  ipAddress,
  labelValue,
  nonEmptyText,
  qualifiedName,
  text,
  values,
} from './leaves.js'
import { appArmorPrefix, mendProfiles, mendPod } from './pod-repairs.js'
import { type DefinitionRules, type DraftOf, list } from './rules.js'
import { listOf, mapOf } from './shape.js'

const sysctlName = text(
  /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)+$/,
  [
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.core.somaxconn',
    'kernel.msgmax',
    'vm.swappiness',
  ],
  ['Kernel.msgmax', '', 'a..b'],
)

export const podRules: Readonly<Record<string, DefinitionRules>> = {
  Pod: {
    fields: { spec: 'schema' },
    always: ['spec'],
    repair: (pod: DraftOf<PodTemplateSpec>) => mendProfiles(pod),
  },
  PodTemplateSpec: {
    fields: { metadata: 'schema', spec: 'schema' },
    always: ['spec'],
    repair: (template: DraftOf<PodTemplateSpec>) => mendProfiles(template),
  },
  PodSpec: {
    fields: {
      activeDeadlineSeconds: atLeastOne,
      affinity: 'schema',
      automountServiceAccountToken: boolean,
      containers: list({ least: 1 }),
      dnsConfig: 'schema',
      dnsPolicy: 'schema',
      enableServiceLinks: boolean,
      hostAliases: list({ apartBy: ['ip'] }),
      hostIPC: boolean,
      hostNetwork: boolean,
      hostPID: boolean,
      hostUsers: boolean,
      hostname: dnsLabel,
      imagePullSecrets: list({ apartBy: ['name'] }),
      initContainers: list({}),
      nodeName: dnsName,
      nodeSelector: mapOf(qualifiedName, labelValue),
      os: 'schema',
      priorityClassName: values('system-cluster-critical', 'system-node-critical'),
      restartPolicy: 'schema',
      schedulerName: dnsLabel,
      securityContext: 'schema',
      serviceAccountName: dnsLabel,
      shareProcessNamespace: boolean,
      subdomain: dnsLabel,
      terminationGracePeriodSeconds: count,
      tolerations: 'schema',
      topologySpreadConstraints: list({ apartBy: ['topologyKey', 'whenUnsatisfiable'] }),
      volumes: list({ apartBy: ['name'], most: 4 }),
    },
    later: { ephemeralContainers: list({}) },
    often: ['initContainers', 'securityContext', 'volumes'],
    seldom: [
      'affinity',
      'dnsConfig',
      'hostUsers',
      'os',
      'activeDeadlineSeconds',
      'topologySpreadConstraints',
    ],
    repair: (spec: DraftOf<PodSpec>) => mendPod(spec),
  },
  PodOS: { fields: { name: values('linux') } },
  PodDNSConfig: {
    fields: {
      nameservers: listOf(ipAddress, { most: 3, apartBy: [''] }),
      searches: listOf(dnsName, { most: 3, apartBy: [''] }),
      options: 'schema',
    },
  },
  PodDNSConfigOption: { fields: { name: nonEmptyText, value: anyText }, always: ['name'] },
  HostAlias: { fields: { ip: ipAddress, hostnames: listOf(dnsName) } },
  LocalObjectReference: { fields: { name: dnsLabel }, always: ['name'] },
  Toleration: {
    fields: {
      effect: values('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
      key: qualifiedName,
      operator: values('Exists', 'Equal'),
      tolerationSeconds: count,
      value: labelValue,
    },
    repair: (toleration: DraftOf<NonNullable<PodSpec['tolerations']>[number]>) => {
      // what has no key tolerates everything, which only `Exists` can say
      if (toleration.key === undefined) toleration.operator = 'Exists'
      if (toleration.operator === 'Exists') delete toleration.value
      if (toleration.effect !== 'NoExecute') delete toleration.tolerationSeconds
    },
  },
  TopologySpreadConstraint: {
    fields: {
      labelSelector: 'schema',
      maxSkew: integer(1, 100, 1),
      topologyKey: values('kubernetes.io/hostname', 'topology.kubernetes.io/zone'),
      whenUnsatisfiable: 'schema',
    },
  },
  Affinity: { fields: { nodeAffinity: 'schema', podAffinity: 'schema', podAntiAffinity: 'schema' } },
  NodeAffinity: {
    fields: {
      preferredDuringSchedulingIgnoredDuringExecution: 'schema',
      requiredDuringSchedulingIgnoredDuringExecution: 'schema',
    },
  },
  NodeSelector: { fields: { nodeSelectorTerms: list({ least: 1 }) } },
  NodeSelectorTerm: { fields: { matchExpressions: list({ least: 1 }) }, always: ['matchExpressions'] },
  NodeSelectorRequirement: { fields: requirement(), repair: mendRequirement },
  LabelSelectorRequirement: { fields: requirement(), repair: mendRequirement },
  LabelSelector: {
    fields: { matchLabels: mapOf(qualifiedName, labelValue), matchExpressions: 'schema' },
    often: ['matchLabels'],
  },
  PreferredSchedulingTerm: { fields: { preference: 'schema', weight: integer(1, 100, 1) } },
  PodAffinity: { fields: affinityTerms() },
  PodAntiAffinity: { fields: affinityTerms() },
  WeightedPodAffinityTerm: { fields: { podAffinityTerm: 'schema', weight: integer(1, 100, 1) } },
  PodAffinityTerm: {
    fields: {
      labelSelector: 'schema',
      namespaces: listOf(dnsLabel, { apartBy: [''] }),
      topologyKey: values('kubernetes.io/hostname', 'topology.kubernetes.io/zone'),
    },
  },
  PodSecurityContext: {
    fields: {
      appArmorProfile: 'schema',
      fsGroup: id,
      fsGroupChangePolicy: 'schema',
      runAsGroup: id,
      runAsNonRoot: boolean,
      runAsUser: id,
      seLinuxOptions: 'schema',
      seccompProfile: 'schema',
      supplementalGroups: listOf(id),
      supplementalGroupsPolicy: 'schema',
      sysctls: list({ apartBy: ['name'] }),
      windowsOptions: 'schema',
    },
    seldom: ['windowsOptions'],
  },
  Sysctl: { fields: { name: sysctlName, value: nonEmptyText } },
}

function requirement(): DefinitionRules['fields'] {
  return {
    key: qualifiedName,
    operator: values('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: listOf(labelValue, { least: 1 }),
  }
}

function affinityTerms(): DefinitionRules['fields'] {
  return {
    preferredDuringSchedulingIgnoredDuringExecution: 'schema',
    requiredDuringSchedulingIgnoredDuringExecution: 'schema',
  }
}

function mendRequirement(of: { operator: string; values?: string[] }): void {
  if (of.operator.endsWith('In')) of.values ??= ['app']
  else delete of.values
}

export const metadataRules: Readonly<Record<string, DefinitionRules>> = {
  ObjectMeta: {
    fields: {
      labels: mapOf(qualifiedName, labelValue),
      annotations: mapOf(
        text(/^(?:[a-z0-9.-]{1,200}\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, [
          'note',
          'example.com/owner',
          `${appArmorPrefix}app`,
          'kubernetes.io/description',
        ]),
        text(/^[^\ud800-\udfff]{0,1000}$/, ['text', 'unconfined', 'runtime/default', '', 'A sentence.']),
      ),
    },
  },
  OwnerReference: {
    fields: {
      apiVersion: values('apps/v1'),
      kind: values('ReplicaSet', 'DaemonSet'),
      name: dnsLabel,
      uid: values('d9607e19-f88f-11e6-a518-42010a800195'),
      blockOwnerDeletion: boolean,
    },
  },
}
