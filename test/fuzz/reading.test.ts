import { canonicalText } from '@gatewright/core'
import { readDocuments } from '@gatewright/sources'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { layOutFast, isFastText, readFast } from '../../packages/sources/src/yaml/read-fast.js'
import { layOutFull, readFull } from '../../packages/sources/src/yaml/read-full.js'
import { YamlCases } from '../engines/yaml-cases.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 1500)

it(`the fast reader answers as the full one, or not at all (${runs} manifests, seed ${seed})`, () => {
  const cases = new YamlCases(seed)
  let answered = 0
  for (let i = 0; i < runs; i++) {
    const text = i % 2 === 0 ? cases.manifest() : cases.structure(0.05)
    const fast = isFastText(text) && !/^---/m.test(text) ? readFast(text, 0, text.length) : undefined
    if (fast === undefined || !('value' in fast)) continue
    answered++
    expect(canonicalText(fast.value)).toBe(canonicalText(readFull(text)))
    expect(layOutFast(text, 0, text.length)).toEqual(layOutFull(text, 0))
  }
  expect(answered).toBeGreaterThan(runs / 8)
})

it(`any bytes are read or refused, with places inside the text (${runs} inputs, seed ${seed})`, () => {
  const texts = fc.array(
    fc.oneof(
      fc.constantFrom(
        'a',
        ': ',
        '\n',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '#',
        '&a ',
        '*a',
        '---\n',
        '|',
        '  ',
        '\t',
        '!',
        '\r\n',
        '<<: ',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    texts.map((parts) => Buffer.from(parts.join(''))),
  )
  fc.assert(
    fc.property(inputs, (bytes) => {
      const { source, documents, problems } = readDocuments(bytes, { name: 'x' })
      for (const { location } of problems) {
        if (location === undefined) continue
        expect(location.start.offset).toBeLessThanOrEqual(location.end.offset)
        expect(location.end.offset).toBeLessThanOrEqual(source.text.length)
      }
      for (const document of documents) {
        const { start, end } = document.locate([]).value
        expect(start.offset).toBeLessThanOrEqual(end.offset)
        expect(source.lineAt(start.line).length).toBeGreaterThanOrEqual(start.column - 1)
      }
    }),
    { numRuns: runs, seed },
  )
})
