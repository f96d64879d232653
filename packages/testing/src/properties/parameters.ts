import { equalJson, isObject, type Json, type Policy, readParameters } from '@gatewright/core'
import { engines } from '@gatewright/evaluator'
import type { Question } from '../search/questions.js'
import { allContainers, podIn } from './pods.js'
import type { Property, Trial } from './property.js'
import { creation, isDenied, type Subject } from './subject.js'

interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly Json[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

const schemaOf = ({ ir }: Policy): Readonly<Record<string, JsonSchema>> =>
  ((ir.parameters ?? {}) as JsonSchema).properties ?? {}

const names = (policy: Policy): readonly string[] => Object.keys(schemaOf(policy))

/** Values that a schema forbids, as people write them by mistake. */
function forbidden(schema: JsonSchema): readonly Json[] {
  const other: Readonly<Record<string, readonly Json[]>> = {
    string: [7, ['text']],
    number: ['7 items', true],
    integer: ['7 items', 1.5],
    boolean: ['yes', 1],
    array: ['text', { text: true }],
    object: ['text', ['text']],
  }
  return [
    ...(schema.type === undefined ? [] : (other[schema.type] ?? [])),
    ...(schema.enum === undefined ? [] : ['none-of-the-values']),
    ...(schema.minimum === undefined ? [] : [schema.minimum - 1]),
    ...(schema.maximum === undefined ? [] : [schema.maximum + 1]),
    ...(schema.type === 'string' && (schema.minLength ?? 0) > 0 ? [''] : []),
    ...(schema.items === undefined ? [] : forbidden(schema.items).map((each): Json => [each])),
  ]
}

export const parameterSchema: Property = {
  name: 'parameter-schema',
  says: 'parameters that the schema forbids are refused, and no object is allowed with them',
  advice: 'this is a fault of Gatewright: please report it with the seed',
  shownBy: 'objects with parameters that are forbidden',
  enough: 2,
  unfit: ({ policy }) => (names(policy).length === 0 ? 'the policy has no parameters' : undefined),
  tried: (question, subject) => {
    const wrong = [
      ...Object.entries(schemaOf(subject.policy)).flatMap(([name, schema]) =>
        forbidden(schema).map((value) => [name, value] as const),
      ),
      ['noSuchParameter', true] as const,
    ]
    for (const [name, value] of wrong) {
      const then: Question = { ...question, parameters: { ...question.parameters, [name]: value } }
      const verdict = subject.evaluated(engines.javascript, then)
      if (verdict.verdict !== 'error')
        return {
          because: `the parameter \`${name}\` is taken although its schema forbids the value`,
          first: subject.answered(question),
          then: { question: then, verdict },
        }
    }
    return 'holds'
  },
}

/** Lists that are taken for exemptions by their names. */
const named = /^(?:exempt|allow|ignore|exclude|except|permit|skip)/i

/** The parameters that are lists of exemptions: those that the author names, or that are named so. */
export function exemptionsOf({ policy, options }: Subject): readonly string[] {
  const known = schemaOf(policy)
  if (options.exemptions !== undefined) return options.exemptions
  return Object.keys(known).filter((name) => known[name]?.type === 'array' && named.test(name))
}

/** Refuses names that are no lists among a policy's parameters. */
export function refuseUnknownExemptions(policy: Policy, exemptions: readonly string[]): void {
  const known = schemaOf(policy)
  const wrong = exemptions.find((name) => known[name]?.type !== 'array')
  if (wrong !== undefined)
    throw new TypeError(
      `\`exemptions\` names \`${wrong}\`, which is no list among the parameters of \`${policy.id}\``,
    )
}

export const exemptions: Property = {
  name: 'exemptions',
  says: 'one more exemption never makes a violation more',
  advice:
    'an exemption takes something away from what is denied; where a list is none, name those that are in `exemptions`',
  shownBy: 'exemptions that take a violation away',
  enough: 25,
  unfit: (subject) =>
    exemptionsOf(subject).length === 0
      ? 'no parameter is named as a list of exemptions; name such lists in `exemptions`'
      : undefined,
  tried: (question, subject) => {
    let trial: Trial
    const first = subject.answered(question)
    if (first.verdict.verdict !== 'allowed' && !isDenied(first.verdict)) return undefined
    for (const name of exemptionsOf(subject)) {
      const read = readParameters(subject.policy, question.parameters)
      const known = 'parameters' in read && isObject(read.parameters) ? read.parameters[name] : undefined
      // a list that is not given may mean that all is exempt
      if (!Array.isArray(known)) continue
      for (const more of additions(name, question, subject)) {
        const parameters = { ...question.parameters, [name]: [...(known as readonly Json[]), more] }
        if ('problems' in readParameters(subject.policy, parameters)) continue
        const then = subject.answered({ ...question, parameters })
        const added = then.verdict.violations.find(
          ({ code, at }) =>
            !first.verdict.violations.some((each) => each.code === code && equalJson(each.at, at)),
        )
        if (added !== undefined || (isDenied(then.verdict) && !isDenied(first.verdict)))
          return { because: `one more element of \`${name}\` adds a violation`, first, then }
        if (then.verdict.violations.length < first.verdict.violations.length) trial = 'holds'
      }
    }
    return trial
  },
}

/** Elements that a list of exemptions may get: what other questions have there, and what is in the object. */
function additions(name: string, question: Question, subject: Subject): readonly Json[] {
  const own = creation(question)
  const pod = own === undefined ? undefined : podIn(own.object)
  const containers = pod === undefined ? [] : allContainers(pod).slice(0, 3)
  const texts = containers.flatMap(({ container }) => {
    const { image, name: called } = container as { readonly image?: Json; readonly name?: Json }
    return [image, called].flatMap((each) => (typeof each === 'string' ? [each] : []))
  })
  return [...subject.elementsSeen(name).slice(0, 4), '*', ...texts.slice(0, 4)]
}

/** Texts that are no patterns, no quantities and no names, or are odd ones. */
const oddTexts: readonly string[] = ['[', '(', '{', '\\', '*', '', '%', '\n', '🔒', '1e999']

/** Parameters with an odd text in the place of one of theirs, where the schema takes it. */
function* oddParameters({ parameters }: Question, policy: Policy): Generator<Question['parameters']> {
  for (const [name, { type, items }] of Object.entries(schemaOf(policy)))
    for (const odd of oddTexts) {
      const value = type === 'string' ? odd : type === 'array' && items?.type === 'string' ? [odd] : undefined
      if (value === undefined) continue
      const other = { ...parameters, [name]: value }
      if ('parameters' in readParameters(policy, other)) yield other
    }
}

export const parameterTexts: Property = {
  name: 'parameter-texts',
  says: 'no text that the schema takes as a parameter makes an error of a valid object',
  advice:
    'say in the schema of the parameters which texts make sense, `z.string().regex(…)`, so that a wrong one is refused when it is given',
  shownBy: 'objects with odd parameters',
  enough: 12,
  unfit: ({ policy }) =>
    Object.values(schemaOf(policy)).some(({ type, items }) => type === 'string' || items?.type === 'string')
      ? undefined
      : 'no parameter is a text, or a list of texts',
  tried: (question, subject) => {
    let trial: Trial
    for (const parameters of oddParameters(question, subject.policy)) {
      const then = subject.answered({ ...question, parameters })
      if (then.verdict.verdict === 'error' && subject.verdict(question).verdict !== 'error')
        return {
          because: 'the schema takes a parameter that makes every judgement an error',
          first: subject.answered(question),
          then,
        }
      trial = 'holds'
    }
    return trial
  },
}
