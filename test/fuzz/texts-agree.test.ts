import {
  canonicalText,
  isNumber,
  isObject,
  type Json,
  numberText,
  policy,
  type Policy,
} from '@gatewright/core'
import { type Evaluation, type EvaluatorOptions, evaluator, inventoryOf } from '@gatewright/evaluator'
import { anyObject, namespaces, workloads } from '@gatewright/kubernetes'
import { podSecurity, privilegedContainers, restricted } from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { readText } from '../../packages/evaluator/src/read-text.js'
import { randomObjects } from '../engines/random-objects.js'
import * as trial from '../language/trial-policies.js'
import { layOut, type Written, WrittenNumber } from '../wasm/documents.js'
import { Dice } from './dice.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 3000)

const labelled = policy({
  id: 'test/labelled',
  title: 'Everything has an owner',
  severity: 'low',
  target: anyObject,
  rule: ({ object }) => object.metadata.labels.get('owner').exists().not().deny({ message: 'no owner' }),
})
const kept = policy({
  id: 'test/kept',
  title: 'Some namespaces stay',
  severity: 'high',
  target: namespaces.on('DELETE'),
  rule: ({ oldObject }) => oldObject.metadata.name.is('prod').deny({ message: 'it stays' }),
})
const matched = policy({
  id: 'test/matched',
  title: 'Images are not of a pattern',
  severity: 'medium',
  target: workloads,
  rule: ({ pod }) =>
    pod.allContainers
      .filter((c) => c.image.matches('^nginx[:@]').ifMissing(false))
      .deny((c) => ({ message: 'it is nginx', at: c.image })),
})
const trials = Object.values(trial).filter((each): each is Policy => 'ir' in Object(each))

const sets: readonly (readonly [string, Parameters<typeof evaluator>[0], EvaluatorOptions])[] = [
  ['a pack', [podSecurity], {}],
  ['a profile', [restricted()], {}],
  ['policies of all sorts', [podSecurity, labelled, kept, matched], {}],
  ['one about anything', [labelled], {}],
  ['one about deletions', [kept], {}],
  ['one that may be refused', [matched], {}],
  ['parameters that do not fit', [podSecurity], { parameters: { [privilegedContainers.id]: { no: 1 } } }],
  ['parameters', [podSecurity], { parameters: { [privilegedContainers.id]: { exemptImages: ['nginx*'] } } }],
  ['a match', [podSecurity], { match: { kinds: [{ apiGroups: ['apps'], kinds: ['*'] }] } }],
  ['a match that cannot be read', [podSecurity], { match: { kinds: 7 } as never }],
  ['a budget', [podSecurity], { budget: 3 }],
  ['policies of the trial', trials, {}],
]

/** Objects that policies can look up. */
const stored = randomObjects(seed + 9, 30).filter(
  (each) => isObject(each) && each['kind'] !== 'AdmissionReview',
)

it.each(sets)(
  `a text is judged as what it is parsed to: %s (${runs} texts, seed ${seed})`,
  (_, policies, options) => {
    const dice = new Dice(seed)
    const objects = randomObjects(seed, Math.ceil(runs / sets.length))
    let unread = 0
    for (const complete of [true, false, undefined]) {
      const judge = evaluator(policies, {
        ...options,
        ...(complete === undefined ? {} : { inventory: inventoryOf(stored, { complete }) }),
      })
      for (const object of objects) {
        const text = layOut(dice, written(changed(object, dice)))
        const bytes: Uint8Array = Buffer.from(text)
        const input = dice.chance(0.2) ? text : dice.chance(0.2) ? broken(bytes, dice) : bytes
        const read = readText(input)
        const actual = judge.evaluateText(input)
        if ('problem' in read) {
          unread++
          expect(actual.problem?.code, String(input)).toBe('bad-input')
          expect(actual.judgements.every(({ verdict }) => verdict.verdict === 'error')).toBe(true)
        } else expect(shown(actual), Buffer.from(input).toString()).toBe(shown(judge.evaluate(read.value)))
      }
    }
    expect(unread).toBeGreaterThan(runs / sets.length / 20)
  },
)

const written = (value: Json): Written => {
  if (isNumber(value)) return new WrittenNumber(numberText(value))
  if (Array.isArray(value)) return value.map((each) => written(each as Json))
  if (!isObject(value)) return value as string
  return new Map(Object.entries(value).map(([key, each]) => [key, written(each)]))
}

/** Now and then an object that is hardly one. */
function changed(object: Json, dice: Dice): Json {
  if (dice.chance(0.85) || !isObject(object)) return object
  const { kind, apiVersion, ...rest } = object
  const given = { kind: kind as Json, apiVersion: apiVersion as Json, ...rest }
  return dice.one<Json>([
    rest,
    { ...rest, kind: kind as Json },
    { ...given, apiVersion: 7 },
    { ...given, kind: 'Foo' },
    { ...given, apiVersion: 'example.com/v1', kind: 'Foo' },
    { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'containers' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod', labels: { owner: 'me' } } },
    { apiVersion: 'v1', kind: 'List', items: [object] },
    { review: { object, operation: '' } },
    { review: { object, oldObject: object } },
    { review: { oldObject: object, operation: 'DELETE' }, parameters: { exemptImages: ['*'] } },
    { kind: 'AdmissionReview' },
    { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v9', request: { object } },
    {
      kind: 'AdmissionReview',
      request: { operation: dice.one<Json>(['CONNECT', null, 'PATCH', {}]), object },
    },
    { kind: 'AdmissionReview', request: { operation: 'CONNECT', object: null } },
    { kind: 'AdmissionReview', request: { operation: 'DELETE', object: null, oldObject: rest } },
    { review: { operation: 'DELETE', object: rest } },
    { review: { operation: 'DELETE', object: rest, oldObject: rest } },
    [object],
    null,
    7,
    'text',
    {},
  ])
}

/** Bytes with one cut, doubled or changed. */
function broken(bytes: Uint8Array, dice: Dice): Uint8Array {
  const copy = [...bytes]
  const at = dice.below(copy.length)
  const how = dice.below(4)
  if (how === 0) copy.length = at
  else if (how === 1) copy.splice(at, 1)
  else if (how === 2) copy[at] = dice.below(256)
  else copy.push(dice.one([0, 0x20, 0x5d, 0x7d, 0x31, 0xff]))
  return Uint8Array.from(copy)
}

/** An evaluation with its reasons in one order: where there are several, engines meet them as they go. */
const shown = ({ judgements, notes, problem }: Evaluation): string =>
  canonicalText([
    judgements.map(({ policy: { id }, verdict }) => ({
      id,
      ...verdict,
      reasons: verdict.reasons.map((each) => canonicalText(each as unknown as Json)).toSorted(),
    })),
    notes,
    problem ?? null,
  ] as unknown as Json)
