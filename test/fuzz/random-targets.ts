import type { InputBinding, Json, KindPath, KindPattern, Operation, Review, TargetIr } from '@gatewright/core'
import type { Dice } from './dice.js'
import { document, parameters, request, type Shape } from './document-shapes.js'
import type { RandomObjects } from './random-objects.js'

/** A target, with what its inputs look like. */
export interface RandomTarget {
  readonly ir: TargetIr
  readonly shapes: Readonly<Record<string, Shape>>
}

const plainShapes = { input: document, parameters }

const parameterInput: InputBinding = { root: 'parameters', path: [] }

/** The target of a document that is judged as it is. */
export const plainTarget: RandomTarget = {
  ir: { name: 'document', inputs: { input: { root: 'object', path: [] }, parameters: parameterInput } },
  shapes: plainShapes,
}

/** Where the document lies in each kind. */
const kindPaths: readonly KindPath[] = [
  { group: '', kind: 'Pod', path: [] },
  { group: 'apps', kind: 'Deployment', path: ['spec', 'template'] },
  { group: 'batch', kind: 'CronJob', path: ['spec', 'job template', 'spec'] },
  { group: 'extensions', kind: 'Deployment', path: ['template'] },
]

const resource: Shape = {
  kind: 'text',
  apiVersion: 'text',
  metadata: { object: { name: 'text', namespace: 'text', labels: 'labels' } },
}

const kindChoices: readonly (readonly KindPattern[])[] = [
  kindPaths.map(({ group, kind }) => ({ group, kind })),
  kindPaths.map(({ group, kind }) => ({ group, kind })),
  [{ group: 'apps', kind: 'Deployment' }],
  [{ group: '*', kind: 'Deployment' }],
  [
    { group: 'apps', kind: '*' },
    { group: '', kind: 'Pod', versions: ['v1'] },
  ],
  [{ group: '*', kind: '*' }],
  [{ group: '*', kind: '*', versions: ['v1', 'v2'] }],
  [{ group: 'batch', kind: 'CronJob', versions: ['v1beta1', 'v1'] }],
]

const operationChoices: readonly (readonly Operation[] | undefined)[] = [
  undefined,
  undefined,
  ['CREATE'],
  ['UPDATE', 'DELETE'],
  ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
]

/** A target: a document, a part of one, or objects of some kinds with what is known of the request. */
export function randomTarget(dice: Dice): RandomTarget {
  const kind = dice.below(4)
  if (kind === 0) return plainTarget
  if (kind === 1) {
    const input: InputBinding = { root: 'object', path: ['spec', 'odd "part"'] }
    const old: InputBinding = { root: 'oldObject', path: ['spec', 'odd "part"'] }
    return {
      ir: { name: 'part', inputs: { input, old, parameters: parameterInput } },
      shapes: { ...plainShapes, old: document },
    }
  }
  const operations = dice.one(operationChoices)
  return {
    ir: {
      name: 'kinds',
      kinds: dice.one(kindChoices),
      ...(operations === undefined ? {} : { operations }),
      inputs: {
        input: { root: 'object', path: kindPaths },
        object: { root: 'object', path: [] },
        old: { root: 'oldObject', path: kindPaths },
        request: { root: 'request', path: [] },
        parameters: parameterInput,
      },
    },
    shapes: { ...plainShapes, object: resource, old: document, request },
  }
}

/** A review for a target: what it is about mostly, and whole mostly. */
export function randomReview({ ir }: RandomTarget, dice: Dice, objects: RandomObjects): Review {
  const object = (): Json => objectFor(ir, dice, objects)
  if (dice.chance(0.5)) return { object: object(), operation: 'CREATE' }
  const operation = dice.one<Operation>(['CREATE', 'UPDATE', 'UPDATE', 'DELETE', 'CONNECT'])
  const hasObject = operation !== 'DELETE' && (operation !== 'CONNECT' || dice.chance(0.5))
  const hasOld = operation === 'DELETE' || (operation !== 'CREATE' && dice.chance(0.8))
  const { operation: _, ...fields } = objects.object(request) as Readonly<Record<string, Json>>
  return {
    ...(hasObject ? { object: object() } : {}),
    ...(hasOld ? { oldObject: object() } : {}),
    operation,
    request: fields,
  }
}

function objectFor(ir: TargetIr, dice: Dice, objects: RandomObjects): Json {
  const document_ = objects.object(document) as Readonly<Record<string, Json>>
  if (ir.name === 'document') return document_
  if (ir.name === 'part')
    return dice.chance(0.1) ? document_ : placed(document_, ['spec', 'odd "part"'], dice)
  const { group, kind, path } = dice.one(kindPaths)
  const version = dice.one(['v1', 'v1', 'v1', 'v1beta1', 'v2'])
  const head = {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: objects.object({ labels: 'labels', name: 'text', namespace: 'text' }),
  }
  const spoiled = dice.chance(0.05)
    ? dice.one<Readonly<Record<string, Json>>>([
        { kind: 'Other' },
        { kind: 'apps/Deployment' },
        { kind: '' },
        { kind: 7 },
        { apiVersion: 'apps' },
        { apiVersion: 'apps/v1/v1' },
        { apiVersion: '/v1' },
        { apiVersion: '' },
        { apiVersion: null },
        { metadata: null },
      ])
    : {}
  const body =
    path.length === 0 ? document_ : (placed(document_, path, dice) as Readonly<Record<string, Json>>)
  return { ...body, ...head, ...spoiled }
}

/** A value under a path; now and then something on the way is no object. */
function placed(value: Json, path: readonly string[], dice: Dice): Json {
  const [key, ...rest] = path
  if (key === undefined) return value
  const inner = dice.chance(0.03) ? dice.one<Json>([null, 'text', [], 7, {}]) : placed(value, rest, dice)
  return { [key]: inner }
}
