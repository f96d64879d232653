import { comparePaths, isObject, type Json, type Path, type Violation } from '@gatewright/core'
import type { Question } from '../search/questions.js'
import { wholeText } from '../verdict-text.js'
import {
  allContainers,
  type ContainerList,
  containerLists,
  containersIn,
  type PodIn,
  plainContainer,
  podIn,
  withContainers,
} from './pods.js'
import type { Property, Trial } from './property.js'
import { creation, isDenied, type Subject, updated, withObject } from './subject.js'

const noContainers = (subject: Subject): string | undefined =>
  subject.readsContainers ? undefined : 'the policy reads nothing of containers'

/** How many containers of an object are looked at one by one. */
const mostContainers = 4

/** A container for which alone an object is denied. */
interface Guilty {
  readonly question: Question
  readonly pod: PodIn
  readonly container: Json
  /** Containers beside which nothing is denied; none where the plainest is denied too. */
  readonly beside: readonly Json[]
}

/** The containers of an object that are denied each by itself, as they could stand in another list. */
function* guilty(asked: Question, subject: Subject, adapted: (container: Json) => Json): Generator<Guilty> {
  const question = creation(asked)
  const pod = question === undefined ? undefined : podIn(question.object)
  if (question === undefined || pod === undefined) return
  const beside = innocents(question, pod, subject)
  if (beside === undefined) return
  for (const { container } of allContainers(pod).slice(0, mostContainers)) {
    const own = adapted(container)
    const alone = withObject(question, withContainers(question.object, pod, { containers: [...beside, own] }))
    if (isDenied(subject.verdict(alone))) yield { question: alone, pod, container: own, beside }
  }
}

/** Containers that a pod may have without being denied: a plain one, or none; undefined where it is denied all the same. */
function innocents(question: Question, pod: PodIn, subject: Subject): readonly Json[] | undefined {
  const others = harmless(subject).map((each) => [each])
  return [[plainContainer], ...others, []].find(
    (containers) =>
      !isDenied(subject.verdict(withObject(question, withContainers(question.object, pod, { containers })))),
  )
}

const harmlessOf = new WeakMap<Subject, readonly Json[]>()

/** Containers of objects that are allowed. */
function harmless(subject: Subject): readonly Json[] {
  let known = harmlessOf.get(subject)
  if (known === undefined) {
    known = subject.seen
      .flatMap((asked) => {
        const question = creation(asked)
        const pod = question === undefined ? undefined : podIn(question.object)
        if (question === undefined || pod === undefined) return []
        return subject.verdict(question).verdict === 'allowed'
          ? containersIn(pod, 'containers').slice(0, 1)
          : []
      })
      .map((each): Json => ({ ...(each as object), name: 'beside' }))
      .slice(0, 2)
    harmlessOf.set(subject, known)
  }
  return known
}

const without = (container: Json, fields: readonly string[]): Json =>
  isObject(container)
    ? Object.fromEntries(Object.entries(container).filter(([key]) => !fields.includes(key)))
    : container

const hooks = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']

/** What an init container with probes has to be: one that runs on. */
const asInit = (container: Json): Json =>
  isObject(container) && hooks.some((key) => key in container)
    ? { ...container, restartPolicy: 'Always' }
    : container

/** What the API server takes of an ephemeral container. */
const asEphemeral = (container: Json): Json =>
  without(container, [...hooks, 'ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'])

function moved(
  asked: Question,
  subject: Subject,
  list: ContainerList,
  adapted: (container: Json) => Json,
): Trial {
  let trial: Trial
  for (const { question, pod, container, beside } of guilty(asked, subject, adapted)) {
    const isPod = pod.path.length === 0
    if (list === 'ephemeralContainers' && !isPod) continue
    const rest = { containers: beside }
    const object = withContainers(question.object, pod, { ...rest, [list]: [container] })
    const put = withObject(question, object)
    const before = withContainers(question.object, pod, rest)
    const then =
      list === 'ephemeralContainers' ? updated(put, before, { subResource: 'ephemeralcontainers' }) : put
    if (!isDenied(subject.verdict(then)))
      return {
        because: `a container that is denied among \`containers\` is not denied among \`${list}\``,
        first: subject.answered(question),
        then: subject.answered(then),
      }
    trial = 'holds'
  }
  return trial
}

