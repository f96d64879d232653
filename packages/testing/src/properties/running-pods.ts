import { isObject, type Json } from '@gatewright/core'
import { valueAt } from '../search/parts.js'
import type { Question } from '../search/questions.js'
import { placed } from './placed.js'
import { containersIn, type PodIn, podIn, withContainers } from './pods.js'
import type { Property, Trial } from './property.js'
import { creation, isDenied, type Subject, withObject } from './subject.js'

/** What a pod can say for its containers, and each container for itself, as a whole; Windows' options are merged field by field. */
const shared = [
  'runAsUser',
  'runAsGroup',
  'runAsNonRoot',
  'seccompProfile',
  'seLinuxOptions',
  'appArmorProfile',
]

const ownPath = (field: string): readonly string[] => ['securityContext', field]

export const containerOverPod: Property = {
  name: 'container-over-pod',
  says: 'what a container says of its security goes before what its pod says, and what the pod says is for those that say nothing',
  advice:
    'read `c.securityContext.field.default(pod.securityContext.field)`; where the pod’s own field is denied by itself, say so in `except`',
  shownBy: 'pods with a field that pods and containers have',
  enough: 40,
  unfit: (subject) =>
    subject.readsContainers && shared.some((field) => subject.readsShared(field))
      ? undefined
      : 'the policy reads no field that pods say for their containers',
  tried: (asked, subject) => {
    const question = creation(asked)
    const pod = question === undefined ? undefined : podIn(question.object)
    if (question === undefined || pod === undefined) return undefined
    let trial: Trial
    for (const field of shared) {
      if (!subject.readsShared(field)) continue
      const found = ofField(question, pod, field, subject)
      if (typeof found === 'object') return found
      trial ??= found
    }
    return trial
  },
}

function ofField(question: Question, pod: PodIn, field: string, subject: Subject): Trial {
  const { object } = question
  const at = [...pod.path, 'spec', ...ownPath(field)]
  const above = valueAt(object, at)
  const [container] = containersIn(pod, 'containers')
  if (container === undefined) return undefined
  const alone = (own: Json, says: Json | undefined): Question =>
    withObject(question, placed(withContainers(object, pod, { containers: [own] }), at, says))
  const own = valueAt(container, ownPath(field))
  if (own === undefined || own === null) {
    if (above === undefined || above === null) return undefined
    const then = alone(placed(container, ownPath(field), above), undefined)
    return same(
      alone(container, above),
      then,
      subject,
      `\`${field}\` of the pod means something else said by its container`,
    )
  }
  const others = typeof own === 'boolean' ? [true, false] : [above, typeof own === 'number' ? 0 : undefined]
  for (const says of others) {
    if (says === undefined || says === null) continue
    const trial = same(
      alone(container, undefined),
      alone(container, says),
      subject,
      `\`${field}\` of the pod changes the verdict on a container that has its own`,
    )
    if (trial !== 'holds') return trial
  }
  return 'holds'
}

function same(one: Question, other: Question, subject: Subject, because: string): Trial {
  const first = subject.answered(one)
  const then = subject.answered(other)
  return first.verdict.verdict === then.verdict.verdict ? 'holds' : { because, first, then }
}

const elsewhere = '/gatewright-elsewhere'

export const climbingPaths: Property = {
  name: 'climbing-paths',
  says: 'a path on the node that climbs out of an allowed one by `..` is treated as where it leads',
  advice: 'deny host paths with `..` among their parts, before they are compared with those that are allowed',
  shownBy: 'host paths that are allowed where others are denied',
  enough: 40,
  unfit: (subject) => (subject.readsHostPaths ? undefined : 'the policy reads no path on the node'),
  tried: (asked, subject) => {
    const question = creation(asked)
    const pod = question === undefined ? undefined : podIn(question.object)
    if (question === undefined || pod === undefined) return undefined
    const at = [...pod.path, 'spec', 'volumes']
    const volumes = valueAt(question.object, at)
    if (!Array.isArray(volumes)) return undefined
    let trial: Trial
    for (const volume of (volumes as readonly Json[]).slice(0, 3)) {
      const path = valueAt(volume, ['hostPath', 'path'])
      if (typeof path !== 'string' || !path.startsWith('/') || path.length < 2) continue
      const asking = (other: string): Question =>
        withObject(
          question,
          placed(question.object, at, [{ ...(volume as object), hostPath: { path: other } }] as Json),
        )
      const first = subject.answered(asking(path))
      if (isDenied(first.verdict) || !isDenied(subject.verdict(asking(elsewhere)))) continue
      const up = '/..'.repeat(path.split('/').length)
      const then = subject.answered(asking(`${path}${up}${elsewhere}`))
      if (!isDenied(then.verdict))
        return {
          because: `a path that leads to \`${elsewhere}\` is allowed, since it starts as one that is`,
          first,
          then,
        }
      trial = 'holds'
    }
    return trial
  },
}

export const terminating: Property = {
  name: 'terminating',
  says: 'an object that is being deleted is judged as any other, and what is changed of it too',
  advice:
    'leave `deletionTimestamp` out of what exempts, which whoever may delete can bring about (CVE-2023-34091); `when: allowFinalizerRemoval` lets through just what has to be',
  shownBy: 'denied objects',
  enough: 40,
  unfit: ({ policy }) =>
    policy.ir.target.kinds === undefined ? 'what the policy is about is no object of an API' : undefined,
  tried: (asked, subject) => {
    const question = creation(asked)
    if (question === undefined || !isObject(valueAt(question.object, ['metadata']))) return undefined
    const first = subject.answered(question)
    if (!isDenied(first.verdict)) return undefined
    const object = placed(question.object, ['metadata', 'deletionTimestamp'], '2026-01-01T00:00:00Z')
    const then = subject.answered(withObject(question, object))
    if (isDenied(then.verdict)) return 'holds'
    return { because: 'an object that is denied is not denied while it is being deleted', first, then }
  },
}
