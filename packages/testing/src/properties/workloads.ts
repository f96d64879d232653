import { comparePaths, isObject, type Json, kindOf, type Path } from '@gatewright/core'
import { podTemplatePaths } from '@gatewright/kubernetes'
import { readDocuments, writeYaml } from '@gatewright/sources'
import { evaluate } from '@gatewright/evaluator'
import { minimalFields } from '../minimal.js'
import { valueAt } from '../search/parts.js'
import type { Question } from '../search/questions.js'
import { findingsText } from '../verdict-text.js'
import { podIn, type PodIn } from './pods.js'
import { placed } from './placed.js'
import type { Property } from './property.js'
import { creation, isDenied, readAt, withObject } from './subject.js'

/** The kinds that run pods; the groups that hold no such kind any more are left out. */
const kinds = podTemplatePaths.filter(({ group }) => group !== 'extensions')

const versions: Readonly<Record<string, string>> = { '': 'v1', apps: 'apps/v1', batch: 'batch/v1' }

/** A workload of a kind that runs the pod of an object. */
function wrapped(
  { object, pod }: { readonly object: Json; readonly pod: PodIn },
  { group, kind, path }: (typeof kinds)[number],
  readsRestartPolicy: boolean,
): Json {
  const { labels, annotations } = (valueAt(object, [...pod.path, 'metadata']) ?? {}) as {
    readonly labels?: Json
    readonly annotations?: Json
  }
  const metadata = {
    labels: isObject(labels) ? labels : { app: 'app' },
    ...(annotations === undefined ? {} : { annotations }),
  }
  const { restartPolicy: _, ...others } = pod.spec as Readonly<Record<string, Json>>
  // what runs to its end may not be restarted always
  const spec: Json = readsRestartPolicy
    ? pod.spec
    : { ...others, ...(group === 'batch' ? { restartPolicy: 'Never' } : {}) }
  const { metadata: own = {} } = object as { readonly metadata?: Json }
  const base = {
    apiVersion: versions[group] as string,
    kind,
    metadata: own,
    ...(minimalFields(group, kind, { type: 'unknown' }) as object),
  } as Json
  if (path.length === 0) return { ...(base as object), metadata: { ...(own as object), ...metadata }, spec }
  const within = placed(base, path, { metadata, spec })
  const selector = valueAt(within, ['spec', 'selector'])
  if (selector === undefined) return within
  const matched =
    isObject(selector) && 'matchLabels' in selector ? { matchLabels: metadata.labels } : metadata.labels
  return placed(within, ['spec', 'selector'], matched)
}

/** The path of a violation in a pod, from the pod's own spec on; undefined where it is elsewhere. */
function withinPod(at: Path, { path }: PodIn): Path | undefined {
  const spec = [...path, 'spec']
  return at.length > spec.length && comparePaths(at.slice(0, spec.length), spec) === 0
    ? at.slice(spec.length)
    : undefined
}

export const workloadKinds: Property = {
  name: 'workloads',
  says: 'what is denied in a pod is denied in every kind that runs pods, at the same place of the pod',
  advice:
    'take `workloads` as the target, which knows where each kind has its pod; where only some kinds are meant, say why in `except`',
  shownBy: 'objects with a violation in their pod',
  enough: 25,
  unfit: (subject) => (subject.readsPods ? undefined : 'the policy reads nothing of a pod'),
  tried: (asked, subject) => {
    const question = creation(asked)
    const found = question === undefined ? undefined : podIn(question.object)
    if (question === undefined || found === undefined) return undefined
    // a template has no ephemeral containers
    const { object } = withObject(
      question,
      placed(question.object, [...found.path, 'spec', 'ephemeralContainers'], undefined),
    )
    const pod = podIn(object) as PodIn
    const first = withObject(question, object)
    const verdict = subject.verdict(first)
    const places = verdict.violations.flatMap(({ code, at }) => {
      const inside = withinPod(at, pod)
      return inside === undefined ? [] : [{ code, inside }]
    })
    if (!isDenied(verdict) || places.length === 0) return undefined
    const reads = readAt(subject.reads('object', object), [...pod.path, 'spec', 'restartPolicy'])
    for (const kind of kinds) {
      const then = withObject(question, wrapped({ object, pod }, kind, reads !== undefined))
      const { violations } = subject.verdict(then)
      const own = { path: kind.path, spec: null }
      const isMissing = places.some(
        ({ code, inside }) =>
          !violations.some((each) => {
            const at = withinPod(each.at, own)
            return each.code === code && at !== undefined && comparePaths(at, inside) === 0
          }),
      )
      if (isMissing)
        return {
          because: `the same pod in a ${kind.kind} is not denied at the same place`,
          first: subject.answered(first),
          then: subject.answered(then),
        }
    }
    return 'holds'
  },
}

export const lists: Property = {
  name: 'lists',
  says: 'the items of a `List` are judged each, as they are by themselves',
  advice: 'this is a fault of Gatewright: please report it with the seed',
  shownBy: 'objects',
  enough: 5,
  unfit: ({ policy }) =>
    policy.ir.target.kinds === undefined
      ? 'what the policy is about has no kind, so there is no `List` of it'
      : undefined,
  tried: (asked, subject) => {
    const question = creation(asked)
    if (question === undefined || kindOf(question.object) === undefined) return undefined
    const list: Question = {
      ...question,
      object: { apiVersion: 'v1', kind: 'List', items: [question.object, question.object] },
    }
    const whole = evaluate([subject.policy], list.object, {
      parameters: { [subject.policy.id]: question.parameters },
    })
    if (whole.problem === undefined)
      return {
        because: 'a whole `List` is judged as if it were one object',
        first: subject.answered(question),
        then: { question: list, verdict: whole.judgements[0]?.verdict ?? subject.verdict(question) },
      }
    const { documents } = readDocuments(writeYaml(list.object), { name: 'list.yaml', expect: 'manifests' })
    const items = documents.flatMap((each) => each.objects.map(({ value }) => withObject(question, value)))
    const expected = findingsText(subject.verdict(question))
    const other = items.find((each) => findingsText(subject.verdict(each)) !== expected)
    if (items.length === 2 && other === undefined) return 'holds'
    return {
      because: `of a \`List\` with the object twice, ${items.length} items are read, and not all are judged as the object is`,
      first: subject.answered(question),
      ...(other === undefined ? {} : { then: subject.answered(other) }),
    }
  },
}
