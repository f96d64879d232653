import { compareNumbers, parseQuantity } from '@gatewright/core'
import type { Container, ResourceRequirements, SecurityContext } from '@gatewright/kubernetes'
import {
  absolutePath,
  anyText,
  atLeastOne,
  boolean,
  dnsLabel,
  dnsName,
  fileKey,
  image,
  integer,
  ipAddress,
  nonEmptyText,
  port,
  portName,
  portOrName,
  quantity,
  relativePath,
  text,
  values,
} from './leaves.js'
import { atMostOne, type DefinitionRules, type DraftOf, exactlyOne, list } from './rules.js'
import { listOf, mapOf } from './shape.js'

const envName = text(/^[A-Za-z_][-._A-Za-z0-9]{0,100}$/, ['LEVEL', 'TOKEN', 'http_proxy', 'A.B'], ['', 'A=B'])

const capability = text(/^[A-Za-z0-9_]{1,40}$/, [
  'ALL',
  'NET_BIND_SERVICE',
  'SYS_ADMIN',
  'NET_RAW',
  'CHOWN',
  'CAP_SYS_ADMIN',
  'SYS_PTRACE',
])

/** The fields that containers of all kinds have. */
const common: DefinitionRules['fields'] = {
  args: listOf(anyText),
  command: listOf(anyText),
  env: 'schema',
  envFrom: 'schema',
  image,
  imagePullPolicy: values('Always', 'IfNotPresent', 'Never'),
  name: dnsLabel,
  securityContext: 'schema',
  stdin: boolean,
  terminationMessagePath: absolutePath,
  terminationMessagePolicy: values('File', 'FallbackToLogsOnError'),
  tty: boolean,
  workingDir: absolutePath,
}

