import type { NetworkPolicyPort, ServiceSpec } from '@gatewright/kubernetes'
import {
  absolutePath,
  boolean,
  cidrBlock,
  dnsLabel,
  dnsName,
  integer,
  ipAddress,
  labelValue,
  port,
  portName,
  portOrName,
  qualifiedName,
  values,
} from './leaves.js'
import { type DefinitionRules, type DraftOf, exactlyOne, list } from './rules.js'
import { listOf, mapOf } from './shape.js'

export const networkRules: Readonly<Record<string, DefinitionRules>> = {
  Service: { fields: { spec: 'schema' }, always: ['spec'] },
  ServiceSpec: {
    fields: {
      allocateLoadBalancerNodePorts: boolean,
      clusterIP: values('None'),
      externalIPs: listOf(ipAddress, { apartBy: [''] }),
      externalName: dnsName,
      externalTrafficPolicy: values('Cluster'),
      internalTrafficPolicy: 'schema',
      loadBalancerClass: values('example.com/lb'),
      loadBalancerSourceRanges: listOf(values('10.0.0.0/8', '0.0.0.0/0', '192.168.0.0/16'), {
        apartBy: [''],
      }),
      ports: list({ least: 1 }),
      publishNotReadyAddresses: boolean,
      selector: mapOf(qualifiedName, labelValue),
      sessionAffinity: 'schema',
      sessionAffinityConfig: 'schema',
      type: values('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
    },
    always: ['ports'],
    often: ['type', 'selector'],
    repair: (spec: DraftOf<ServiceSpec>) => mendService(spec),
  },
  ServicePort: {
    fields: {
      appProtocol: values('http', 'kubernetes.io/h2c'),
      name: portName,
      nodePort: integer(30_000, 32_767, 30_000, 31_080),
      port,
      protocol: values('TCP', 'UDP', 'SCTP'),
      targetPort: portOrName,
    },
  },
  SessionAffinityConfig: { fields: { clientIP: 'schema' }, always: ['clientIP'] },
  ClientIPConfig: { fields: { timeoutSeconds: integer(1, 86_400, 10_800) }, always: ['timeoutSeconds'] },
  NetworkPolicy: { fields: { spec: 'schema' }, always: ['spec'] },
  NetworkPolicySpec: {
    fields: {
      egress: 'schema',
      ingress: 'schema',
      podSelector: 'schema',
      policyTypes: listOf(values('Ingress', 'Egress'), { apartBy: [''] }),
    },
    always: ['podSelector'],
    often: ['egress', 'ingress', 'policyTypes'],
  },
  NetworkPolicyIngressRule: { fields: { from: 'schema', ports: 'schema' }, often: ['from', 'ports'] },
  NetworkPolicyEgressRule: { fields: { to: 'schema', ports: 'schema' }, often: ['to', 'ports'] },
  NetworkPolicyPort: {
    fields: { endPort: port, port: portOrName, protocol: values('TCP', 'UDP', 'SCTP') },
    repair: (of: DraftOf<NetworkPolicyPort>) => {
      if (of.endPort !== undefined && (typeof of.port !== 'number' || of.endPort < of.port)) delete of.endPort
    },
  },
  NetworkPolicyPeer: {
    fields: { ipBlock: 'schema', namespaceSelector: 'schema', podSelector: 'schema' },
    groups: [exactlyOne('ipBlock', 'namespaceSelector', 'podSelector')],
  },
  IPBlock: {
    fields: { cidr: cidrBlock, except: listOf(values('10.1.0.0/16', '10.2.0.0/16'), { apartBy: [''] }) },
    repair: (block: { cidr: string; except?: string[] }) => {
      if (!['0.0.0.0/0', '10.0.0.0/8'].includes(block.cidr)) delete block.except
    },
  },
  Ingress: { fields: { spec: 'schema' }, always: ['spec'] },
  IngressSpec: {
    fields: {
      defaultBackend: 'schema',
      ingressClassName: dnsLabel,
      rules: list({ least: 1 }),
      tls: 'schema',
    },
    always: ['rules'],
  },
  IngressBackend: { fields: { service: 'schema' }, always: ['service'] },
  IngressServiceBackend: { fields: { name: dnsLabel, port: 'schema' }, always: ['port'] },
  ServiceBackendPort: { fields: { name: portName, number: port }, groups: [exactlyOne('name', 'number')] },
  IngressRule: {
    fields: { host: values('example.com', '*.example.com', 'shop.example.com'), http: 'schema' },
  },
  HTTPIngressRuleValue: { fields: { paths: list({ least: 1 }) } },
  HTTPIngressPath: {
    fields: {
      backend: 'schema',
      path: absolutePath,
      pathType: values('Prefix', 'Exact', 'ImplementationSpecific'),
    },
    always: ['path'],
    repair: (path: { path?: string }) => {
      if (path.path !== undefined) path.path = path.path.replaceAll(/\/{2,}/g, '/')
    },
  },
  IngressTLS: {
    fields: {
      hosts: listOf(values('example.com', '*.example.com', 'shop.example.com')),
      secretName: dnsLabel,
    },
  },
}

/** The fields that only services of some types have. */
const byType: Readonly<Record<string, readonly string[]>> = {
  externalName: ['ExternalName'],
  clusterIP: ['ClusterIP'],
  externalTrafficPolicy: ['NodePort', 'LoadBalancer'],
  loadBalancerSourceRanges: ['LoadBalancer'],
  loadBalancerClass: ['LoadBalancer'],
  allocateLoadBalancerNodePorts: ['LoadBalancer'],
  externalIPs: ['ClusterIP', 'NodePort', 'LoadBalancer'],
  internalTrafficPolicy: ['ClusterIP', 'NodePort', 'LoadBalancer'],
}

function mendService(spec: DraftOf<ServiceSpec>): void {
  const { type = 'ClusterIP' } = spec
  for (const [key, types] of Object.entries(byType))
    if (!types.includes(type)) delete (spec as Record<string, unknown>)[key]
  if (type === 'ExternalName') spec.externalName ??= 'app'
  if (spec.sessionAffinity !== 'ClientIP' || type === 'ExternalName') delete spec.sessionAffinityConfig
  if (type === 'ExternalName') delete spec.sessionAffinity
  const seen = new Set<string>()
  spec.ports = (spec.ports ?? []).filter((each) => {
    if (!['NodePort', 'LoadBalancer'].includes(type)) delete each.nodePort
    const keys = [`${each.port}/${each.protocol ?? 'TCP'}`, `node ${each.nodePort ?? each.port}`]
    const isNew = !keys.some((key) => seen.has(key))
    for (const key of keys) seen.add(key)
    return isNew
  })
  const names = new Set<string>()
  for (const each of spec.ports) {
    // several ports are told apart by their names
    if (each.name !== undefined && names.has(each.name)) delete each.name
    for (let i = 0; spec.ports.length > 1 && each.name === undefined; i++)
      if (!spec.ports.some(({ name }) => name === `p-${i}`)) each.name = `p-${i}`
    if (each.name !== undefined) names.add(each.name)
  }
}
