import {
  applyFixes,
  canonicalText,
  equalJson,
  isObject,
  type Json,
  kindOf,
  type Path,
  pathText,
  type Schema,
  type Verdict,
} from '@gatewright/core'
import { schemaOf } from '@gatewright/kubernetes'
import type { Property } from './property.js'
import { changed, creation, isDenied, type Subject, withObject } from './subject.js'

const rounds = 4

const fixesOf = ({ violations }: Verdict): Verdict['violations'][number]['fix'] =>
  violations.flatMap(({ fix }) => fix)

const hasFixes = ({ policy }: Subject): boolean =>
  JSON.stringify(policy.ir.rules, onlyOnce()).includes('"fix":[{')

/** Rules share nodes, which as a text could be without end in size. */
function onlyOnce(): (key: string, value: unknown) => unknown {
  const seen = new Set<unknown>()
  return (_key, value) => {
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return null
    seen.add(value)
    return value
  }
}

export const fixes: Property = {
  name: 'fixes',
  says: 'the fixes of an object mend what they are for, come to an end, and leave nothing to fix',
  advice:
    'a fix sets or removes just what the condition asks for; apply it to the object that is shown and see what is still denied',
  shownBy: 'denied objects with a fix',
  enough: 80,
  unfit: (subject) => (hasFixes(subject) ? undefined : 'no violation has a fix'),
  tried: (asked, subject) => {
    const question = creation(asked)
    if (question === undefined) return undefined
    const first = subject.answered(question)
    if (!isDenied(first.verdict) || fixesOf(first.verdict).length === 0) return undefined
    let then = first
    try {
      for (let round = 0; round < rounds && fixesOf(then.verdict).length > 0; round++) {
        const { object } = then.question
        const fixed = applyFixes(object, fixesOf(then.verdict))
        if (equalJson(fixed, object))
          return { because: 'a fix changes nothing of what it is for', first, then }
        if (!equalJson(applyFixes(fixed, fixesOf(then.verdict)), fixed))
          return { because: 'the fixes applied once more change the object again', first, then }
        then = subject.answered(withObject(question, fixed))
      }
    } catch (error) {
      return { because: `the fixes cannot be applied: ${error instanceof Error ? error.message : ''}`, first }
    }
    if (fixesOf(then.verdict).length > 0)
      return { because: `after ${rounds} rounds of fixes there is still something to fix`, first, then }
    const isWhole = first.verdict.violations.every(({ fix }) => fix.length > 0)
    if (isWhole && then.verdict.verdict !== 'allowed')
      return { because: 'every violation has a fix, and the object that is fixed does not pass', first, then }
    return 'holds'
  },
}

export const places: Property = {
  name: 'places',
  says: 'a violation points at a place that is in the object, or that its schema has',
  advice: 'give in `at` the field that the condition reads, of the object that is judged',
  shownBy: 'denied objects',
  enough: 150,
  tried: (question, subject) => {
    const { verdict } = subject.answered(question)
    if (!isDenied(verdict)) return undefined
    let object: Json | undefined
    changed(question, (parts) => {
      object = parts['object'] ?? parts['oldObject']
      return parts
    })
    const { builtIn } = subject.policy.ir.target
    const kind = kindOf(object)
    const schema = builtIn === true && kind !== undefined ? schemaOf(kind) : undefined
    const wrong = verdict.violations
      .map(({ at }) => wrongStep(object, schema, at))
      .find((each) => each !== undefined)
    return wrong === undefined ? 'holds' : { because: wrong, first: subject.answered(question) }
  },
}

/** What is wrong with a place: it leads past a list, through a text, or by a field that there is not. */
function wrongStep(object: Json | undefined, schema: Schema | undefined, at: Path): string | undefined {
  let value = object
  let known = schema
  for (const [i, step] of at.entries()) {
    const where = `the place \`${pathText(at)}\``
    if (typeof step === 'number') {
      if (Array.isArray(value) && step >= value.length) return `${where} leads past the end of a list`
      if (isObject(value)) return `${where} has an index where there is an object`
    } else if (Array.isArray(value) || (value !== undefined && value !== null && typeof value !== 'object'))
      return `${where} leads through \`${pathText(at.slice(0, i))}\`, which has no fields`
    if (
      known?.type === 'object' &&
      typeof step === 'string' &&
      !Object.hasOwn(known.fields, step) &&
      !has(value, step)
    )
      return `${where} is in no schema: there is no field \`${step}\``
    known = below(known, step)
    value = Array.isArray(value)
      ? (value as readonly Json[])[Number(step)]
      : has(value, step)
        ? (value as Readonly<Record<string, Json>>)[step]
        : undefined
  }
  return undefined
}

const has = (value: Json | undefined, step: string | number): boolean =>
  isObject(value) && Object.hasOwn(value, step)

function below(schema: Schema | undefined, step: string | number): Schema | undefined {
  switch (schema?.type) {
    case 'object':
      return typeof step === 'string' && Object.hasOwn(schema.fields, step)
        ? schema.fields[step]?.schema
        : undefined
    case 'map':
      return schema.values
    case 'list':
      return schema.items
    default:
      return undefined
  }
}

const longest = 1000
/** What a value that is no text becomes in a message. */
const unsaid = /<(?:list|object)>/

export const messages: Property = {
  name: 'messages',
  says: 'a message is one line that says something, without a list or an object in it',
  advice: 'write in the message what a reader can act upon, with names and values that are texts or numbers',
  shownBy: 'denied objects',
  tried: (question, subject) => {
    const first = subject.answered(question)
    if (!isDenied(first.verdict)) return undefined
    const given = canonicalText(question.object)
    for (const { message } of first.verdict.violations) {
      if (message.trim() === '') return { because: 'a message is empty', first }
      // of a character that is no line of text, unless it is in the object
      if (message.includes('�') && !/\\u|�/.test(given))
        return { because: 'a message has a control character in it, such as the end of a line', first }
      if (message.length > longest + given.length)
        return { because: `a message is longer than ${longest} characters`, first }
      const hole = unsaid.exec(message)?.[0]
      if (hole !== undefined && !given.includes(hole))
        return { because: `a message says \`${hole}\` where a value should be`, first }
    }
    return 'holds'
  },
}
