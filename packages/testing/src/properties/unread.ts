import { isObject, type Json, type ReadTree } from '@gatewright/core'
import { type Step, valueAt } from '../search/parts.js'
import type { Question } from '../search/questions.js'
import { findingsText, wholeText } from '../verdict-text.js'
import { containerLists, containersIn, podIn } from './pods.js'
import { placed } from './placed.js'
import type { Property, Trial } from './property.js'
import { changed, readAt, type Subject } from './subject.js'

const ours =
  'the policy reads more than it says that it reads: this is a fault of Gatewright, please report it with the seed'

const noKinds = ({ policy }: Subject): string | undefined =>
  policy.ir.target.kinds === undefined ? 'what the policy is about has no metadata' : undefined

const objectOf = (question: Question): Json | undefined => {
  let object: Json | undefined
  changed(question, (parts) => {
    object = parts['object']
    return parts
  })
  return object
}

/** Whether a policy reads a field by its name, or all fields of what holds it. */
const isRead = (reads: ReadTree | undefined, path: readonly Step[]): boolean =>
  path.some((_, i) => readAt(reads, path.slice(0, i))?.values !== undefined) ||
  readAt(reads, path) !== undefined

function compared(
  question: Question,
  subject: Subject,
  changes: readonly (readonly [path: readonly Step[], value: Json])[],
  what: string,
  text: typeof findingsText = findingsText,
): Trial {
  if (changes.length === 0) return undefined
  const other = changed(question, (parts) => ({
    ...parts,
    object: changes.reduce<Json>(
      (object, [path, value]) => placed(object, path, value),
      parts['object'] ?? null,
    ),
  }))
  if (other === undefined) return undefined
  const first = subject.answered(question)
  const then = subject.answered(other)
  return text(first.verdict) === text(then.verdict)
    ? 'holds'
    : { because: `${what} changes the verdict`, first, then }
}

const metadata: Readonly<Record<string, Json>> = {
  name: 'another-name',
  uid: '00000000-0000-0000-0000-000000000002',
  resourceVersion: '2',
  generation: 2,
  creationTimestamp: '2026-01-01T00:00:00Z',
  deletionTimestamp: '2026-01-01T00:00:00Z',
  managedFields: [{ manager: 'kubectl', operation: 'Apply' }],
  ownerReferences: [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '00000000-0000-0000-0000-000000000003' },
  ],
  finalizers: ['example.com/clean-up'],
}

export const unreadMetadata: Property = {
  name: 'unread-metadata',
  says: 'metadata that the policy does not read changes no verdict: an object that is being deleted is judged as any other',
  advice: ours,
  shownBy: 'objects',
  enough: 60,
  unfit: noKinds,
  tried: (question, subject) => {
    const object = objectOf(question)
    if (!isObject(valueAt(object, ['metadata']))) return undefined
    const reads = subject.reads('object', object as Json)
    const changes = Object.entries(metadata).flatMap(([key, value]) =>
      isRead(reads, ['metadata', key]) ? [] : [[['metadata', key], value] as const],
    )
    return compared(question, subject, changes, 'metadata that the policy does not read')
  },
}

export const unreadLabels: Property = {
  name: 'unread-labels',
  says: 'labels and annotations that the policy does not read change no verdict',
  advice: ours,
  shownBy: 'objects',
  enough: 60,
  unfit: noKinds,
  tried: (question, subject) => {
    const object = objectOf(question)
    if (!isObject(valueAt(object, ['metadata']))) return undefined
    const reads = subject.reads('object', object as Json)
    const pod = podIn(object as Json)
    const holders = [['metadata'], ...(pod === undefined ? [] : [[...pod.path, 'metadata']])]
    const changes = holders.flatMap((holder) =>
      ['labels', 'annotations'].flatMap((map) => {
        const path = [...holder, map, 'gatewright.example/unread']
        return isRead(reads, path) ? [] : [[path, 'true'] as const]
      }),
    )
    return compared(question, subject, changes, 'a label or an annotation that the policy does not read')
  },
}

export const unknownFields: Property = {
  name: 'unknown-fields',
  says: 'fields that no schema knows change no verdict',
  advice: ours,
  shownBy: 'objects',
  enough: 60,
  unfit: noKinds,
  tried: (question, subject) => {
    const object = objectOf(question)
    if (!isObject(object)) return undefined
    const reads = subject.reads('object', object)
    const pod = podIn(object)
    const holders: readonly (readonly Step[])[] = [
      [],
      ['metadata'],
      ...(pod === undefined
        ? []
        : [
            [...pod.path, 'spec'],
            ...containerLists.flatMap((list) =>
              containersIn(pod, list).map((_, i) => [...pod.path, 'spec', list, i]),
            ),
          ]),
    ]
    const changes = holders.flatMap((holder) => {
      const path = [...holder, 'gatewrightUnknown']
      return !isObject(valueAt(object, holder)) || isRead(reads, path) ? [] : [[path, { a: [1] }] as const]
    })
    return compared(question, subject, changes, 'a field that no schema knows', wholeText)
  },
}

export const nulls: Property = {
  name: 'nulls',
  says: 'a field that is null is one that is not there',
  advice: ours,
  shownBy: 'objects without a field that the policy reads',
  enough: 60,
  tried: (question, subject) => {
    const object = objectOf(question)
    if (object === undefined) return undefined
    const absent = absentFields(object, subject.reads('object', object), [])
    return compared(
      question,
      subject,
      absent.map((path) => [path, null] as const),
      'a field that is null, and was not there,',
      wholeText,
    )
  },
}

/** The fields that are read and not there, where what would hold them is. */
function absentFields(
  value: Json,
  reads: ReadTree | undefined,
  path: readonly Step[],
): readonly (readonly Step[])[] {
  if (reads === undefined) return []
  if (Array.isArray(value))
    return (value as readonly Json[]).flatMap((each, i) => absentFields(each, reads.elements, [...path, i]))
  if (!isObject(value)) return []
  return [...reads.fields].flatMap(([key, below]) =>
    Object.hasOwn(value, key) ? absentFields(value[key] as Json, below, [...path, key]) : [[...path, key]],
  )
}
