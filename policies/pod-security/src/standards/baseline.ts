import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  message,
  not,
  type Policy,
  type Rule,
  set,
} from '@gatewright/core'
import type { PodView, SELinuxOptions } from '@gatewright/kubernetes'
import { hostHandlers } from '../host-handlers.js'
import { check } from './check.js'
import { minorOf, type StandardsVersion } from './version.js'

/** Whether a pod has users of its own, so that root inside is not root outside. */
export const hasUserNamespace = (pod: PodView): Condition => pod.hostUsers.is(false)

const hostNamespaces = check(
  'baseline',
  'host-namespaces',
  { title: 'Pods share no namespace of their node', severity: 'high', topic: 'host-namespaces' },
  ({ pod }) =>
    (['hostNetwork', 'hostPID', 'hostIPC'] as const).map((field) =>
      pod[field].is(true).deny({
        message: message`the pod must not set ${field}`,
        at: pod[field],
        code: field,
        fix: set(pod[field], false),
      }),
    ),
)

const privileged = check(
  'baseline',
  'privileged',
  { title: 'Containers do not run privileged', severity: 'critical', topic: 'privileged-containers' },
  ({ pod }) =>
    pod.allContainers
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({
        message: message`container ${c.name} must not run privileged`,
        at: c.securityContext.privileged,
        fix: set(c.securityContext.privileged, false),
      })),
)

const defaultCapabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

const capabilities = check(
  'baseline',
  'capabilities',
  {
    title: 'Containers add no capability beyond the default ones',
    severity: 'high',
    topic: 'capabilities-added',
  },
  ({ pod }) =>
    pod.allContainers.each((c) =>
      c.securityContext.capabilities.add.difference(defaultCapabilities).deny((capability) => ({
        message: message`container ${c.name} must not add the capability ${capability}`,
        at: capability,
      })),
    ),
)

const hostPathVolumes = check(
  'baseline',
  'host-path-volumes',
  { title: 'Pods mount no path of their node', severity: 'high', topic: 'host-path-volumes' },
  ({ pod }) =>
    pod.volumes
      .filter((volume) => volume.hostPath.exists())
      .deny((volume) => ({
        message: message`volume ${volume.name} must not be a host path`,
        at: volume.hostPath,
      })),
)

const hostPorts = check(
  'baseline',
  'host-ports',
  { title: 'Containers use no port of their node', severity: 'medium', topic: 'host-ports' },
  ({ pod }) =>
    pod.allContainers.each((c) =>
      c.ports
        .filter((port) => port.hostPort.exists().and(port.hostPort.isNot(0)))
        .deny((port) => ({
          message: message`container ${c.name} must not use host port ${port.hostPort}`,
          at: port.hostPort,
        })),
    ),
)

const hostProbes = check(
  'baseline',
  'host-probes-lifecycle',
  { title: 'Probes and lifecycle hooks name no host', severity: 'medium', topic: 'host-probes-lifecycle' },
  ({ pod }) =>
    pod.allContainers.each((c) =>
      hostHandlers(c).map(({ name, host }) =>
        host
          .isEmpty()
          .not()
          .deny({
            message: message`container ${c.name} must not name the host ${host} in its ${name}`,
            at: host,
            code: name,
          }),
      ),
    ),
)

const appArmor = check(
  'baseline',
  'apparmor',
  { title: 'AppArmor profiles are the default ones or of the node', severity: 'medium', topic: 'apparmor' },
  ({ pod }) => {
    const isBad = (profile: Expr<{ readonly type?: string } | undefined>): Condition =>
      profile.exists().and(profile.type.notIn(['RuntimeDefault', 'Localhost']))
    const shared = pod.securityContext.appArmorProfile
    return [
      isBad(shared).deny({
        message: message`the pod must not use the AppArmor profile ${shared.type}`,
        at: shared.type,
        code: 'pod',
      }),
      pod.allContainers
        .filter((c) => isBad(c.securityContext.appArmorProfile))
        .deny((c) => ({
          message: message`container ${c.name} must not use the AppArmor profile ${c.securityContext.appArmorProfile.type}`,
          at: c.securityContext.appArmorProfile.type,
          code: 'container',
        })),
      pod.metadata.annotations
        .entries()
        .filter((entry) => entry.key.startsWith('container.apparmor.security.beta.kubernetes.io/'))
        .filter((entry) =>
          not(anyOf(entry.value.in(['', 'runtime/default']), entry.value.startsWith('localhost/'))),
        )
        .deny((entry) => ({
          message: message`the annotation ${entry.key} must not be ${entry.value}`,
          at: entry.value,
          code: 'annotation',
        })),
    ]
  },
)

const seLinuxTypes = (minor: number): readonly string[] => [
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  ...(minor >= 31 ? ['container_engine_t'] : []),
]

