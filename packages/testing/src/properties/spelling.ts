import {
  canonicalText,
  compareNumbers,
  isObject,
  type Json,
  kindOf,
  parseQuantity,
  type ReadTree,
  type Schema,
} from '@gatewright/core'
import { schemaOf } from '@gatewright/kubernetes'
import { type Step } from '../search/parts.js'
import type { Question } from '../search/questions.js'
import { findingsText } from '../verdict-text.js'
import { allContainers, podIn, withContainers } from './pods.js'
import { placed } from './placed.js'
import type { Property, Trial } from './property.js'
import { creation, isDenied, type Subject, withObject } from './subject.js'

/** The quantities of an object that a policy reads. */
function quantities(
  value: Json,
  schema: Schema | undefined,
  reads: ReadTree | undefined,
  path: readonly Step[],
): readonly { readonly path: readonly Step[]; readonly text: string }[] {
  if (reads === undefined || schema === undefined) return []
  const isQuantity = (schema.type === 'string' || schema.type === 'scalar') && schema.unit === 'quantity'
  if (isQuantity) return typeof value === 'string' ? [{ path, text: value }] : []
  if (Array.isArray(value) && schema.type === 'list')
    return (value as readonly Json[]).flatMap((each, i) =>
      quantities(each, schema.items, reads.elements, [...path, i]),
    )
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, each]) => {
    const below =
      schema.type === 'object'
        ? schema.fields[key]?.schema
        : schema.type === 'map'
          ? schema.values
          : undefined
    return quantities(each, below, reads.fields.get(key) ?? reads.values, [...path, key])
  })
}

const steps = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The same quantity in other words. */
function spellings(text: string): readonly string[] {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(text) ?? []
  const value = parseQuantity(text)
  if (number === undefined || value === undefined) return []
  const among = (units: readonly string[], factor: number): readonly string[] => {
    const at = units.indexOf(unit)
    if (at < 0) return []
    return [-1, 1].flatMap((by) => {
      const other = units[at + by]
      const scaled = Number(number) * (by < 0 ? factor : 1 / factor)
      return other === undefined || scaled < 1e-6 || scaled > 1e15 ? [] : [`${scaled}${other}`]
    })
  }
  const plain = number.includes('.') ? `${number}0${unit}` : `${number}.0${unit}`
  return [...among(steps, 1000), ...among(binary, 1024), plain].filter((each) => {
    const other = parseQuantity(each)
    return each !== text && other !== undefined && compareNumbers(other, value) === 0
  })
}

export const quantitySpellings: Property = {
  name: 'quantities',
  says: 'a quantity in other words means the same: `1.5Gi` is `1536Mi`',
  advice: 'compare quantities with `quantity(…)`, never as texts',
  shownBy: 'objects with a quantity that the policy reads',
  enough: 40,
  unfit: (subject) => (readsQuantities(subject) ? undefined : 'the policy reads no quantity'),
  tried: (asked, subject) => {
    const question = creation(asked)
    const kind = question === undefined ? undefined : kindOf(question.object)
    if (question === undefined || kind === undefined) return undefined
    const reads = subject.reads('object', question.object)
    const first = subject.answered(question)
    let trial: Trial
    for (const { path, text } of quantities(question.object, schemaOf(kind), reads, []).slice(0, 6)) {
      for (const other of spellings(text)) {
        const then = subject.answered(withObject(question, placed(question.object, path, other)))
        if (findingsText(then.verdict) !== findingsText(first.verdict))
          return {
            because: `\`${text}\` and \`${other}\` are the same quantity, and are judged otherwise`,
            first,
            then,
          }
        trial = 'holds'
      }
    }
    return trial
  },
}

/** Whether the schema says of something that is read that it is a quantity. */
function readsQuantities(subject: Subject): boolean {
  const { kinds = [] } = subject.policy.ir.target
  const seek = (schema: Schema | undefined, reads: ReadTree | undefined): boolean => {
    if (schema === undefined || reads === undefined) return false
    switch (schema.type) {
      case 'string':
      case 'scalar':
        return schema.unit === 'quantity'
      case 'list':
        return seek(schema.items, reads.elements)
      case 'map':
        return [reads.values, ...reads.fields.values()].some((each) => seek(schema.values, each))
      case 'object':
        return [...reads.fields].some(([key, each]) => seek(schema.fields[key]?.schema, each))
      default:
        return false
    }
  }
  return kinds.some(({ group, kind }) =>
    seek(schemaOf({ group, kind, version: 'v1' }), subject.reads('object', objectOfKind(group, kind))),
  )
}

const objectOfKind = (group: string, kind: string): Json => ({
  apiVersion: group === '' ? 'v1' : `${group}/v1`,
  kind,
})

const stranger = 'registry-of-others.example'

export const lookAlikes: Property = {
  name: 'look-alikes',
  says: 'a registry that only looks like one that is allowed is treated as any other',
  advice:
    'compare registries with `imageRef(…)`, or a prefix that ends with `/`: `registry.example.com` is a prefix of `registry.example.com.evil.example` too',
  shownBy: 'images that are allowed for their registry',
  enough: 40,
  unfit: (subject) => (subject.readsOfContainers('image') ? undefined : 'the policy reads no image'),
  tried: (asked, subject) => {
    const question = creation(asked)
    const pod = question === undefined ? undefined : podIn(question.object)
    if (question === undefined || pod === undefined || hasPatterns(question)) return undefined
    let trial: Trial
    for (const { container } of allContainers(pod).slice(0, 3)) {
      const [, host, rest] = /^([^/]+\.[^/]+|localhost)\/([^@]+)$/.exec(imageOf(container)) ?? []
      if (host === undefined || rest === undefined) continue
      const asking = (image: string): Question =>
        withObject(
          question,
          withContainers(question.object, pod, { containers: [{ ...(container as object), image }] }),
        )
      const first = subject.answered(asking(`${host}/${rest}`))
      if (isDenied(first.verdict) || !isDenied(subject.verdict(asking(`${stranger}/${rest}`)))) continue
      for (const image of [
        `${host}.${stranger}/${rest}`,
        `${stranger}/${host}/${rest}`,
        `x${host}/${rest}`,
      ]) {
        const then = subject.answered(asking(image))
        if (!isDenied(then.verdict))
          return {
            because: `\`${image}\` is in another registry, and is allowed as if it were in \`${host}\``,
            first,
            then,
          }
      }
      trial = 'holds'
    }
    return trial
  },
}

/** Patterns may mean look-alikes too, and then it is their author who says so. */
const hasPatterns = ({ parameters }: Question): boolean => /[*?^$|]/.test(canonicalText(parameters as Json))

const imageOf = (container: Json): string => {
  const { image } = container as { readonly image?: Json }
  return typeof image === 'string' ? image : ''
}