export const containerRules: Readonly<Record<string, DefinitionRules>> = {
  Container: {
    fields: {
      ...common,
      lifecycle: 'schema',
      livenessProbe: 'schema',
      ports: list({ apartBy: ['containerPort'] }),
      readinessProbe: 'schema',
      resources: 'schema',
      restartPolicy: values('Always'),
      startupProbe: 'schema',
      volumeMounts: list({ apartBy: ['mountPath'] }),
    },
    always: ['image'],
    often: ['securityContext', 'resources', 'ports', 'env'],
    repair: (container: DraftOf<Container>) => {
      for (const key of ['livenessProbe', 'startupProbe'] as const) delete container[key]?.successThreshold
      delete container.readinessProbe?.terminationGracePeriodSeconds
      const names = new Set<string>()
      for (const each of container.ports ?? []) {
        if (each.name !== undefined && names.has(each.name)) delete each.name
        else if (each.name !== undefined) names.add(each.name)
      }
    },
  },
  EphemeralContainer: {
    fields: { ...common, targetContainerName: dnsLabel },
    always: ['image'],
    often: ['securityContext'],
  },
  EnvVar: {
    fields: { name: envName, value: anyText, valueFrom: 'schema' },
    groups: [atMostOne('value', 'valueFrom')],
  },
  EnvVarSource: {
    fields: {
      configMapKeyRef: 'schema',
      fieldRef: 'schema',
      resourceFieldRef: 'schema',
      secretKeyRef: 'schema',
    },
    groups: [exactlyOne('configMapKeyRef', 'fieldRef', 'resourceFieldRef', 'secretKeyRef')],
  },
  ConfigMapKeySelector: { fields: { key: fileKey, name: dnsLabel, optional: boolean }, always: ['name'] },
  SecretKeySelector: { fields: { key: fileKey, name: dnsLabel, optional: boolean }, always: ['name'] },
  ObjectFieldSelector: {
    // what both environment variables and volumes can hold
    fields: {
      apiVersion: values('v1'),
      fieldPath: values('metadata.name', 'metadata.namespace', 'metadata.uid'),
    },
  },
  ResourceFieldSelector: {
    fields: { resource: values('limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory') },
  },
  EnvFromSource: {
    fields: { prefix: envName, configMapRef: 'schema', secretRef: 'schema' },
    groups: [exactlyOne('configMapRef', 'secretRef')],
  },
  ConfigMapEnvSource: { fields: { name: dnsLabel, optional: boolean }, always: ['name'] },
  SecretEnvSource: { fields: { name: dnsLabel, optional: boolean }, always: ['name'] },
  ContainerPort: {
    fields: {
      containerPort: port,
      hostIP: ipAddress,
      hostPort: port,
      name: portName,
      protocol: values('TCP', 'UDP', 'SCTP'),
    },
  },
  Lifecycle: { fields: { postStart: 'schema', preStop: 'schema' } },
  LifecycleHandler: {
    fields: { exec: 'schema', httpGet: 'schema', tcpSocket: 'schema' },
    groups: [exactlyOne('exec', 'httpGet', 'tcpSocket')],
  },
  Probe: {
    fields: {
      exec: 'schema',
      failureThreshold: atLeastOne,
      grpc: 'schema',
      httpGet: 'schema',
      initialDelaySeconds: integer(0, 2_147_483_647, 5),
      periodSeconds: atLeastOne,
      successThreshold: atLeastOne,
      tcpSocket: 'schema',
      terminationGracePeriodSeconds: atLeastOne,
      timeoutSeconds: atLeastOne,
    },
    groups: [exactlyOne('exec', 'grpc', 'httpGet', 'tcpSocket')],
  },
  ExecAction: { fields: { command: listOf(nonEmptyText, { least: 1 }) }, always: ['command'] },
  HTTPGetAction: {
    fields: {
      host: dnsName,
      httpHeaders: 'schema',
      path: absolutePath,
      port: portOrName,
      scheme: values('HTTP', 'HTTPS'),
    },
    always: ['path'],
  },
  HTTPHeader: { fields: { name: values('Accept', 'X-Probe'), value: anyText } },
  TCPSocketAction: { fields: { host: dnsName, port: portOrName } },
  GRPCAction: { fields: { port, service: anyText } },
  ResourceRequirements: {
    fields: { limits: resources(), requests: resources() },
    often: ['limits', 'requests'],
    repair: ({ limits, requests }: DraftOf<ResourceRequirements>) => {
      for (const [key, limit] of Object.entries(limits ?? {})) {
        const request = requests?.[key]
        if (requests !== undefined && request !== undefined && isMore(request, limit)) requests[key] = limit
      }
    },
  },
  SecurityContext: {
    fields: {
      allowPrivilegeEscalation: boolean,
      appArmorProfile: 'schema',
      capabilities: 'schema',
      privileged: boolean,
      procMount: values('Default', 'Unmasked'),
      readOnlyRootFilesystem: boolean,
      runAsGroup: integer(0, 2_147_483_647, 1000, 0),
      runAsNonRoot: boolean,
      runAsUser: integer(0, 2_147_483_647, 1000, 0),
      seLinuxOptions: 'schema',
      seccompProfile: 'schema',
      windowsOptions: 'schema',
    },
    often: ['allowPrivilegeEscalation', 'privileged', 'capabilities', 'runAsNonRoot'],
    seldom: ['procMount', 'windowsOptions'],
    repair: (context: DraftOf<SecurityContext>) => {
      const isAble =
        context.privileged === true || context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true
      if (isAble && context.allowPrivilegeEscalation === false) delete context.allowPrivilegeEscalation
    },
  },
  Capabilities: { fields: { add: listOf(capability), drop: listOf(capability) }, often: ['add', 'drop'] },
  AppArmorProfile: profile(),
  SeccompProfile: profile(),
  SELinuxOptions: {
    fields: {
      level: values('s0', 's0:c123,c456'),
      role: values('object_r', 'system_r'),
      type: values('container_t', 'spc_t', 'container_init_t', 'container_kvm_t', 'unconfined_t'),
      user: values('system_u', 'user_u'),
    },
  },
  WindowsSecurityContextOptions: {
    fields: { hostProcess: boolean, runAsUserName: values('ContainerUser', 'NT AUTHORITY\\SYSTEM') },
    often: ['hostProcess'],
  },
  VolumeMount: {
    fields: {
      mountPath: absolutePath,
      mountPropagation: values('None', 'HostToContainer', 'Bidirectional'),
      name: dnsLabel,
      readOnly: boolean,
      subPath: relativePath,
    },
  },
}

function resources(): ReturnType<typeof mapOf> {
  return mapOf(values('cpu', 'memory', 'ephemeral-storage'), quantity)
}

/** A profile of the host's is named, and no other. */
function profile(): DefinitionRules {
  return {
    fields: { type: values('RuntimeDefault', 'Unconfined', 'Localhost'), localhostProfile: relativePath },
    repair: (of: { type: string; localhostProfile?: string }) => {
      if (of.type === 'Localhost') of.localhostProfile ??= 'file'
      else delete of.localhostProfile
    },
  }
}

function isMore(one: string | number, other: string | number): boolean {
  const [a, b] = [one, other].map((each) => parseQuantity(String(each)))
  return a !== undefined && b !== undefined && compareNumbers(a, b) > 0
}
