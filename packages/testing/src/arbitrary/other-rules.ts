import { anyText, base64, boolean, dnsLabel, fileKey, text, values } from './leaves.js'
import type { DefinitionRules } from './rules.js'
import { listOf, mapOf } from './shape.js'

const resourceNames = values('pods', 'secrets', 'deployments', 'pods/exec', '*', 'configmaps')

export const otherRules: Readonly<Record<string, DefinitionRules>> = {
  ConfigMap: {
    fields: { binaryData: mapOf(fileKey, base64), data: mapOf(fileKey, anyText), immutable: boolean },
    often: ['data'],
    repair: ({
      data,
      binaryData,
    }: {
      data?: Record<string, string>
      binaryData?: Record<string, string>
    }) => {
      for (const key of Object.keys(binaryData ?? {}))
        if (data !== undefined && Object.hasOwn(data, key)) delete binaryData?.[key]
    },
  },
  Secret: {
    fields: {
      data: mapOf(fileKey, base64),
      immutable: boolean,
      stringData: mapOf(fileKey, anyText),
      type: values('Opaque', 'example.com/token'),
    },
    often: ['data', 'type'],
  },
  Namespace: {
    fields: {},
    repair: ({ metadata }: { metadata?: { labels?: Record<string, string> } }) => {
      const labels = metadata?.labels ?? {}
      for (const key of Object.keys(labels)) {
        if (!key.startsWith('pod-security.kubernetes.io/')) continue
        if (!/\/(?:enforce|audit|warn)$/.test(key)) delete labels[key]
        else if (!['privileged', 'baseline', 'restricted'].includes(labels[key] ?? ''))
          labels[key] = 'restricted'
      }
    },
  },
  ServiceAccount: {
    fields: { automountServiceAccountToken: boolean, imagePullSecrets: 'schema', secrets: 'schema' },
    often: ['automountServiceAccountToken'],
  },
  ObjectReference: { fields: { name: dnsLabel }, always: ['name'] },
  Role: { fields: { rules: 'schema' }, often: ['rules'] },
  ClusterRole: { fields: { rules: 'schema' }, often: ['rules'] },
  PolicyRule: {
    fields: {
      apiGroups: listOf(values('', 'apps', '*', 'batch'), { least: 1, apartBy: [''] }),
      resourceNames: listOf(dnsLabel, { apartBy: [''] }),
      resources: listOf(resourceNames, { least: 1, apartBy: [''] }),
      verbs: listOf(
        values(
          'get',
          'list',
          'watch',
          'create',
          'delete',
          'update',
          'patch',
          '*',
          'escalate',
          'bind',
          'impersonate',
        ),
        {
          least: 1,
          apartBy: [''],
        },
      ),
    },
    always: ['apiGroups', 'resources'],
  },
  RoleBinding: { fields: { roleRef: 'schema', subjects: 'schema' }, often: ['subjects'] },
  ClusterRoleBinding: {
    fields: { roleRef: 'schema', subjects: 'schema' },
    often: ['subjects'],
    repair: ({ roleRef }: { roleRef: { kind: string } }) => {
      roleRef.kind = 'ClusterRole'
    },
  },
  RoleRef: {
    fields: {
      apiGroup: values('rbac.authorization.k8s.io'),
      kind: values('Role', 'ClusterRole'),
      name: text(/^[a-z][a-z0-9:-]{0,60}$/, ['app', 'cluster-admin', 'view', 'system:node']),
    },
    always: ['apiGroup'],
  },
  Subject: {
    fields: {
      apiGroup: values('rbac.authorization.k8s.io'),
      kind: values('ServiceAccount', 'User', 'Group'),
      name: text(/^[a-z][a-z0-9-]{0,60}$/, ['app', 'default', 'alice']),
      namespace: dnsLabel,
    },
    repair: (subject: { kind: string; apiGroup?: string; namespace?: string }) => {
      if (subject.kind === 'ServiceAccount') {
        delete subject.apiGroup
        subject.namespace ??= 'app'
      } else {
        subject.apiGroup = 'rbac.authorization.k8s.io'
        delete subject.namespace
      }
    },
  },
}
