import { type Json, type Path, pathText } from '@gatewright/core'

/** How deep pods are looked for: as deep as manifests are read. */
const deepest = 200

const containerLists: readonly string[] = ['containers', 'initContainers', 'ephemeralContainers']

/** What tells a container from other things that have a name. */
const ofContainers: readonly string[] = [
  'image',
  'securityContext',
  'command',
  'args',
  'env',
  'envFrom',
  'ports',
  'volumeMounts',
  'lifecycle',
]

/** Fields of a pod that no other thing has; an operator may fill in the containers. */
const ofPods: readonly string[] = ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers']

/**
 * Where an object of another kind holds something like a pod: a list of containers of any sort, or a pod's own fields. Custom
 * resources do, and a policy about workloads does not look there, so reports say it.
 */
export function unknownPodTemplate(object: Json): string | undefined {
  const path = search(object, [])
  return path === undefined ? undefined : pathText(path)
}

function search(value: Json, path: Path): Path | undefined {
  if (typeof value !== 'object' || value === null || path.length > deepest) return undefined
  if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries()) {
      const found = search(item, [...path, index])
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isLikePod(value as JsonObject)) return path
  for (const [key, item] of Object.entries(value)) {
    const found = search(item, [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}

type JsonObject = Readonly<Record<string, Json>>

function isLikePod(value: JsonObject): boolean {
  if (ofPods.some((key) => Object.hasOwn(value, key))) return true
  return containerLists.some((key) => {
    const list = Object.hasOwn(value, key) ? value[key] : undefined
    return Array.isArray(list) && list.some(isContainer)
  })
}

const isContainer = (value: Json): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  ofContainers.some((key) => Object.hasOwn(value, key))

/** The fields that pods are known by, and escapes, which may spell them. */
const podFields = /"(?:c|initC|ephemeralC)ontainers"|"host(?:Network|PID|IPC|Users)"|\\u/

const decoder = new TextDecoder()

/** Whether the JSON text of an object may have something like a pod in it; most texts without one are told without parsing. */
export const namesPodFields = (text: string | Uint8Array): boolean =>
  podFields.test(typeof text === 'string' ? text : decoder.decode(text))
