import { canonicalText, type Json, type Policy } from '@gatewright/core'
import { minimalFields } from '../minimal.js'
import { type Candidate, Candidates } from './candidates.js'
import { partsOf, plainParts, questionOf } from './parts.js'
import type { Question } from './questions.js'

export interface GenerationOptions {
  /** How many questions are made up, beside those that are given. */
  readonly runs: number
  readonly seed: number
}

/** Questions of which the answers are new that are changed further. */
const mostKept = 200

/**
 * Questions that versions of one policy may be asked: those given, an object of each kind that a version takes, and what these come
 * to when they are changed at random, with the constants of all versions and by what each of them reads. `ask` gives a text for what
 * is answered, so that a question with an answer that was not seen before is changed further, or undefined to stop.
 */
export function askGenerated(
  versions: readonly Policy[],
  given: readonly Question[],
  { runs, seed }: GenerationOptions,
  ask: (candidate: Candidate) => string | undefined,
): void {
  const starts = [
    ...new Map(versions.flatMap(startsOf).map((each) => [canonicalText(each.object), each])).values(),
  ]
  const from = [...given, ...starts]
  const seen = new Set<string>()
  for (const question of from) {
    const parts = partsOf(question)
    if (parts === undefined) continue
    const answer = ask({ parts, question, given: question.inventory })
    if (answer === undefined) return
    seen.add(answer)
  }
  const all = versions.map((policy, i) => {
    const others = versions.filter((_, j) => j !== i)
    return new Candidates(policy, from, [], runs, { seed: seed + i, others })
  })
  const iterators = all.map((each) => each[Symbol.iterator]())
  for (let run = 0; run < runs; run++) {
    const step = iterators[run % iterators.length]?.next()
    if (step === undefined || step.done === true) return
    const answer = ask(step.value)
    if (answer === undefined) return
    if (seen.size > mostKept || seen.has(answer)) continue
    seen.add(answer)
    for (const each of all) each.keep(step.value)
  }
}

/** An object of each kind that a policy takes: with its name alone, and the least that makes sense. */
function startsOf(policy: Policy): readonly Question[] {
  return plainParts(policy).flatMap((parts) => {
    const { object } = parts as { readonly object: { readonly apiVersion: string; readonly kind: string } }
    const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : ''
    const fields = minimalFields(group, object.kind, { type: 'object', fields: {} }) as Json
    const full = { ...object, metadata: { name: 'example', namespace: 'default' }, ...(fields as object) }
    return [questionOf(parts, undefined), questionOf({ ...parts, object: full }, undefined)]
  })
}