const forgotten =
  'look at `pod.allContainers` of `workloads`, which has the containers of all three lists; where a list is meant to be left out, say why in `except`'

export const initContainers: Property = {
  name: 'init-containers',
  says: 'what is denied in a container is denied in an init container',
  advice: forgotten,
  shownBy: 'objects with a container that is denied',
  enough: 40,
  unfit: noContainers,
  tried: (question, subject) => moved(question, subject, 'initContainers', asInit),
}

export const ephemeralContainers: Property = {
  name: 'ephemeral-containers',
  says: 'what is denied in a container is denied in an ephemeral container, which comes to a pod that runs',
  advice: `${forgotten}. An ephemeral container comes by an update, so the target has to judge \`UPDATE\``,
  shownBy: 'pods with a container that is denied',
  enough: 40,
  unfit: (subject) =>
    noContainers(subject) ??
    (subject.takes({ group: '', kind: 'Pod' })
      ? undefined
      : 'only pods that run get ephemeral containers, and the target takes none'),
  tried: (question, subject) => moved(question, subject, 'ephemeralContainers', asEphemeral),
}

export const moreContainers: Property = {
  name: 'more-containers',
  says: 'a container that is denied is denied wherever it stands among others',
  advice: 'ask every container, not the first or the last of them',
  shownBy: 'objects with a container that is denied',
  enough: 40,
  unfit: noContainers,
  tried: (asked, subject) => {
    let trial: Trial
    for (const { question, pod, container, beside } of guilty(asked, subject, (each) => each)) {
      if (beside.length === 0) continue
      for (const containers of [
        [container, ...beside],
        [...beside, container],
        [...beside, container, ...named(beside)],
      ]) {
        const then = withObject(question, withContainers(question.object, pod, { containers }))
        if (!isDenied(subject.verdict(then)))
          return {
            because: 'a container that is denied is not denied at another place among the same containers',
            first: subject.answered(question),
            then: subject.answered(then),
          }
      }
      trial = 'holds'
    }
    return trial
  },
}

const named = (containers: readonly Json[]): readonly Json[] =>
  containers.map((each) => (isObject(each) ? { ...each, name: 'behind' } : each))

export const containerOrder: Property = {
  name: 'container-order',
  says: 'the order of containers changes no verdict, and of violations only the indices',
  advice:
    'compare containers by their names, and ask all of them; the order of a list is not the author’s word',
  shownBy: 'objects with several containers in a list',
  unfit: noContainers,
  tried: (question, subject) => {
    const { object } = question
    const pod = podIn(object)
    // of a change the other object would have to be turned as well
    if (pod === undefined || containerLists.every((list) => containersIn(pod, list).length < 2))
      return undefined
    const turned = withObject(question, turnedLists(object, pod))
    const first = subject.verdict(question)
    const then = subject.verdict(turned)
    const expected = { ...first, violations: first.violations.map((each) => turnedViolation(each, pod)) }
    if (wholeText(expected) === wholeText(then)) return 'holds'
    return {
      because: 'the containers in the other order are judged otherwise',
      first: subject.answered(question),
      then: subject.answered(turned),
    }
  },
}

const turnedLists = (object: Json, pod: PodIn): Json =>
  withContainers(
    object,
    pod,
    Object.fromEntries(containerLists.map((list) => [list, containersIn(pod, list).toReversed()])),
  )

function turnedViolation(violation: Violation, pod: PodIn): Violation {
  const turned = (at: Path): Path => {
    const spec = [...pod.path, 'spec']
    const list = containerLists.find((each) => each === at[spec.length])
    const index = at[spec.length + 1]
    if (list === undefined || typeof index !== 'number') return at
    if (comparePaths(at.slice(0, spec.length), spec) !== 0) return at
    const count = containersIn(pod, list).length
    return index >= count ? at : at.with(spec.length + 1, count - 1 - index)
  }
  return {
    ...violation,
    at: turned(violation.at),
    fix: violation.fix.map((each) => ({ ...each, at: turned(each.at) })),
  }
}
