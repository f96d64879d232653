// Fields that are read wrongly: what is missing, what stands above what, constants, and what is reported of them.
import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  type ListExpr,
  message,
  onlyIf,
  policy,
  type Policy,
  set,
} from '@gatewright/core'
import type { Container, PodSecurityContext, SecurityContext } from '@gatewright/kubernetes'
import { hostNamespaces, privilegeEscalation, readOnlyRootFilesystem } from '@gatewright/pod-security'
import { z } from 'zod'
import {
  containerIsNew,
  exemptImages,
  notExempt,
  pods,
  specIsNew,
} from '../../policies/pod-security/src/selection.js'
import type { PlantedFault } from './fault.js'

const parameters = z.object({ ...exemptImages })
const escalation = {
  id: privilegeEscalation.id,
  title: 'Containers gain no rights',
  severity: 'high',
} as const
const readOnly = {
  id: readOnlyRootFilesystem.id,
  title: 'Images are not written',
  severity: 'medium',
} as const

/** Containers drop what is found to be all capabilities. */
const drops = (isAll: (name: Expr<string>) => Condition): Policy =>
  policy({
    id: 'pod-security/capabilities',
    title: 'Containers drop all capabilities',
    severity: 'high',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter((c) => c.securityContext.capabilities.drop.none(isAll))
        .deny((c) => ({
          message: message`container ${c.name} must drop all capabilities`,
          at: c.securityContext.capabilities.drop,
        })),
  })

const isBind = (name: Expr<string>): Condition => name.lower().is('net_bind_service')

/** Containers add capabilities that are found to be allowed. */
const adds = (areAllowed: (names: ListExpr<string>) => Condition): Policy =>
  policy({
    id: 'pod-security/capabilities',
    title: 'Containers add allowed capabilities only',
    severity: 'high',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter((c) => areAllowed(c.securityContext.capabilities.add as ListExpr<string>).not())
        .deny((c) => ({
          message: message`container ${c.name} must not add such capabilities`,
          at: c.securityContext.capabilities.add,
        })),
  })

type Effective = readonly [user: Expr<number | undefined>, nonRoot: Expr<boolean | undefined>]

/** Containers do not run as root, by what is in effect for them. */
const nonRoot = (
  effective: (
    own: Expr<SecurityContext | undefined>,
    shared: Expr<PodSecurityContext | undefined>,
  ) => Effective,
): Policy =>
  policy({
    id: 'pod-security/users',
    title: 'Containers do not run as root',
    severity: 'medium',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter((c) => {
          const [user, isNonRoot] = effective(c.securityContext, pod.securityContext)
          return anyOf(user.is(0), user.missing().and(isNonRoot.isNot(true)))
        })
        .deny((c) => ({
          message: message`container ${c.name} must not run as root`,
          at: c.securityContext.runAsNonRoot,
        })),
  })

/** Containers run under a seccomp profile, where without one they run under this. */
const profiled = (without: 'RuntimeDefault' | 'Unconfined'): Policy =>
  policy({
    id: 'pod-security/seccomp',
    title: 'Containers run under a seccomp profile',
    severity: 'medium',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter((c) =>
          c.securityContext.seccompProfile.type
            .default(pod.securityContext.seccompProfile.type)
            .default(without)
            .is('Unconfined'),
        )
        .deny((c) => ({
          message: message`container ${c.name} must not run without a seccomp profile`,
          at: c.securityContext.seccompProfile.type,
        })),
  })

/** Containers keep `/proc` masked, or are told with this message. */
const unmasked = (told: (c: Expr<Container>) => ReturnType<typeof message>): Policy =>
  policy({
    id: 'pod-security/proc-mount',
    title: 'Containers keep /proc masked',
    severity: 'high',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter((c) => c.securityContext.procMount.default('Default').isNot('Default'))
        .deny((c) => ({ message: told(c), at: c.securityContext.procMount })),
  })

