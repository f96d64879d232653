import { judgedObject, pathText } from '@gatewright/core'
import { normalizeJson } from '@gatewright/evaluator'
import { writeYaml } from '@gatewright/sources'
import { markedYaml } from '../marked-yaml.js'
import { verdictText } from '../verdict-text.js'
import type { PolicyCheck, PropertyResult, ShownAnswer } from './check-policy.js'

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ')

/** What came of the properties of a policy, as a text: a line for each, and below those that are broken how. */
export function propertiesReport({ policy, seed, questions, properties }: PolicyCheck): string {
  const width = Math.max(...properties.map(({ name }) => name.length))
  const lines = properties.map((result) => {
    const line = `${result.name.padEnd(width)}  ${summary(result)}`
    return result.outcome === 'broken' ? `${line}\n${indented(propertyText(result))}\n` : line
  })
  return [`${policy}: ${questions} questions, seed ${seed}`, ...lines, ''].join('\n')
}

/** What came of a property, in one line. */
function summary(result: PropertyResult): string {
  switch (result.outcome) {
    case 'held':
      return result.shown === 0
        ? `never put to the test: no ${result.shownBy}`
        : `held by ${result.shown} ${result.shownBy}`
    case 'broken':
      return `broken: ${result.counterexample.because}`
    case 'does not apply':
      return `does not apply: ${result.reason}`
    case 'needless exception':
      return `the exception is not needed: ${result.reason}`
  }
}

/** A property that is broken, with the objects that show it as YAML, both verdicts and what to do. */
export function propertyText(result: PropertyResult): string {
  if (result.outcome === 'needless exception')
    return [
      `the exception \`${result.name}\` is not needed: "${result.says}" holds, or was never put to the test`,
      `hint: ${result.advice}`,
    ].join('\n')
  if (result.outcome !== 'broken') return summary(result)
  const { because, first, then } = result.counterexample
  return [
    `"${result.says}" does not hold: ${because}`,
    `hint: ${result.advice}`,
    '',
    ...answerLines(first, then === undefined ? 'asked' : 'asked first'),
    ...(then === undefined ? [] : ['', ...answerLines(then, 'and then')]),
  ].join('\n')
}

function answerLines({ object, parameters, verdict }: ShownAnswer, when: string): readonly string[] {
  const normalized = normalizeJson(object)
  const review = 'review' in normalized ? normalized.review : undefined
  const shown = review === undefined ? undefined : judgedObject(review)
  const { operation, oldObject } = review ?? {}
  const isChange = review?.object !== undefined && oldObject !== undefined
  const subResource = review?.request?.['subResource']
  const way =
    operation === undefined || operation === 'CREATE'
      ? ''
      : ` (${operation}${typeof subResource === 'string' ? ` by \`${subResource}\`` : ''})`
  return [
    `${when}${way}:`,
    markedYaml(
      shown ?? object,
      shown === undefined
        ? []
        : verdict.violations.map(({ at, code, message }) => ({ at, says: `[${code}] ${message}` })),
    ),
    ...(isChange ? ['it was before:', markedYaml(oldObject, [])] : []),
    ...(Object.keys(parameters).length === 0
      ? []
      : ['with the parameters:', indented(writeYaml(parameters as never).trimEnd())]),
    `the policy says ${verdictText(verdict).split('\n')[0] ?? ''}${
      verdict.reasons.length === 0
        ? ''
        : `: ${verdict.reasons.map(({ message, at }) => (at === undefined ? message : `${message} (at ${pathText(at)})`)).join('; ')}`
    }`,
  ]
}
