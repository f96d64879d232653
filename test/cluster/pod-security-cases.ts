import type { Json } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'
import { policiesOf, type Policy } from '@gatewright/core'

/** A policy of the pack with parameters, and what of a good Pod makes a bad one of it. */
export interface PackCase {
  readonly policy: Policy
  readonly parameters: Readonly<Record<string, Json>>
  readonly bad: Json
}

type Part = Readonly<Record<string, Json>>

const container = (part: Part): Part => ({ container: part })
const secured = (part: Part): Part => container({ securityContext: part })
const volume = (part: Part): Part => ({ volumes: [{ name: 'data', ...part }] })

const cases: Readonly<Record<string, readonly [bad: Part, parameters?: Part]>> = {
  apparmor: [secured({ appArmorProfile: { type: 'Unconfined' } })],
  capabilities: [secured({ capabilities: { add: ['NET_ADMIN'] } })],
  'flexvolume-drivers': [volume({ flexVolume: { driver: 'example/driver' } })],
  fsgroup: [{ securityContext: { fsGroup: 0 } }, { rule: 'MustRunAs', ranges: [{ min: 1, max: 10 }] }],
  'host-namespaces': [{ hostPID: true }],
  'host-path-volumes': [
    volume({ hostPath: { path: '/etc' } }),
    { allowedHostPaths: [{ pathPrefix: '/var/log' }] },
  ],
  'host-ports': [container({ ports: [{ containerPort: 80, hostPort: 80 }] }), { min: 8000, max: 9000 }],
  'host-probes-lifecycle': [container({ livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } } })],
  'interactive-tty': [container({ tty: true })],
  'privileged-containers': [secured({ allowPrivilegeEscalation: true, privileged: true })],
  'privilege-escalation': [secured({ allowPrivilegeEscalation: true })],
  'proc-mount': [{ hostUsers: false, ...secured({ procMount: 'Unmasked' }) }],
  'read-only-root-filesystem': [secured({ readOnlyRootFilesystem: false })],
  seccomp: [secured({ seccompProfile: { type: 'Unconfined' } })],
  selinux: [secured({ seLinuxOptions: { level: 's0:c1' } }), { allowedSELinuxOptions: [{ level: 's0:c2' }] }],
  sysctls: [
    { securityContext: { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] } },
    { forbiddenSysctls: ['kernel.*'] },
  ],
  users: [
    { securityContext: { runAsUser: 0 }, ...secured({ runAsNonRoot: false }) },
    { runAsUser: { rule: 'MustRunAsNonRoot' } },
  ],
  'volume-types': [volume({ emptyDir: {} }), { volumes: ['configMap'] }],
  'windows-host-process': [
    {
      hostNetwork: true,
      os: { name: 'windows' },
      onWindows: true,
      ...secured({ windowsOptions: { hostProcess: true, runAsUserName: 'NT AUTHORITY\\SYSTEM' } }),
    },
  ],
}

/** A case for every policy of the pack. */
export const packCases: readonly PackCase[] = policiesOf([pack.podSecurity]).map((policy) => {
  const found = cases[policy.id.replace('pod-security/', '')]
  if (found === undefined) throw new Error(`there is no case for ${policy.id}`)
  const [bad, parameters = {}] = found
  return { policy, bad, parameters }
})

/** A Pod that every policy allows, with a part of it changed. */
export function packPod(name: string, label: string, change: Part = {}): Part {
  const {
    container: own = {},
    securityContext = {},
    onWindows = false,
    ...spec
  } = change as Readonly<Record<string, Part>>
  const { securityContext: context = {}, ...rest } = own as Readonly<Record<string, Part>>
  const linux = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { policy: label } },
    spec: {
      ...spec,
      // Windows takes none of what the others ask for
      ...(onWindows ? {} : { securityContext: { fsGroup: 5, runAsUser: 1000, ...securityContext } }),
      containers: [
        {
          name: 'app',
          image: 'registry.example.com/app:1',
          ...rest,
          securityContext: { ...(onWindows ? {} : linux), ...context },
        },
      ],
    },
  }
}
