// What is left out of what a policy looks at: containers, kinds, operations, and whoever is exempt.
import { allOf, anyOf, type Condition, type Expr, message, not, onlyIf, policy, set } from '@gatewright/core'
import { type Container, deployments, pods as plainPods, workloads } from '@gatewright/kubernetes'
import { privilegedContainers } from '@gatewright/pod-security'
import { z } from 'zod'
import {
  containerIsNew,
  exemptImages,
  notExempt,
  pods,
  specIsNew,
} from '../../policies/pod-security/src/selection.js'
import type { PlantedFault } from './fault.js'

const { id } = privilegedContainers
const about = { id, title: 'Containers must not run privileged', severity: 'critical' } as const
const parameters = z.object({ ...exemptImages })

const isPrivileged = (c: Expr<Container>): Condition => c.securityContext.privileged.is(true)
const found = (c: Expr<Container>) => ({
  message: message`container ${c.name} must not run privileged`,
  at: c.securityContext.privileged,
  fix: set(c.securityContext.privileged, false),
})

/** Where pods are, but for CronJobs, which are read as Jobs. */
const asInJobs = Object.fromEntries(
  Object.entries(pods.ir.inputs).map(([name, binding]) => [
    name,
    {
      ...binding,
      path: binding.path.map((each) =>
        typeof each === 'object' && each.kind === 'CronJob' ? { ...each, path: ['spec', 'template'] } : each,
      ) as typeof binding.path,
    },
  ]),
)

export const forgotten: readonly PlantedFault[] = [
  {
    name: 'init-containers-forgotten',
    is: 'only containers and ephemeral containers are looked at',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) => [
        pod.containers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter(isPrivileged)
          .deny(found),
        onlyIf(
          specIsNew(bindings),
          pod.ephemeralContainers
            .filter((c) => patterns.none((each) => c.image.like(each).ifMissing(false)))
            .filter((c) => c.securityContext.privileged.is(true))
            .deny((c) => ({
              message: message`container ${c.name} must not run privileged`,
              at: c.securityContext.privileged,
              fix: set(c.securityContext.privileged, false),
            })),
        ),
      ],
    }),
  },
  {
    name: 'ephemeral-containers-forgotten',
    is: 'only containers and init containers are looked at',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.containers
          .concat(pod.initContainers)
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter(isPrivileged)
          .deny(found),
    }),
  },
  {
    name: 'first-container-only',
    is: 'the first container is looked at, and no other',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter((_, index) => index.is(0))
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter(isPrivileged)
          .deny(found),
    }),
  },
  {
    name: 'pods-only',
    is: 'the policy is about pods, and not about what makes them',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: plainPods.on('CREATE', 'UPDATE'),
      rule: ({ object, request }) =>
        onlyIf(specIsNew({ object, request }), [
          object.spec.containers.filter(isPrivileged).deny(found),
          object.spec.initContainers.filter(isPrivileged).deny(found),
          object.spec.ephemeralContainers
            .filter((c) => c.securityContext.privileged.is(true))
            .deny((c) => ({ message: message`${c.name}`, at: c.securityContext.privileged })),
        ]),
    }),
  },
  {
    name: 'deployments-only',
    is: 'the pods of Deployments are looked at, and those of other workloads are not',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: deployments,
      rule: ({ object }) => {
        const { spec } = object.spec.template
        return [spec.containers, spec.initContainers].map((list) => list.filter(isPrivileged).deny(found))
      },
    }),
  },
  {
    name: 'cron-job-path',
    is: 'the pod of a CronJob is looked for where a Job has it',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: { ...pods, ir: { ...pods.ir, inputs: { ...pods.ir.inputs, ...asInJobs } } },
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter(isPrivileged)
          .deny(found),
    }),
  },
  {
    name: 'update-skipped',
    is: 'only what is made anew is judged',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: workloads.on('CREATE'),
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter(isPrivileged)
          .deny(found),
    }),
  },
  {
    name: 'terminating-exempt',
    is: 'an object that is being deleted is left alone (CVE-2023-34091)',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: pods,
      parameters,
      when: ({ object }) => object.metadata.deletionTimestamp.missing(),
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter(isPrivileged)
          .deny(found),
    }),
  },
  {
    name: 'exempt-by-label',
    is: 'whoever writes a label of his own is exempt',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter(notExempt(patterns))
          .filter((c) =>
            allOf(isPrivileged(c), bindings.object.metadata.labels.get('security').isNot('trusted')),
          )
          .deny(found),
    }),
  },
  {
    name: 'system-namespaces-by-prefix',
    is: 'every namespace whose name starts with `kube` is taken for one of the system',
    good: policy({
      ...about,
      target: pods,
      when: ({ object }) => object.metadata.namespace.notIn(['kube-system', 'kube-public']),
      rule: ({ pod }) => pod.allContainers.filter(isPrivileged).deny(found),
    }),
    bad: policy({
      ...about,
      target: pods,
      when: ({ object }) => not(object.metadata.namespace.startsWith('kube').ifMissing(false)),
      rule: ({ pod }) => pod.allContainers.filter(isPrivileged).deny(found),
    }),
  },
  {
    name: 'exempt-by-substring',
    is: 'an image is exempt where the name of one that is exempt is anywhere in it',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter((c) => patterns.none((each) => c.image.includes(each).ifMissing(false)))
          .filter(isPrivileged)
          .deny(found),
    }),
  },
  {
    name: 'exemption-turned-round',
    is: 'the images that are exempt are the only ones that are looked at, once there are any',
    good: privilegedContainers,
    bad: policy({
      ...about,
      target: pods,
      parameters,
      rule: ({ pod, parameters: { exemptImages: patterns }, ...bindings }) =>
        pod.allContainers
          .filter(containerIsNew(bindings))
          .filter((c) => anyOf(patterns.isEmpty(), notExempt(patterns)(c).not()))
          .filter(isPrivileged)
          .deny(found),
    }),
  },
]
