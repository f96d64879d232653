// Texts and numbers that are compared wrongly: registries, paths, quantities, bounds, and other objects.
import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  imageRef,
  type ListExpr,
  message,
  not,
  onlyIf,
  policy,
  type Policy,
  quantity,
  text,
} from '@gatewright/core'
import { deployments, namespaces, networkPolicies, workloads } from '@gatewright/kubernetes'
import { containerIsNew, pods, specIsNew } from '../../policies/pod-security/src/selection.js'
import type { PlantedFault } from './fault.js'

const registry = { id: 'team/registry', title: 'Images are ours', severity: 'high' } as const
const ours = policy({
  ...registry,
  target: workloads,
  rule: ({ pod }) =>
    pod.allContainers
      .filter((c) => imageRef(c.image).within('registry.example.com').ifMissing(false).not())
      .deny((c) => ({ message: message`${c.image} is not ours`, at: c.image })),
})

const memory = { id: 'team/memory', title: 'Memory is limited', severity: 'medium' } as const
const limited = policy({
  ...memory,
  target: workloads,
  rule: ({ pod }) =>
    pod.allContainers
      .filter((c) => quantity(c.resources.limits.get('memory')).gt('2Gi').ifMissing(true))
      .deny((c) => ({ message: message`${c.name} has too much`, at: c.resources.limits.get('memory') })),
})

const replicas = { id: 'team/replicas', title: 'There are two', severity: 'low' } as const
const labels = { id: 'team/owner', title: 'Somebody owns it', severity: 'low' } as const
const isolation = { id: 'team/isolation', title: 'Namespaces are isolated', severity: 'high' } as const

/** Host ports are such as are found to be allowed. */
const ports = (isAllowed: (port: Expr<number>) => Condition): Policy =>
  policy({
    id: 'pod-security/host-ports',
    title: 'Host ports are in a range',
    severity: 'medium',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      pod.allContainers.filter(containerIsNew(bindings)).each((c) =>
        c.ports
          .having('hostPort')
          .filter(({ hostPort }) => allOf(hostPort.isNot(0), isAllowed(hostPort).not()))
          .deny(({ hostPort }) => ({ message: message`host port ${hostPort}`, at: hostPort })),
      ),
  })

const climbs = (path: Expr<string>): Condition => path.split('/').includes('..')
const isUnder = (path: Expr<string>): Condition => anyOf(path.is('/var/log'), path.startsWith('/var/log/'))

/** Host paths are such as are found to be allowed. */
const paths = (isAllowed: (path: Expr<string>) => Condition): Policy =>
  policy({
    id: 'pod-security/host-path-volumes',
    title: 'Host paths are logs',
    severity: 'high',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      onlyIf(
        specIsNew(bindings),
        pod.volumes
          .having('hostPath')
          .filter(({ hostPath }) => isAllowed(hostPath.path).not())
          .deny((volume) => ({ message: message`${volume.name}`, at: volume.hostPath.path })),
      ),
  })

/** Sysctls are none that are found to be forbidden. */
const named = (isForbidden: (name: Expr<string>) => Condition): Policy =>
  policy({
    id: 'pod-security/sysctls',
    title: 'Sysctls of the kernel stay',
    severity: 'medium',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      onlyIf(
        specIsNew(bindings),
        pod.securityContext.sysctls
          .filter((each) => isForbidden(each.name))
          .deny((each) => ({ message: message`${each.name}`, at: each.name })),
      ),
  })

/** Volumes are of no type that is found to be wrong. */
const volumes = (wrong: (types: ListExpr<string>) => ListExpr<string>): Policy =>
  policy({
    id: 'pod-security/volume-types',
    title: 'Volumes are of few types',
    severity: 'medium',
    target: pods,
    rule: ({ pod, ...bindings }) =>
      onlyIf(
        specIsNew(bindings),
        pod.volumes.each((volume) =>
          wrong(volume.keys()).deny((type) => ({ message: message`${volume.name}`, at: type })),
        ),
      ),
  })

