import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  compareDocument,
  type Outcome,
  ourDocuments,
  type StreamAnswer,
  theirDocuments,
} from '../engines/yaml-comparison.js'

/** Answers of the Go libraries that kubectl reads with, recorded by the engines' lane. */
function recorded<T>(name: string): T[] {
  const text = readFileSync(new URL(`../data/yaml-reader/${name}.jsonl`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

function outcomes(name: string): { counts: Record<Outcome, number>; wrong: string[]; total: number } {
  const cases = recorded<[string, string | null]>(name)
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Outcome, number>
  const wrong: string[] = []
  for (const [text, json] of cases) {
    const outcome = compareDocument(text, json === null ? { error: 'refused' } : { json })
    counts[outcome]++
    if (['differs', 'fast differs', 'we accept'].includes(outcome))
      wrong.push(`${outcome}: ${JSON.stringify(text)}`)
  }
  return { counts, wrong, total: cases.length }
}

const kinds: readonly Outcome[] = [
  'same',
  'same, fast',
  'both refuse',
  'we refuse',
  'ambiguous',
  'we accept',
  'differs',
  'fast differs',
]

describe('values are those of the Go reader', () => {
  it('scalars', () => {
    const { counts, wrong, total } = outcomes('scalars')
    expect(wrong).toEqual([])
    expect(counts.same + counts['same, fast']).toBeGreaterThan(total * 0.7)
    expect(counts['same, fast']).toBeGreaterThan(total * 0.25)
    expect(counts['we refuse']).toBeLessThan(total * 0.06)
  })

  it('manifests with edits', () => {
    const { counts, wrong, total } = outcomes('manifests')
    expect(wrong).toEqual([])
    expect(counts['same, fast']).toBeGreaterThan(total * 0.2)
    expect(counts['we refuse']).toBeLessThan(total * 0.1)
  })

  it('structures', () => {
    const { counts, wrong, total } = outcomes('structures')
    expect(wrong).toEqual([])
    expect(counts.same + counts['same, fast']).toBeGreaterThan(total * 0.2)
    expect(counts['we refuse']).toBeLessThan(total * 0.1)
  })
})

describe('files are taken apart as kubectl does', () => {
  for (const { text, apart, ...answer } of recorded<StreamAnswer & { text: string; apart?: string }>(
    'streams',
  )) {
    const bytes = Buffer.from(text)
    if (apart === undefined) {
      it(JSON.stringify(text), () => expect(ourDocuments(bytes)).toEqual(theirDocuments(answer)))
    } else {
      it(`${JSON.stringify(text)}: ${apart}`, () => {
        expect(ourDocuments(bytes).refused).toBe(true)
        expect(ourDocuments(bytes).documents).not.toEqual(answer.documents ?? [])
      })
    }
  }
})