const seLinux = (minor: number): Policy =>
  check(
    'baseline',
    'selinux',
    {
      title: 'SELinux options keep the types of containers, and no user or role',
      severity: 'medium',
      topic: 'selinux',
    },
    ({ pod }) => {
      const types = seLinuxTypes(minor)
      const bad = (options: Expr<SELinuxOptions | undefined>): Condition =>
        options
          .exists()
          .and(
            anyOf(
              options.type.default('').notIn(types),
              not(options.user.isEmpty()),
              not(options.role.isEmpty()),
            ),
          )
      const shared = pod.securityContext.seLinuxOptions
      return [
        bad(shared).deny({ message: 'the pod must not set these SELinux options', at: shared, code: 'pod' }),
        pod.allContainers
          .filter((c) => bad(c.securityContext.seLinuxOptions))
          .deny((c) => ({
            message: message`container ${c.name} must not set these SELinux options`,
            at: c.securityContext.seLinuxOptions,
            code: 'container',
          })),
      ]
    },
  )

/** Containers whose view of `/proc` is not the default one. */
export const procMountRule = ({ pod }: { readonly pod: PodView }, relaxed: boolean): Rule =>
  pod.allContainers
    .filter((c) => c.securityContext.procMount.default('Default').isNot('Default'))
    .filter(() => (relaxed ? not(hasUserNamespace(pod)) : allOf()))
    .deny((c) => ({
      message: message`container ${c.name} must not set procMount to ${c.securityContext.procMount}`,
      at: c.securityContext.procMount,
    }))

const procMount = (minor: number): Policy =>
  check(
    'baseline',
    'proc-mount',
    { title: 'Containers see the default /proc', severity: 'high', topic: 'proc-mount' },
    (bindings) => procMountRule(bindings, minor >= 35),
  )

const seccomp = check(
  'baseline',
  'seccomp',
  { title: 'Seccomp is not switched off', severity: 'medium', topic: 'seccomp' },
  ({ pod }) => {
    const allowed = ['RuntimeDefault', 'Localhost'] as const
    const shared = pod.securityContext.seccompProfile
    return [
      shared
        .exists()
        .and(shared.type.notIn(allowed))
        .deny({
          message: message`the pod must not use the seccomp profile ${shared.type}`,
          at: shared.type,
          code: 'pod',
        }),
      pod.allContainers
        .filter((c) => c.securityContext.seccompProfile.exists())
        .filter((c) => c.securityContext.seccompProfile.type.notIn(allowed))
        .deny((c) => ({
          message: message`container ${c.name} must not use the seccomp profile ${c.securityContext.seccompProfile.type}`,
          at: c.securityContext.seccompProfile.type,
          code: 'container',
        })),
    ]
  },
)

const sysctlsSince: readonly (readonly [minor: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.ip_unprivileged_port_start',
      'net.ipv4.ping_group_range',
      'net.ipv4.tcp_syncookies',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
      'net.ipv4.tcp_keepalive_time',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
  [37, ['net.ipv4.tcp_notsent_lowat', 'net.ipv4.tcp_slow_start_after_idle']],
]

const sysctls = (minor: number): Policy =>
  check(
    'baseline',
    'sysctls',
    { title: 'Pods set only sysctls that are kept apart for each pod', severity: 'medium', topic: 'sysctls' },
    ({ pod }) => {
      const safe = sysctlsSince.filter(([since]) => since <= minor).flatMap(([, names]) => names)
      return pod.securityContext.sysctls
        .filter((sysctl) => sysctl.name.notIn(safe))
        .deny((sysctl) => ({
          message: message`the pod must not set the sysctl ${sysctl.name}`,
          at: sysctl.name,
        }))
    },
  )

const windowsHostProcess = check(
  'baseline',
  'windows-host-process',
  { title: 'Windows pods run no host processes', severity: 'critical', topic: 'windows-host-process' },
  ({ pod }) => {
    const shared = pod.securityContext.windowsOptions.hostProcess
    return [
      shared
        .is(true)
        .deny({ message: 'the pod must not set windowsOptions.hostProcess', at: shared, code: 'pod' }),
      pod.allContainers
        .filter((c) => c.securityContext.windowsOptions.hostProcess.is(true))
        .deny((c) => ({
          message: message`container ${c.name} must not set windowsOptions.hostProcess`,
          at: c.securityContext.windowsOptions.hostProcess,
          code: 'container',
        })),
    ]
  },
)

/** The checks of the level `baseline`, as a version of the standards has them. */
export function baselineChecks(version: StandardsVersion): readonly Policy[] {
  const minor = minorOf(version)
  return [
    hostNamespaces,
    privileged,
    capabilities,
    hostPathVolumes,
    hostPorts,
    ...(minor >= 34 ? [hostProbes] : []),
    appArmor,
    seLinux(minor),
    procMount(minor),
    seccomp,
    sysctls(minor),
    windowsHostProcess,
  ]
}