export const values: readonly PlantedFault[] = [
  {
    name: 'registry-by-prefix',
    is: 'a registry is told by the start of an image, without a slash behind it',
    good: ours,
    bad: policy({
      ...registry,
      target: workloads,
      rule: ({ pod }) =>
        pod.allContainers
          .filter((c) => c.image.startsWith('registry.example.com').ifMissing(false).not())
          .deny((c) => ({ message: message`${c.image} is not ours`, at: c.image })),
    }),
  },
  {
    name: 'registry-anywhere',
    is: 'a registry is looked for anywhere in an image',
    good: ours,
    bad: policy({
      ...registry,
      target: workloads,
      rule: ({ pod }) =>
        pod.allContainers
          .filter((c) => c.image.matches('registry.example.com/').ifMissing(false).not())
          .deny((c) => ({ message: message`${c.image} is not ours`, at: c.image })),
    }),
  },
  {
    name: 'quantity-by-pattern',
    is: '`1.5Gi` and `1024Mi` are misread: only whole numbers of Gi are told apart',
    good: limited,
    bad: policy({
      ...memory,
      target: workloads,
      rule: ({ pod }) =>
        pod.allContainers
          .filter((c) => {
            const limit = c.resources.limits.get('memory')
            return anyOf(limit.missing(), text`${limit}`.matches('^([3-9]|[1-9][0-9]+)Gi$').ifMissing(false))
          })
          .deny((c) => ({ message: message`${c.name} has too much`, at: c.resources.limits.get('memory') })),
    }),
  },
  {
    name: 'no-limit-passes',
    is: 'a container without a limit is taken for one that needs little',
    good: limited,
    bad: policy({
      ...memory,
      target: workloads,
      rule: ({ pod }) =>
        pod.allContainers
          .filter((c) => quantity(c.resources.limits.get('memory')).gt('2Gi').ifMissing(false))
          .deny((c) => ({ message: message`${c.name} has too much`, at: c.resources.limits.get('memory') })),
    }),
  },
  {
    name: 'bound-off-by-one',
    is: 'the highest port that is allowed is denied',
    good: ports((port) => port.between(30_000, 32_767)),
    bad: ports((port) => allOf(port.gte(30_000), port.lt(32_767))),
  },
  {
    name: 'replicas-off-by-one',
    is: 'one replica is enough, and two were meant',
    good: policy({
      ...replicas,
      target: deployments,
      rule: ({ object }) =>
        object.spec.replicas.default(1).lt(2).deny({ message: 'two are needed', at: object.spec.replicas }),
    }),
    bad: policy({
      ...replicas,
      target: deployments,
      rule: ({ object }) =>
        object.spec.replicas
          .lt(1)
          .ifMissing(true)
          .deny({ message: 'two are needed', at: object.spec.replicas }),
    }),
  },
  {
    name: 'path-by-prefix',
    is: '`/var/log-of-others` is taken for a path below `/var/log`',
    good: paths((path) => not(climbs(path)).and(isUnder(path))),
    bad: paths((path) => not(climbs(path)).and(path.startsWith('/var/log'))),
  },
  {
    name: 'path-that-climbs',
    is: '`/var/log/../..` is taken for a path below `/var/log`',
    good: paths((path) => not(climbs(path)).and(isUnder(path))),
    bad: paths(isUnder),
  },
  {
    name: 'sysctl-by-name',
    is: 'a pattern is compared as if it were a name',
    good: named((name) => name.like('kernel.*')),
    bad: named((name) => name.is('kernel.*')),
  },
  {
    name: 'list-of-the-known-bad',
    is: 'the types of volumes that are known to be bad are listed, and not those that are good',
    good: volumes((types) => types.difference(['name', 'configMap', 'emptyDir', 'secret'])),
    bad: volumes((types) => types.intersection(['hostPath', 'nfs', 'iscsi'])),
  },
  {
    name: 'deletion-blocked',
    is: 'deletions are judged too, of which there is no new object, so that its label is missing',
    good: policy({
      ...labels,
      target: namespaces.on('CREATE', 'UPDATE'),
      rule: ({ object }) =>
        object.metadata.labels
          .get('owner')
          .missing()
          .deny({ message: 'name an owner', at: object.metadata.labels }),
    }),
    bad: policy({
      ...labels,
      target: namespaces.on('CREATE', 'UPDATE', 'DELETE'),
      rule: ({ object }) =>
        object.metadata.labels
          .get('owner')
          .missing()
          .deny({ message: 'name an owner', at: object.metadata.labels }),
    }),
  },
  {
    name: 'any-namespace',
    is: 'a NetworkPolicy of any namespace is taken for one of this',
    good: policy({
      ...isolation,
      target: namespaces,
      rule: ({ object, cluster }) =>
        cluster
          .list(networkPolicies)
          .inNamespace(object.metadata.name)
          .isEmpty()
          .deny({ message: 'no network policy', at: object }),
    }),
    bad: policy({
      ...isolation,
      target: namespaces,
      rule: ({ object, cluster }) =>
        cluster.list(networkPolicies).isEmpty().deny({ message: 'no network policy', at: object }),
    }),
  },
]
