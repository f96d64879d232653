import { type Json, message, policy, target, text, wellFormed } from '@gatewright/core'
import { evaluator, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { emittedEngine } from '../emitted-engine.js'

const hostile = fc.constantFrom(
  ...[
    '"',
    "'",
    '`',
    '\\',
    '%',
    '${',
    '}',
    '{{',
    '\n',
    '\r',
    '\t',
    '\0',
    '\u2028',
    '\u2029',
    '\uFEFF',
    '\uD800',
  ],
  ...['\uDC00', '😀', 'é', '/*', '*/', '//', '__proto__', '</script>', '%s', '\\u0041', '#', ' ', 'a'],
)
const authored = fc.array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 })
const texts = fc.array(
  authored.map((parts) => parts.join('')),
  { minLength: 10, maxLength: 10 },
)

const Document = z.object({
  texts: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
})

/** A message is one line; control characters and what breaks lines are shown as U+FFFD (law 8). */
const shown = (each: string): string =>
  wellFormed(each).replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g, '\uFFFD')

it('D6: what an author writes between quotes is the same in every engine, whatever is in it', () => {
  fc.assert(
    fc.property(texts, (written) => {
      const made = policy({
        id: 'test/author-text',
        title: 'What authors write',
        description: written.join(' '),
        severity: 'low',
        target: target('document', Document),
        rule: ({ input }) =>
          written
            .map((each, i) => [
              input.texts
                .filter((other) => other.is(each))
                .deny(() => ({ message: `is ${each}`, code: `is-${i}`, details: { each } })),
              input.labels
                .get(each)
                .is(text`v${each}`)
                .deny({ message: message`has ${each}`, code: `has-${i}`, at: input.labels.get(each) }),
            ])
            .flat(),
      })
      const read = written.map(wellFormed)
      const document: Json = {
        texts: read,
        labels: Object.fromEntries(read.map((each) => [each, `v${each}`])),
      }
      const [first, ...others] = [referenceEngine, javascriptEngine, emittedEngine].map(
        (engine) =>
          evaluator([made], { engine: engine as typeof javascriptEngine }).evaluateJson(document)
            .judgements[0]?.verdict,
      )
      for (const other of others) expect(other).toEqual(first)
      const said = new Map(first?.violations.map((each) => [each.code, each]))
      for (const [i, each] of written.entries()) {
        expect(said.get(`is-${i}`)).toMatchObject({
          message: shown(`is ${each}`),
          details: { each: wellFormed(each) },
        })
        expect(said.get(`has-${i}`)).toMatchObject({
          message: shown(`has ${each}`),
          at: ['labels', wellFormed(each)],
        })
      }
    }),
    { numRuns: 2000, seed: 6 },
  )
})
