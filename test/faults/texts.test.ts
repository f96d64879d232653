import { imageRef, message, policy } from '@gatewright/core'
import { evaluate, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import { pods } from '@gatewright/kubernetes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emittedEngine } from '../emitted-engine.js'

const engines = [javascriptEngine, referenceEngine, emittedEngine as unknown as typeof javascriptEngine]
const pod = (name: string, image = 'nginx') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name, image }] },
})

describe("D6: an author's text is the same text in every engine", () => {
  /** The characters that end a text, begin a hole or break a line, in one language or another. */
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...['"', "'", '`', '\\', '%', '${', '}', '{', '\n', '\r', '\u2028', '\u2029', '\u0000', '\u0085'],
        ...['\uD800', '\uDC00', '🔒', '</script>', '*/', '//', '#', '\\u0041', '__proto__', '%d', '$&'],
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  it('as a literal, a key, a message and a pattern of wildcards', () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const text = parts.join('')
        const written = policy({
          id: 'test/text',
          title: 'A text',
          severity: 'low',
          target: pods,
          rule: ({ object }) => [
            object.spec.containers
              .filter((c) => c.name.is(text))
              .deny((c) => ({ message: message`<${c.name}> ${text}`, code: 'literal' })),
            object.metadata.labels.get(text).is(text).deny({ message: text, code: 'key' }),
          ],
        })
        const object = { ...pod(text), metadata: { labels: Object.fromEntries([[text, text]]) } }
        const verdicts = engines.map((engine) => {
          const { judgements } = evaluate([written], object, { engine })
          return judgements[0]?.verdict
        })
        expect(verdicts[0]?.violations.map(({ code }) => code).toSorted()).toEqual(['key', 'literal'])
        expect(verdicts[1]).toEqual(verdicts[0])
        expect(verdicts[2]).toEqual(verdicts[0])
        // another text is another one
        const other = evaluate([written], { ...object, spec: pod(`${text}x`).spec, metadata: {} })
        expect(other.judgements[0]?.verdict.verdict).toBe('allowed')
      }),
      { numRuns: 500, seed: 6 },
    )
  })
})

it('F11: a pattern that takes other engines a second takes no time', () => {
  const nested = policy({
    id: 'test/nested-pattern',
    title: 'Only a',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.containers
        .filter((c) => c.name.matches('^(a+)+$').ifMissing(false).not())
        .deny(() => ({ message: 'another letter' })),
  })
  const started = performance.now()
  for (const engine of engines) {
    const { judgements } = evaluate([nested], pod(`${'a'.repeat(20_000)}!`), { engine })
    expect(judgements[0]?.verdict.verdict).toBe('denied')
  }
  expect(performance.now() - started).toBeLessThan(5000)
})

describe('F12: a registry is no prefix of a text', () => {
  const allowed = policy({
    id: 'test/registry',
    title: 'Images come from one registry',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.containers
        .filter((c) => imageRef(c.image).within('reg.example.com/shop').ifMissing(false).not())
        .deny(() => ({ message: 'from elsewhere' })),
  })
  const verdict = (image: string) =>
    engines.map((engine) => evaluate([allowed], pod('c', image), { engine }).judgements[0]?.verdict.verdict)
  it.each(['reg.example.com/shop/cart', 'reg.example.com/shop/cart:1', 'reg.example.com/shop'])(
    '%s is within',
    (image) => expect(verdict(image)).toEqual(['allowed', 'allowed', 'allowed']),
  )
  it.each([
    'reg.example.com.evil.io/shop/cart',
    'reg.example.com@evil.io/shop/cart',
    'reg.example.com/shop/../evil',
    'reg.example.com/shopping/cart',
    'reg.example.com:443/shop/cart',
    'REG.EXAMPLE.COM/shop/cart',
    'reg.example.com//shop/cart',
    'reg.example.com/shop/',
    'reg.example.com/shop/cart:',
    'reg.example.com/shop/cart@sha256:1',
    'evil.io/reg.example.com/shop/cart',
    'https://reg.example.com/shop/cart',
    ' reg.example.com/shop/cart',
    'reg.example.com/shop/cart\n',
    'reg．example.com/shop/cart',
    '',
  ])('%j is not', (image) => expect(verdict(image)).toEqual(['denied', 'denied', 'denied']))
})