export const fields: readonly PlantedFault[] = [
  {
    name: 'missing-passes',
    is: 'a field that has to be false is denied where it is true, and not where it is missing',
    good: privilegeEscalation,
    bad: policy({
      ...escalation,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter((c) => c.securityContext.allowPrivilegeEscalation.is(true))
          .deny((c) => ({
            message: message`container ${c.name}`,
            at: c.securityContext.allowPrivilegeEscalation,
            fix: set(c.securityContext.allowPrivilegeEscalation, false),
          })),
    }),
  },
  {
    name: 'fix-of-another-field',
    is: 'the fix sets another field than the one that is denied, so that it never comes to an end',
    good: privilegeEscalation,
    bad: policy({
      ...escalation,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter((c) => c.securityContext.allowPrivilegeEscalation.isNot(false))
          .deny((c) => ({
            message: message`container ${c.name} must set allowPrivilegeEscalation to false`,
            at: c.securityContext.allowPrivilegeEscalation,
            fix: set(c.securityContext.privileged, false),
          })),
    }),
  },
  {
    name: 'fix-the-wrong-way',
    is: 'the fix sets what is denied',
    good: readOnlyRootFilesystem,
    bad: policy({
      ...readOnly,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter((c) => c.securityContext.readOnlyRootFilesystem.isNot(true))
          .deny((c) => ({
            message: message`container ${c.name} must set readOnlyRootFilesystem to true`,
            at: c.securityContext.readOnlyRootFilesystem,
            fix: set(c.securityContext.readOnlyRootFilesystem, false),
          })),
    }),
  },
  {
    name: 'parent-missing-passes',
    is: 'a container without any security context is not asked',
    good: readOnlyRootFilesystem,
    bad: policy({
      ...readOnly,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter((c) =>
            allOf(c.securityContext.exists(), c.securityContext.readOnlyRootFilesystem.isNot(true)),
          )
          .deny((c) => ({
            message: message`container ${c.name} must set readOnlyRootFilesystem to true`,
            at: c.securityContext.readOnlyRootFilesystem,
            fix: set(c.securityContext.readOnlyRootFilesystem, true),
          })),
    }),
  },
  {
    name: 'case-of-a-constant',
    is: 'capabilities are compared as they are written, though a runtime takes them in any case',
    good: drops((name) => name.lower().is('all')),
    bad: drops((name) => name.is('all')),
  },
  {
    name: 'one-of-all',
    is: 'a list passes as soon as one of its elements does',
    good: adds((names) => names.every(isBind)),
    bad: adds((names) => anyOf(names.isEmpty(), names.some(isBind))),
  },
  {
    name: 'pod-before-container',
    is: 'what the pod says goes before what a container says, the other way round than in a kubelet',
    good: nonRoot((own, shared) => [
      own.runAsUser.default(shared.runAsUser),
      own.runAsNonRoot.default(shared.runAsNonRoot),
    ]),
    bad: nonRoot((own, shared) => [
      shared.runAsUser.default(own.runAsUser),
      shared.runAsNonRoot.default(own.runAsNonRoot),
    ]),
  },
  {
    name: 'pod-level-forgotten',
    is: 'what the pod says for all of its containers is not looked at',
    good: nonRoot((own, shared) => [
      own.runAsUser.default(shared.runAsUser),
      own.runAsNonRoot.default(shared.runAsNonRoot),
    ]),
    bad: nonRoot((own) => [own.runAsUser, own.runAsNonRoot]),
  },
  {
    name: 'default-too-good',
    is: 'a profile that nobody sets is taken for that of the runtime, though without one there is none',
    good: profiled('Unconfined'),
    bad: profiled('RuntimeDefault'),
  },
  {
    name: 'one-of-three-fields',
    is: 'of the three namespaces of a node one is forgotten',
    good: hostNamespaces,
    bad: policy({
      id: hostNamespaces.id,
      title: 'Namespaces',
      severity: 'high',
      target: pods,
      rule: ({ pod, ...bindings }) =>
        onlyIf(
          specIsNew(bindings),
          (['hostNetwork', 'hostPID'] as const).map((field) =>
            pod[field].is(true).deny({
              message: message`the pod must not set ${field}`,
              at: pod[field],
              code: field,
              fix: set(pod[field], false),
            }),
          ),
        ),
    }),
  },
  {
    name: 'message-of-two-lines',
    is: 'the message has the end of a line in it',
    good: unmasked((c) => message`container ${c.name} must not set procMount`),
    bad: unmasked((c) => message`container ${c.name} must not set procMount\nask the team of the platform`),
  },
  {
    name: 'message-of-an-object',
    is: 'the message shows a whole object where a name was meant',
    good: unmasked((c) => message`container ${c.name} must not set procMount`),
    bad: unmasked((c) => message`container ${c.securityContext} must not set procMount`),
  },
]
