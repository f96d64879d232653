import { isObject, type Json, kindOf, type Verdict } from '@gatewright/core'
import { minimalFields } from '../minimal.js'
import { valueAt } from '../search/parts.js'
import { placed } from './placed.js'
import type { Property } from './property.js'
import { creation, isDenied, removed, type Subject, updated, withObject } from './subject.js'

const noKinds = ({ policy }: Subject): string | undefined =>
  policy.ir.target.kinds === undefined
    ? 'what the policy is about is no object of an API, so nothing is done to it'
    : undefined

const notJudged = (subject: Subject, operation: 'CREATE' | 'UPDATE'): string | undefined =>
  noKinds(subject) ??
  (subject.operations.includes(operation) ? undefined : `the target does not judge \`${operation}\``)

/** The plainest object of the same kind and name. */
function plainest(object: Json): Json {
  const { group, kind } = kindOf(object) ?? { group: '', kind: '' }
  const fields = minimalFields(group, kind, { type: 'unknown' })
  const { apiVersion = '', metadata = {} } = object as Readonly<Record<string, Json>>
  const { name, namespace } = (isObject(metadata) ? metadata : {}) as Readonly<Record<string, Json>>
  return {
    apiVersion,
    kind,
    metadata: { ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) },
    ...(fields as object),
  } as Json
}

/** Whether a change could bring what is denied: of the spec of a pod hardly anything can be changed. */
const canChange = (object: Json, { violations }: Verdict): boolean => {
  const kind = kindOf(object)
  return kind?.group !== '' || kind.kind !== 'Pod' || violations.some(({ at }) => at[0] === 'metadata')
}

export const updates: Property = {
  name: 'updates',
  says: 'what is denied when an object is made is denied when a change brings it',
  advice:
    'judge `UPDATE` too, which targets do by themselves: what was clean when it was made can be changed a moment later',
  shownBy: 'denied objects that can be changed',
  enough: 40,
  unfit: (subject) => notJudged(subject, 'CREATE'),
  tried: (asked, subject) => {
    const question = creation(asked)
    if (question === undefined || kindOf(question.object) === undefined) return undefined
    const first = subject.answered(question)
    if (!isDenied(first.verdict) || !canChange(question.object, first.verdict)) return undefined
    const then = subject.answered(updated(question, plainest(question.object)))
    if (isDenied(then.verdict)) return 'holds'
    return { because: 'an object that may not be made may be changed to', first, then }
  },
}

export const deletion: Property = {
  name: 'deletion',
  says: 'an object can be deleted, denied or not',
  advice:
    'leave `DELETE` out of the target: of a deletion there is only `oldObject`, and every field of `object` is missing. A rule about deletions is a policy of its own',
  shownBy: 'objects',
  unfit: (subject) =>
    noKinds(subject) ??
    (subject.operations.some((each) => each === 'CREATE' || each === 'UPDATE')
      ? undefined
      : 'the policy is about deletions, by its target'),
  tried: (asked, subject) => {
    const question = creation(asked)
    if (question === undefined || kindOf(question.object) === undefined) return undefined
    const then = subject.answered(removed(question))
    if (!isDenied(then.verdict)) return 'holds'
    return { because: 'an object may not be deleted', first: subject.answered(question), then }
  },
}

const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }

export const finalizerRemoval: Property = {
  name: 'finalizer-removal',
  says: 'a finalizer can be taken from an object that is being deleted, denied or not',
  advice:
    "write `when: allowFinalizerRemoval` with a target `.on('CREATE', 'UPDATE')`, joined by `allOf` with a `when` that is there; or an object that was there before the policy can never go",
  shownBy: 'denied objects',
  enough: 40,
  unfit: (subject) => notJudged(subject, 'UPDATE'),
  tried: (asked, subject) => {
    const question = creation(asked)
    if (question === undefined || !isObject(valueAt(question.object, ['metadata']))) return undefined
    const first = subject.answered(question)
    if (!isDenied(first.verdict)) return undefined
    const going = Object.entries(leaving).reduce(
      (of, [key, value]) => placed(of, ['metadata', key], value),
      placed(question.object, ['metadata', 'finalizers'], undefined),
    )
    const before = placed(going, ['metadata', 'finalizers'], ['example.com/clean-up'])
    const then = subject.answered(updated(withObject(question, going), before))
    if (!isDenied(then.verdict)) return 'holds'
    return {
      because: 'the controller that has cleaned up may not take its finalizer away, so that the object stays',
      first,
      then,
    }
  },
}
