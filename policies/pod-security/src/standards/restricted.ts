import { type Condition, message, not, onlyIf, type Policy, set } from '@gatewright/core'
import type { PodView } from '@gatewright/kubernetes'
import { baselineChecks, hasUserNamespace, procMountRule } from './baseline.js'
import { check } from './check.js'
import { minorOf, type StandardsVersion } from './version.js'

const isWindows = (pod: PodView): Condition => pod.os.name.is('windows')

const volumeTypes = check(
  'restricted',
  'volume-types',
  { title: 'Volumes are of a type that the standard lists', severity: 'medium', topic: 'volume-types' },
  ({ pod }) =>
    pod.volumes
      .filter((volume) =>
        not(
          volume.configMap
            .exists()
            .or(
              volume.csi.exists(),
              volume.downwardAPI.exists(),
              volume.emptyDir.exists(),
              volume.ephemeral.exists(),
              volume.image.exists(),
              volume.persistentVolumeClaim.exists(),
              volume.projected.exists(),
              volume.secret.exists(),
            ),
        ),
      )
      .deny((volume) => ({
        message: message`volume ${volume.name} must be of a type that the standard lists`,
        at: volume,
      })),
)

const privilegeEscalation = check(
  'restricted',
  'privilege-escalation',
  {
    title: 'Containers set allowPrivilegeEscalation to false',
    severity: 'high',
    topic: 'privilege-escalation',
  },
  ({ pod }) =>
    onlyIf(
      not(isWindows(pod)),
      pod.allContainers
        .filter((c) => c.securityContext.allowPrivilegeEscalation.isNot(false))
        .deny((c) => ({
          message: message`container ${c.name} must set allowPrivilegeEscalation to false`,
          at: c.securityContext.allowPrivilegeEscalation,
          fix: set(c.securityContext.allowPrivilegeEscalation, false),
        })),
    ),
)

const runAsNonRoot = (minor: number): Policy =>
  check(
    'restricted',
    'run-as-non-root',
    { title: 'Containers run as another user than root', severity: 'high', topic: 'run-as-non-root' },
    ({ pod }) => {
      const shared = pod.securityContext.runAsNonRoot
      const rules = [
        shared.is(false).deny({
          message: 'the pod must not set runAsNonRoot to false',
          at: shared,
          code: 'pod',
          fix: set(shared, true),
        }),
        pod.allContainers
          .filter((c) => c.securityContext.runAsNonRoot.default(shared).isNot(true))
          .deny((c) => ({
            message: message`container ${c.name} or its pod must set runAsNonRoot to true`,
            at: c.securityContext.runAsNonRoot,
            code: 'container',
            fix: set(c.securityContext.runAsNonRoot, true),
          })),
      ]
      return minor >= 35 ? onlyIf(not(hasUserNamespace(pod)), rules) : rules
    },
  )

const runAsUser = (minor: number): Policy =>
  check(
    'restricted',
    'run-as-user',
    { title: 'No user is set to 0', severity: 'high', topic: 'run-as-user' },
    ({ pod }) => {
      const shared = pod.securityContext.runAsUser
      const rules = [
        shared.is(0).deny({ message: 'the pod must not set runAsUser to 0', at: shared, code: 'pod' }),
        pod.allContainers
          .filter((c) => c.securityContext.runAsUser.is(0))
          .deny((c) => ({
            message: message`container ${c.name} must not set runAsUser to 0`,
            at: c.securityContext.runAsUser,
            code: 'container',
          })),
      ]
      return minor >= 35 ? onlyIf(not(hasUserNamespace(pod)), rules) : rules
    },
  )

const seccomp = check(
  'restricted',
  'seccomp-restricted',
  { title: 'A seccomp profile is set', severity: 'medium', topic: 'seccomp' },
  ({ pod }) => {
    const allowed = ['RuntimeDefault', 'Localhost'] as const
    const shared = pod.securityContext.seccompProfile
    return onlyIf(not(isWindows(pod)), [
      shared
        .exists()
        .and(shared.type.notIn(allowed))
        .deny({
          message: message`the pod must not use the seccomp profile ${shared.type}`,
          at: shared.type,
          code: 'pod',
        }),
      pod.allContainers
        .filter((c) => {
          const own = c.securityContext.seccompProfile
          return own
            .exists()
            .and(own.type.notIn(allowed))
            .or(own.missing().and(shared.type.notIn(allowed)))
        })
        .deny((c) => ({
          message: message`container ${c.name} or its pod must set the seccomp profile RuntimeDefault or Localhost`,
          at: c.securityContext.seccompProfile.type,
          code: 'container',
        })),
    ])
  },
)

const capabilities = check(
  'restricted',
  'capabilities-restricted',
  {
    title: 'Containers drop all capabilities and add none but NET_BIND_SERVICE',
    severity: 'high',
    topic: 'capabilities-drop-all',
  },
  ({ pod }) =>
    onlyIf(
      not(isWindows(pod)),
      pod.allContainers.each((c) => {
        const { add, drop } = c.securityContext.capabilities
        return [
          not(drop.includes('ALL')).deny({
            message: message`container ${c.name} must drop ALL capabilities`,
            at: drop,
            code: 'drop',
            fix: set(drop, ['ALL']),
          }),
          add.difference(['NET_BIND_SERVICE']).deny((capability) => ({
            message: message`container ${c.name} must not add the capability ${capability}`,
            at: capability,
            code: 'add',
          })),
        ]
      }),
    ),
)

const procMount = check(
  'restricted',
  'proc-mount-restricted',
  {
    title: 'Containers see the default /proc, also with users of their own',
    severity: 'high',
    topic: 'proc-mount',
  },
  (bindings) => procMountRule(bindings, false),
)

/** Checks of `baseline` that a stricter one of `restricted` stands in for. */
const replaced = ['host-path-volumes', 'capabilities', 'seccomp']

/** The checks of the level `restricted`, as a version of the standards has them, with those of `baseline`. */
export function restrictedChecks(version: StandardsVersion): readonly Policy[] {
  const minor = minorOf(version)
  const gone = minor >= 35 ? [...replaced, 'proc-mount'] : replaced
  const kept = baselineChecks(version).filter(
    ({ id }) => !gone.some((name) => id === `pod-security-standards/${name}`),
  )
  return [
    ...kept,
    volumeTypes,
    privilegeEscalation,
    runAsNonRoot(minor),
    runAsUser(minor),
    seccomp,
    capabilities,
    ...(minor >= 35 ? [procMount] : []),
  ]
}
