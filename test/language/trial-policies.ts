// The policies that the language was shaped by: each asks for something that the others do not. What the pod-security pack and
// the examples hold already is not repeated.
import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  imageRef,
  matchesSelector,
  message,
  not,
  onlyIf,
  policy,
  type Policy,
  quantity,
  ratio,
  semver,
  set,
  target,
  text,
  when,
} from '@gatewright/core'
import {
  anyObject,
  clusterRoleBindings,
  clusterRoles,
  type Container,
  customResource,
  deployments,
  horizontalPodAutoscalers,
  ingresses,
  type KubernetesObject,
  namespaces,
  networkPolicies,
  podDisruptionBudgets,
  roleBindings,
  roles,
  workloads,
} from '@gatewright/kubernetes'
import { z } from 'zod'

const exemptImages = { exemptImages: z.array(z.string()).default([]) }
const notExempt =
  (patterns: Expr<string[]>) =>
  (c: Expr<Container>): Condition =>
    patterns.none((pattern) => c.image.like(pattern).ifMissing(false))

export const privileged: Policy = policy({
  id: 'trial/privileged',
  title: 'Containers must not run privileged',
  severity: 'critical',
  target: workloads,
  parameters: z.object({ ...exemptImages }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter(notExempt(parameters.exemptImages))
      .filter((c) => c.securityContext.privileged.default(false))
      .deny((c) => ({
        message: message`container ${c.name} must not be privileged`,
        at: c.securityContext.privileged,
        fix: set(c.securityContext.privileged, false),
      })),
})

export const nonRoot: Policy = policy({
  id: 'trial/non-root',
  title: 'Containers must declare a user that is not root',
  severity: 'high',
  target: workloads,
  rule: ({ pod }) =>
    pod.allContainers
      .filter((c) => {
        const declared = c.securityContext.runAsNonRoot
          .default(pod.securityContext.runAsNonRoot)
          .default(false)
        const user = c.securityContext.runAsUser.default(pod.securityContext.runAsUser).default(0)
        return declared.or(user.gt(0)).not()
      })
      .deny((c) => ({
        message: message`container ${c.name} may run as root`,
        at: c.securityContext.runAsNonRoot,
      })),
})

const fromAnnotation = (value: Expr<string | undefined>): Expr<string | undefined> =>
  when(value.in(['runtime/default', 'docker/default']), 'RuntimeDefault')
    .when(value.startsWith('localhost/').ifMissing(false), 'Localhost')
    .otherwise(value)

export const seccomp: Policy = policy({
  id: 'trial/seccomp',
  title: 'Use an allowed seccomp profile',
  severity: 'medium',
  target: workloads,
  parameters: z.object({
    allowed: z.array(z.string()).default(['RuntimeDefault', 'Localhost']),
    files: z.array(z.string()).default([]),
  }),
  rule: ({ pod, parameters }) =>
    pod.allContainers.each((c) => {
      const own = c.securityContext.seccompProfile
      const shared = pod.securityContext.seccompProfile
      const { annotations } = pod.metadata
      const profile = own.type
        .default(shared.type)
        .default(
          fromAnnotation(annotations.get(text`container.seccomp.security.alpha.kubernetes.io/${c.name}`)),
        )
        .default(fromAnnotation(annotations.get('seccomp.security.alpha.kubernetes.io/pod')))
        .default('Unset')
      const file = own.localhostProfile.default(shared.localhostProfile)
      return [
        profile
          .notIn(parameters.allowed)
          .deny({ message: message`container ${c.name} uses seccomp profile ${profile}`, at: own.type }),
        onlyIf(
          profile.is('Localhost'),
          file
            .notIn(parameters.files)
            .deny({ message: message`container ${c.name} uses ${file}`, at: own.localhostProfile }),
        ),
      ]
    }),
})

export const capabilities: Policy = policy({
  id: 'trial/capabilities',
  title: 'Drop ALL capabilities; add back only allowed ones',
  severity: 'high',
  target: workloads,
  parameters: z.object({ allowed: z.array(z.string()).default(['NET_BIND_SERVICE']) }),
  rule: ({ pod, parameters }) =>
    pod.allContainers.each((c) => {
      const { add, drop } = c.securityContext.capabilities
      return [
        not(drop.includes('ALL')).deny({ message: message`container ${c.name} must drop ALL`, at: drop }),
        add
          .difference(parameters.allowed)
          .deny((each) => ({ message: message`container ${c.name} must not add ${each}`, at: each })),
      ]
    }),
})

export const hostPorts: Policy = policy({
  id: 'trial/host-ports',
  title: 'Host ports lie in the allowed range',
  severity: 'medium',
  target: workloads,
  parameters: z.object({ min: z.int().default(0), max: z.int().default(0) }),
  rule: ({ pod, parameters: { min, max } }) =>
    pod.allContainers.each((c) =>
      c.ports
        .having('hostPort')
        .filter(({ hostPort }) => allOf(hostPort.isNot(0), hostPort.between(min, max).not()))
        .deny(({ hostPort }) => ({
          message: message`host port ${hostPort} is outside ${min} to ${max}`,
          at: hostPort,
        })),
    ),
})

const under = (path: Expr<string>, prefix: Expr<string>): Condition =>
  anyOf(path.is(prefix), path.startsWith(text`${prefix}/`))

export const hostPath: Policy = policy({
  id: 'trial/host-path',
  title: 'Only allowed host paths, read-only where said',
  severity: 'high',
  target: workloads,
  parameters: z.object({
    allowed: z.array(z.object({ pathPrefix: z.string(), readOnly: z.boolean().default(false) })).default([]),
  }),
  rule: ({ pod, parameters }) =>
    pod.volumes
      .filter((v) => v.hostPath.exists())
      .each((v) => {
        const matching = parameters.allowed.filter((a) => under(v.hostPath.path.default('/'), a.pathPrefix))
        const mounts = pod.allContainers.flatMap((c) => c.volumeMounts).filter((m) => m.name.is(v.name))
        return [
          matching.isEmpty().deny({
            message: message`volume ${v.name}: ${v.hostPath.path} is not allowed`,
            at: v.hostPath.path,
          }),
          onlyIf(
            matching.every((a) => a.readOnly).and(not(matching.isEmpty())),
            mounts
              .filter((m) => m.readOnly.isNot(true))
              .deny((m) => ({
                message: message`volume ${v.name} must be mounted read-only`,
                at: m.readOnly,
                fix: set(m.readOnly, true),
              })),
          ),
        ]
      }),
})

export const registries: Policy = policy({
  id: 'trial/registries',
  title: 'Images come from allowed registries',
  severity: 'high',
  target: workloads,
  parameters: z.object({ repositories: z.array(z.string()), ...exemptImages }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter(notExempt(parameters.exemptImages))
      .filter((c) => parameters.repositories.none((r) => imageRef(c.image).within(r).ifMissing(false)))
      .deny((c) => ({
        message: message`${c.image} is not from an allowed registry`,
        at: c.image,
        details: { image: c.image, registry: imageRef(c.image).registry },
      })),
})

export const pinned: Policy = policy({
  id: 'trial/pinned',
  title: 'Images are pinned by digest, or carry an allowed tag',
  severity: 'medium',
  target: workloads,
  parameters: z.object({
    requireDigest: z.boolean().default(false),
    forbiddenTags: z.array(z.string()).default(['latest']),
  }),
  rule: ({ pod, parameters }) =>
    pod.allContainers.each((c) => {
      const { repository, digest, tag } = imageRef(c.image)
      return [
        repository.missing().deny({ message: message`${c.image} is no image reference`, at: c.image }),
        allOf(parameters.requireDigest, digest.missing()).deny({
          message: message`pin ${c.image} by digest`,
          at: c.image,
        }),
        allOf(digest.missing(), tag.default('latest').in(parameters.forbiddenTags)).deny({
          message: message`${c.image} has the tag ${tag}`,
          at: c.image,
          severity: 'low',
        }),
      ]
    }),
})

export const limits: Policy = policy({
  id: 'trial/limits',
  title: 'Containers set limits, under a maximum',
  severity: 'medium',
  target: workloads,
  parameters: z.object({ cpu: z.string().optional(), memory: z.string().optional() }),
  rule: ({ pod, parameters }) =>
    (['cpu', 'memory'] as const).map((name) =>
      pod.allContainers.each((c) => {
        const limit = c.resources.limits.get(name)
        return [
          limit.missing().deny({ message: message`container ${c.name} has no ${name} limit`, at: limit }),
          allOf(
            limit.exists(),
            parameters[name].exists(),
            limit.lte(quantity(parameters[name])).ifMissing(false).not(),
          ).deny({
            message: message`container ${c.name}: ${limit} is above ${parameters[name]}`,
            at: limit,
          }),
        ]
      }),
    ),
})

export const ratios: Policy = policy({
  id: 'trial/ratios',
  title: 'Limits stay within a ratio of requests',
  severity: 'low',
  target: workloads,
  parameters: z.object({ ratio: z.number().positive(), cpuRatio: z.number().positive().optional() }),
  rule: ({ pod, parameters }) =>
    (['cpu', 'memory'] as const).map((name) => {
      const allowed = name === 'cpu' ? parameters.cpuRatio.default(parameters.ratio) : parameters.ratio
      return pod.allContainers.each((c) => {
        const limit = c.resources.limits.get(name)
        const request = c.resources.requests.get(name)
        return ratio(limit, request)
          .gt(allowed)
          .ifMissing(true)
          .deny({ message: message`${name}: ${limit} is above ${allowed} × ${request}`, at: limit })
      })
    }),
})

export const labels: Policy = policy({
  id: 'trial/labels',
  title: 'Objects carry the required labels',
  severity: 'low',
  target: anyObject,
  parameters: z.object({
    labels: z.array(z.object({ key: z.string(), allowedRegex: z.string().optional() })),
    message: z.string().optional(),
  }),
  rule: ({ object, parameters }) => {
    const there = object.metadata.labels
    const missing = parameters.labels.filter((l) => not(there.has(l.key))).map((l) => l.key)
    return [
      not(missing.isEmpty()).deny({
        message: parameters.message.default(message`missing labels: ${missing.join(', ')}`),
        at: there,
        details: { missing },
      }),
      parameters.labels
        .filter((l) => not(there.get(l.key).matches(l.allowedRegex).ifMissing(true)))
        .deny((l) => ({
          message: message`label ${l.key} must match ${l.allowedRegex}`,
          at: there.get(l.key),
        })),
    ]
  },
})

export const probes: Policy = policy({
  id: 'trial/probes',
  title: 'Containers define probes',
  severity: 'low',
  target: workloads,
  parameters: z.object({
    probes: z.array(z.string()).default(['livenessProbe', 'readinessProbe']),
    probeTypes: z.array(z.string()).default(['tcpSocket', 'httpGet', 'exec', 'grpc']),
  }),
  rule: ({ pod, parameters }) =>
    pod.containers.each((c) =>
      (['livenessProbe', 'readinessProbe', 'startupProbe'] as const).map((probe) =>
        allOf(parameters.probes.includes(probe), c[probe].keys().isDisjointFrom(parameters.probeTypes)).deny({
          message: message`container ${c.name} has no ${probe}`,
          at: c[probe],
        }),
      ),
    ),
})

export const sysctls: Policy = policy({
  id: 'trial/sysctls',
  title: 'Forbidden sysctls are not set',
  severity: 'high',
  target: workloads,
  parameters: z.object({
    allowed: z.array(z.string()).default([]),
    forbidden: z.array(z.string()).default(['*']),
  }),
  rule: ({ pod, parameters }) =>
    pod.securityContext.sysctls
      .filter((s) => parameters.forbidden.some((pattern) => s.name.like(pattern)))
      .filter((s) => parameters.allowed.none((pattern) => s.name.like(pattern)))
      .deny((s) => ({ message: message`sysctl ${s.name} is not allowed`, at: s.name })),
})

export const volumeTypes: Policy = policy({
  id: 'trial/volume-types',
  title: 'Only listed volume types are used',
  severity: 'medium',
  target: workloads,
  parameters: z.object({ volumes: z.array(z.string()).default(['configMap', 'emptyDir', 'secret']) }),
  rule: ({ pod, parameters }) =>
    pod.volumes.each((v) =>
      v
        .keys()
        .difference(['name'])
        .difference(parameters.volumes)
        .deny((type) => ({
          message: message`volume ${v.name} is of type ${type}`,
          at: v,
          details: { type },
        })),
    ),
})

export const escalation: Policy = policy({
  id: 'trial/escalation',
  title: 'Roles grant no wildcard and no escalating verb',
  severity: 'critical',
  target: roles.or(clusterRoles),
  rule: ({ object }) =>
    object.rules.each((rule) => [
      rule.verbs.includes('*').deny({ message: 'verbs must not be *', at: rule.verbs }),
      allOf(rule.resources.includes('*'), not(rule.apiGroups.isEmpty())).deny({
        message: message`resources must not be * in ${rule.apiGroups.join(', ')}`,
        at: rule.resources,
      }),
      rule.verbs.intersection(['escalate', 'bind', 'impersonate']).deny((verb) => ({
        message: message`the verb ${verb} allows escalation`,
        at: verb,
        details: { verb, resources: rule.resources },
      })),
    ]),
})

export const clusterAdmin: Policy = policy({
  id: 'trial/cluster-admin',
  title: 'cluster-admin is bound to allowed subjects only',
  severity: 'critical',
  target: roleBindings.or(clusterRoleBindings),
  parameters: z.object({
    allowed: z
      .array(
        z.object({
          kind: z.enum(['User', 'Group', 'ServiceAccount']),
          name: z.string(),
          namespace: z.string().optional(),
        }),
      )
      .default([]),
  }),
  rule: ({ object, parameters }) =>
    onlyIf(
      allOf(object.roleRef.kind.is('ClusterRole'), object.roleRef.name.is('cluster-admin')),
      object.subjects
        .filter((s) =>
          parameters.allowed.none((a) =>
            allOf(a.kind.is(s.kind), a.name.is(s.name), a.namespace.sameAs(s.namespace)),
          ),
        )
        .deny((s) => ({ message: message`${s.kind} ${s.name} must not be cluster-admin`, at: s })),
    ),
})

export const defaultDeny: Policy = policy({
  id: 'trial/default-deny',
  title: 'A namespace denies traffic by default',
  severity: 'medium',
  target: namespaces,
  rule: ({ object, cluster }) =>
    (['Ingress', 'Egress'] as const).map((direction) =>
      cluster
        .list(networkPolicies)
        .inNamespace(object.metadata.name)
        .none((np) =>
          allOf(
            np.spec.podSelector.matchLabels.isEmpty(),
            np.spec.podSelector.matchExpressions.isEmpty(),
            np.spec.policyTypes.includes(direction),
            direction === 'Ingress' ? np.spec.ingress.isEmpty() : np.spec.egress.isEmpty(),
          ),
        )
        .deny({
          message: message`${object.metadata.name} lets ${direction} through`,
          at: object.metadata.name,
          code: direction,
        }),
    ),
})

export const uniqueHosts: Policy = policy({
  id: 'trial/unique-hosts',
  title: 'Ingress hosts are unique',
  severity: 'medium',
  target: ingresses,
  rule: ({ object, cluster }) => {
    const others = cluster.list(ingresses).except(object)
    return object.spec.rules.having('host').each((r) => {
      const owner = others.find((other) => other.spec.rules.some((x) => x.host.is(r.host).ifMissing(false)))
      return owner.exists().deny({
        message: message`${r.host} is that of ${owner.metadata.namespace}/${owner.metadata.name}`,
        at: r.host,
      })
    })
  },
})

export const autoscaling: Policy = policy({
  id: 'trial/autoscaling',
  title: 'An autoscaler has a target, and its budget lets a node drain',
  severity: 'medium',
  target: horizontalPodAutoscalers,
  rule: ({ object, cluster }) => {
    const ref = object.spec.scaleTargetRef
    const { namespace } = object.metadata
    const workload = cluster.get(deployments, { name: ref.name, namespace })
    const least = object.spec.minReplicas.default(1)
    return [
      allOf(ref.kind.is('Deployment'), workload.missing()).deny({
        message: message`there is no deployment ${ref.name}`,
        at: ref.name,
      }),
      object.spec.maxReplicas
        .minus(least)
        .lt(1)
        .deny({ message: 'maxReplicas is not above minReplicas', at: object.spec.maxReplicas }),
      cluster
        .list(podDisruptionBudgets)
        .inNamespaceOf(object)
        .filter((b) => matchesSelector(b.spec.selector, workload.spec.template.metadata.labels))
        .filter((b) =>
          anyOf(
            b.spec.minAvailable.asNumber().gte(least).ifMissing(false),
            b.spec.minAvailable.is('100%'),
            b.spec.maxUnavailable.is(0),
          ),
        )
        .deny((b) => ({
          message: message`${b.metadata.name} leaves no room with ${least} replicas`,
          at: object.spec.minReplicas,
        })),
    ]
  },
})

export const accountStays: Policy = policy({
  id: 'trial/account-stays',
  title: 'Only some may change a service account',
  severity: 'high',
  target: deployments.on('UPDATE'),
  parameters: z.object({
    groups: z.array(z.string()).default([]),
    users: z.array(z.string()).default([]),
    protectedLabels: z.array(z.string()).default([]),
  }),
  rule: ({ object, oldObject, request: { userInfo }, parameters }) => {
    const trusted = anyOf(
      userInfo.username.in(parameters.users),
      not(userInfo.groups.isDisjointFrom(parameters.groups)),
    )
    const before = oldObject.spec.template.spec.serviceAccountName
    const after = object.spec.template.spec.serviceAccountName
    return [
      allOf(after.differsFrom(before), not(trusted)).deny({
        message: message`${userInfo.username} must not change ${before} to ${after}`,
        at: after,
      }),
      parameters.protectedLabels
        .filter((l) => object.metadata.labels.get(l).differsFrom(oldObject.metadata.labels.get(l)))
        .deny((l) => ({ message: message`label ${l} is protected`, at: object.metadata.labels.get(l) })),
      object.spec.selector
        .differsFrom(oldObject.spec.selector)
        .deny({ message: 'the selector stays', at: object.spec.selector }),
    ]
  },
})

export const removedApis: Policy = policy({
  id: 'trial/removed-apis',
  title: 'No removed API versions',
  severity: 'medium',
  target: anyObject,
  parameters: z.object({
    version: z.string(),
    table: z.array(
      z.object({
        apiVersion: z.string(),
        kinds: z.array(z.string()),
        removedIn: z.string(),
        use: z.string().optional(),
      }),
    ),
  }),
  rule: ({ object, parameters }) =>
    parameters.table
      .filter((row) => allOf(row.apiVersion.is(object.apiVersion), row.kinds.includes(object.kind)))
      .filter((row) => semver(row.removedIn).lte(semver(parameters.version)).ifMissing(true))
      .deny((row) => ({
        message: message`${object.kind} is gone in ${row.removedIn}; use ${row.use.default('another version')}`,
        at: object.apiVersion,
      })),
})

const Plan = z.object({
  resource_changes: z.array(
    z.object({
      address: z.string(),
      type: z.string(),
      change: z.object({ actions: z.array(z.string()), after: z.unknown() }),
    }),
  ),
})
const GkeCluster = z.object({
  master_authorized_networks_config: z
    .array(z.object({ cidr_blocks: z.array(z.object({ cidr_block: z.string() })) }))
    .nullish(),
})

export const authorizedNetworks: Policy = policy({
  id: 'trial/authorized-networks',
  title: 'A cluster limits who reaches its control plane',
  severity: 'high',
  target: target('terraform-plan', Plan),
  rule: ({ input }) =>
    input.resource_changes
      .filter((r) => allOf(r.type.is('google_container_cluster'), not(r.change.actions.includes('delete'))))
      .each((r) => {
        const networks = r.change.after.as(GkeCluster).master_authorized_networks_config
        return [
          networks.isEmpty().deny({ message: message`${r.address} limits nobody`, at: networks }),
          networks
            .flatMap((n) => n.cidr_blocks)
            .filter((b) => b.cidr_block.is('0.0.0.0/0'))
            .deny((b) => ({ message: message`${r.address} is open to the world`, at: b.cidr_block })),
        ]
      }),
})

const Instruction = z.discriminatedUnion('keyword', [
  z.object({ keyword: z.literal('FROM'), line: z.int(), image: z.string() }),
  z.object({ keyword: z.literal('RUN'), line: z.int(), command: z.string() }),
  z.object({ keyword: z.literal('USER'), line: z.int(), user: z.string() }),
  z.object({ keyword: z.literal('ADD'), line: z.int(), sources: z.array(z.string()) }),
])
const Dockerfile = z.object({ stages: z.array(z.object({ instructions: z.array(Instruction) })) })

export const dockerfile: Policy = policy({
  id: 'trial/dockerfile',
  title: 'A Dockerfile ends with a user, and does not use ADD',
  severity: 'medium',
  target: target('dockerfile', Dockerfile),
  rule: ({ input }) => {
    const { user } = input.stages.last().instructions.where({ keyword: 'USER' }).last()
    return [
      anyOf(user.in(['root', '0']), user.missing()).deny({ message: 'the image runs as root', at: user }),
      input.stages.each((s) =>
        s.instructions
          .where({ keyword: 'ADD' })
          .deny((i) => ({ message: message`use COPY, not ADD (line ${i.line})`, at: i })),
      ),
      input.stages.each((s) =>
        s.instructions
          .where({ keyword: 'RUN' })
          .filter((i) => i.command.matches(/apt-get update\s*$/))
          .deny((i) => ({ message: 'update and install in one RUN', at: i.command })),
      ),
    ]
  },
})

type Mode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT'
interface PeerAuthentication {
  readonly spec?: {
    readonly mtls?: { readonly mode?: Mode }
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
    readonly portLevelMtls?: Readonly<Record<string, { readonly mode?: Mode }>>
  }
}
const peerAuthentications = customResource<PeerAuthentication>('security.istio.io/v1', 'PeerAuthentication')

export const strictMtls: Policy = policy({
  id: 'trial/strict-mtls',
  title: 'Workloads take mutual TLS only',
  severity: 'high',
  target: workloads,
  parameters: z.object({ rootNamespace: z.string().default('istio-system') }),
  rule: ({ pod, object, cluster, parameters }) => {
    type Peer = Expr<PeerAuthentication & KubernetesObject>
    const wide = (a: Peer): Condition => a.spec.selector.matchLabels.isEmpty()
    const decides = (a: Peer): Condition => a.spec.mtls.mode.default('UNSET').isNot('UNSET')
    const here = cluster.list(peerAuthentications).inNamespaceOf(object)
    const mesh = cluster.list(peerAuthentications).inNamespace(parameters.rootNamespace)
    const own = here.find((a) =>
      allOf(not(wide(a)), decides(a), matchesSelector(a.spec.selector, pod.metadata.labels)),
    )
    const mode = own.spec.mtls.mode
      .default(here.find((a) => allOf(wide(a), decides(a))).spec.mtls.mode)
      .default(mesh.find((a) => allOf(wide(a), decides(a))).spec.mtls.mode)
      .default('PERMISSIVE')
    return [
      mode.isNot('STRICT').deny({
        message: message`the effective mutual TLS mode is ${mode}`,
        at: object.metadata.name,
      }),
      own.spec.portLevelMtls
        .entries()
        .filter(({ value }) => value.mode.in(['DISABLE', 'PERMISSIVE']))
        .deny(({ key }) => ({ message: message`port ${key} takes plain text`, at: object.metadata.name })),
    ]
  },
})
