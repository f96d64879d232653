import type { Json, Path } from '@gatewright/core'
import { podTemplatePaths } from '@gatewright/kubernetes'
import type { Fields, RandomValues } from './random-values.js'
import { containerLists, type WrittenPod } from './written-pod.js'

/** What a rule is about, at random. */
export interface RandomParts {
  readonly container?: (random: RandomValues) => Fields
  readonly spec?: (random: RandomValues) => Fields
  readonly annotations?: (random: RandomValues) => Fields
  /** The fields of a container that the rule reads. */
  readonly containerReads?: readonly Read[]
  /** The fields of the pod that the rule reads. */
  readonly podReads?: readonly Read[]
}
type Type = keyof typeof valuesByType
/** A field: its type, and where it is, with a 0 for an element of a list. */
export type Read = readonly [type: Type, ...at: Path]

export interface RandomReview {
  /** What is judged: an object, or an AdmissionReview. */
  readonly input: Json
  readonly pod: WrittenPod
  /** Where the pod is in the object. */
  readonly path: Path
  readonly isDeletion: boolean
  /** The Pod as it was, where the request is an update that cannot change more of its spec than images. */
  readonly oldPod: WrittenPod | undefined
  /** The place in the pod, if any, that the rule reads and where a value is of a type that it cannot have. */
  readonly spoiltAt: Path | undefined
}

const images = ['nginx', 'nginx:1.27', 'registry.example.com/db:1', 'registry.example.com.evil/db:1'] as const
const valuesByType = { boolean: true, list: [], number: 7, object: {}, text: 'text' } as const

/** A pod with what a rule is about, in a workload of any kind, as a manifest or as an admission review. */
export function randomReview(random: RandomValues, parts: RandomParts): RandomReview {
  const spoiling = random.chance(0.05) ? randomSpoiling(random, parts) : undefined
  const spoiltAt = spoiling?.at
  const sound = randomPod(random, parts)
  const pod = spoiling === undefined ? sound : withValue(sound, spoiling.at, spoiling.value)
  const { group, kind, path } = random.one(podTemplatePaths)
  const object = (of: Json): Json => ({
    ...(path.reduceRight<Json>((inner, key) => ({ [key]: inner }), of) as Readonly<Record<string, Json>>),
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
  })
  const manifest = { pod: asWritten(pod), path, spoiltAt, isDeletion: false, oldPod: undefined }
  if (random.chance(0.7)) return { ...manifest, input: object(pod) }

  const operation = random.one(['CREATE', 'UPDATE', 'UPDATE', 'UPDATE', 'DELETE'])
  const subResource = random.one(['', 'status', 'ephemeralcontainers'])
  const oldPod = withOtherImages(random, sound)
  const request = {
    operation,
    subResource,
    ...(operation === 'DELETE' ? {} : { object: object(pod) }),
    ...(operation === 'CREATE' ? {} : { oldObject: object(oldPod) }),
  }
  const keepsSpec = operation === 'UPDATE' && kind === 'Pod' && subResource !== 'ephemeralcontainers'
  return {
    ...manifest,
    input: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request },
    ...(operation === 'DELETE' ? { isDeletion: true, spoiltAt: undefined } : {}),
    oldPod: keepsSpec ? asWritten(oldPod) : undefined,
  }
}

function randomPod(random: RandomValues, parts: RandomParts): Json {
  let named = 0
  const container = (): Fields | null =>
    random.chance(0.01)
      ? null
      : {
          name: random.chance(0.02) ? undefined : `c${named++}`,
          image: random.chance(0.05) ? random.one([null, undefined]) : random.one(images),
          ...parts.container?.(random),
        }
  const spec = {
    containers: [container(), ...random.list(1, container)],
    initContainers: random.chance(0.7) ? undefined : random.maybe(() => random.list(1, container)),
    ephemeralContainers: random.chance(0.7) ? undefined : random.maybe(() => random.list(1, container)),
    ...parts.spec?.(random),
  }
  const pod = {
    metadata: { name: 'pod', annotations: parts.annotations?.(random) },
    spec: random.chance(0.02) ? random.one([null, undefined]) : spec,
  }
  return JSON.parse(JSON.stringify(pod)) as Json
}

/** A value of a wrong type for a place that the rule reads, or above it. */
function randomSpoiling(
  random: RandomValues,
  { containerReads = [], podReads = [] }: RandomParts,
): { at: Path; value: Json } {
  const list = random.one(containerLists)
  const ofContainer = containerReads.map(([type, ...at]): Read => [type, 'spec', list, 0, ...at])
  const [type, ...path] = random.one([...ofContainer, ...podReads])
  const at = path.slice(0, 1 + random.below(path.length))
  const next = path[at.length]
  const right = next === undefined ? type : typeof next === 'number' ? 'list' : 'object'
  const types = (Object.keys(valuesByType) as Type[]).filter((each) => each !== right)
  return { at, value: valuesByType[random.one(types)] }
}

function withValue(of: Json | undefined, [key, ...rest]: Path, value: Json): Json {
  if (key === undefined) return value
  const inner = (of as Readonly<Record<string, Json>> | null | undefined)?.[key]
  return typeof key === 'number'
    ? [withValue(inner, rest, value)]
    : { ...(of as object), [key]: withValue(inner, rest, value) }
}

function withOtherImages(random: RandomValues, pod: Json): Json {
  const old = JSON.parse(JSON.stringify(pod)) as {
    readonly spec?: Readonly<Record<string, readonly ({ image?: string } | null)[] | null>> | null
  }
  for (const list of containerLists)
    for (const container of old.spec?.[list] ?? [])
      if (container !== null && random.chance(0.3)) container.image = random.one(images)
  return old as Json
}

const asWritten = (pod: Json): WrittenPod => {
  const { metadata, spec } = pod as Partial<WrittenPod>
  return { metadata: metadata ?? {}, spec: spec ?? {} }
}
