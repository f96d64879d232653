import type { Container, PodSpec, PodTemplateSpec } from '@gatewright/kubernetes'
import type { DraftOf } from './rules.js'

/** The keys of annotations that said, before there were fields, which AppArmor profile a container has. */
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

type Pod = DraftOf<PodSpec>
type AnyContainer = DraftOf<Container>

/** Makes the parts of a pod agree with each other. */
export function mendPod(pod: Pod): void {
  mendNames(pod)
  mendHost(pod)
  mendWindows(pod)
  mendPorts(pod)
  const volumes = pod.volumes?.map(({ name }) => name) ?? []
  for (const [i, container] of all(pod).entries()) mendMounts(container, volumes, i)
  for (const container of pod.containers) delete container.restartPolicy
  for (const container of pod.initContainers ?? []) {
    if (container.restartPolicy === 'Always') continue
    for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const)
      delete container[key]
  }
  if (pod.dnsPolicy === 'None' && (pod.dnsConfig?.nameservers ?? []).length === 0)
    pod.dnsConfig = { ...pod.dnsConfig, nameservers: ['10.0.0.10'] }
}

const all = (pod: Pod): AnyContainer[] => [...pod.containers, ...(pod.initContainers ?? [])]

/** No two containers of a pod have the same name. */
function mendNames(pod: Pod): void {
  const names = new Set<string>()
  for (const container of [...all(pod), ...(pod.ephemeralContainers ?? [])]) {
    const [base = ''] = container.name.split(/-\d+$/)
    for (let i = 2; names.has(container.name); i++) container.name = `${base}-${i}`
    names.add(container.name)
  }
  for (const each of pod.ephemeralContainers ?? [])
    if (!pod.containers.some(({ name }) => name === each.targetContainerName)) delete each.targetContainerName
}

/** What does not go together with the namespaces of the host. */
function mendHost(pod: Pod): void {
  if (all(pod).some(({ securityContext }) => securityContext?.procMount === 'Unmasked')) pod.hostUsers = false
  if (pod.hostUsers === false)
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC'] as const) delete pod[key]
  if (pod.hostPID === true) delete pod.shareProcessNamespace
  const sysctls = pod.securityContext?.sysctls
  if (sysctls === undefined || pod.securityContext === undefined) return
  pod.securityContext.sysctls = sysctls.filter(
    ({ name }) =>
      !(pod.hostNetwork === true && /^net[./]/.test(name)) &&
      !(pod.hostIPC === true && /^(?:kernel[./](?:shm|msg|sem)|fs[./]mqueue)/.test(name)),
  )
}

/** A host process is for the whole pod, and in the network of the host. */
function mendWindows(pod: Pod): void {
  const options = pod.securityContext?.windowsOptions
  const isWindows = pod.os === undefined && pod.hostUsers !== false
  if (!isWindows && pod.securityContext !== undefined) delete pod.securityContext.windowsOptions
  const isHost = isWindows ? options?.hostProcess : undefined
  if (isHost === true) pod.hostNetwork = true
  for (const { securityContext } of all(pod)) {
    if (!isWindows) delete securityContext?.windowsOptions
    const own = securityContext?.windowsOptions
    if (own?.hostProcess === undefined) continue
    if (isHost === undefined) delete own.hostProcess
    else own.hostProcess = isHost
  }
  if (isHost === true && pod.securityContext?.sysctls !== undefined) mendHost(pod)
}

/** No two containers have the same port of the host; in its network all ports are of the host. */
function mendPorts(pod: Pod): void {
  const taken = new Set<string>()
  for (const container of all(pod)) {
    if (container.ports === undefined) continue
    container.ports = container.ports.filter((each) => {
      if (pod.hostNetwork === true && each.hostPort !== undefined) each.hostPort = each.containerPort
      const host = pod.hostNetwork === true ? each.containerPort : each.hostPort
      const key = `${host}/${each.protocol ?? 'TCP'}`
      if (host === undefined) return true
      const isFree = !taken.has(key)
      taken.add(key)
      return isFree
    })
  }
}

/** A container mounts the volumes that its pod has. */
function mendMounts(container: AnyContainer, volumes: readonly string[], index: number): void {
  const { volumeMounts } = container
  if (volumeMounts === undefined) return
  if (volumes.length === 0) delete container.volumeMounts
  for (const [i, mount] of volumeMounts.entries()) {
    if (!volumes.includes(mount.name)) mount.name = volumes[(i + index) % volumes.length] ?? mount.name
    if (mount.mountPropagation === 'Bidirectional' && container.securityContext?.privileged !== true)
      delete mount.mountPropagation
  }
}

/** The annotations that said, before there were fields, which profile a container has, and of a pod the one of all. */
const profileAnnotations = [
  { field: 'appArmorProfile', ofContainer: appArmorPrefix, ofPod: undefined },
  {
    field: 'seccompProfile',
    ofContainer: 'container.seccomp.security.alpha.kubernetes.io/',
    ofPod: 'seccomp.security.alpha.kubernetes.io/pod',
  },
] as const

/** An annotation about a profile is of a container that there is, and where no field says which it has. */
export function mendProfiles({ metadata, spec }: DraftOf<PodTemplateSpec>): void {
  const annotations = metadata?.annotations
  if (annotations === undefined || spec === undefined) return
  for (const key of Object.keys(annotations)) {
    const of = profileAnnotations.find(
      ({ ofContainer, ofPod }) => key === ofPod || key.startsWith(ofContainer),
    )
    if (of === undefined) continue
    const container = all(spec).find(({ name }) => key === `${of.ofContainer}${name}`)
    const inFields = [spec, container].some((each) => each?.securityContext?.[of.field] !== undefined)
    if (inFields || (container === undefined && key !== of.ofPod)) delete annotations[key]
    else if (!/^(?:runtime\/default|unconfined|localhost\/\w+)$/.test(annotations[key] ?? ''))
      annotations[key] = 'runtime/default'
  }
}
