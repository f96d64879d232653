import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { canonicalText } from '@gatewright/core'
import { writeYaml } from '@gatewright/sources'
import { goProgram } from './go-program.js'
import { YamlCases } from './yaml-cases.js'
import {
  compareDocument,
  type DocumentAnswer,
  exactText,
  type Outcome,
  type StreamAnswer,
} from './yaml-comparison.js'
import { streamCases } from './yaml-streams.js'
import { randomValues } from './yaml-values.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 40_000)
/** Set to write the answers that the unit tests replay; see test/data/yaml-reader. */
const record = process.env['GATEWRIGHT_RECORD'] !== undefined

const ask = goProgram('yaml-reader')
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const askDocuments = (texts: readonly string[]): DocumentAnswer[] =>
  ask(texts.map(base64)).map((line) => JSON.parse(line) as DocumentAnswer)

/** Texts without a separator, since the reader of one chunk never sees any. */
function cases(count: number, make: (all: YamlCases, i: number) => string): string[] {
  const all = new YamlCases(seed)
  return Array.from({ length: count }, (_, i) => make(all, i)).filter(
    (text) => text.isWellFormed() && !/^---/m.test(text) && !/^\s*\{/.test(text),
  )
}

const rates = [0, 0.05, 0.2, 0.6]
const structures = (count: number): string[] =>
  cases(count, (all, i) => all.structure(rates[i % rates.length] ?? 0))
const scalars = (count: number): string[] => cases(count, (all) => all.scalars())

function tally(texts: readonly string[]): { counts: Partial<Record<Outcome, number>>; wrong: string[] } {
  const answers = askDocuments(texts)
  const counts: Partial<Record<Outcome, number>> = {}
  const wrong: string[] = []
  for (const [i, text] of texts.entries()) {
    const outcome = compareDocument(text, answers[i] ?? {})
    counts[outcome] = (counts[outcome] ?? 0) + 1
    if (['differs', 'fast differs', 'we accept'].includes(outcome))
      wrong.push(`${outcome}: ${JSON.stringify(text)}`)
  }
  return { counts, wrong }
}

it(`reads ${runs} random documents as Go does (seed ${seed})`, () => {
  const { counts, wrong } = tally(structures(runs))
  console.log(counts)
  expect(wrong.slice(0, 10)).toEqual([])
  expect((counts.same ?? 0) + (counts['same, fast'] ?? 0)).toBeGreaterThan(runs / 5)
  expect(counts['same, fast'] ?? 0).toBeGreaterThan(runs / 20)
  expect(counts['we refuse'] ?? 0).toBeLessThan(runs / 10)
})

it(`reads ${runs} manifests with edits as Go does (seed ${seed})`, () => {
  const { counts, wrong } = tally(cases(runs, (all) => all.manifest()))
  console.log(counts)
  expect(wrong.slice(0, 10)).toEqual([])
  expect(counts['same, fast'] ?? 0).toBeGreaterThan(runs / 5)
  expect(counts['we refuse'] ?? 0).toBeLessThan(runs / 10)
})

it(`reads ${runs} random scalars as Go does (seed ${seed})`, () => {
  const { counts, wrong } = tally(scalars(runs))
  console.log(counts)
  expect(wrong.slice(0, 10)).toEqual([])
  expect((counts.same ?? 0) + (counts['same, fast'] ?? 0)).toBeGreaterThan(runs / 2)
  expect(counts['we refuse'] ?? 0).toBeLessThan(runs / 20)
})

it(`writes ${runs / 4} random values so that Go reads them back (seed ${seed})`, () => {
  const values = randomValues(seed, runs / 4)
  const answers = askDocuments(values.map((value) => writeYaml(value)))
  const wrong = values.filter((value, i) => {
    const { json } = answers[i] ?? {}
    return json === undefined || exactText(json) !== canonicalText(value)
  })
  expect(wrong.slice(0, 5)).toEqual([])
})

it.runIf(record)('records the answers that the unit tests replay', () => {
  const write = (name: string, lines: readonly string[]): void => {
    const path = fileURLToPath(new URL(`../data/yaml-reader/${name}.jsonl`, import.meta.url))
    writeFileSync(path, `${lines.join('\n')}\n`)
  }
  const documents = (texts: readonly string[]): string[] => {
    const answers = askDocuments(texts)
    return texts.map((text, i) => JSON.stringify([text, answers[i]?.json ?? null]))
  }
  write('scalars', documents([...new Set(scalars(4000))]))
  write('structures', documents([...new Set(structures(3500))]))
  write('manifests', documents(cases(500, (all) => all.manifest())))
  const answers = ask(
    streamCases.map(({ text }) => base64(text)),
    'stream',
  )
  write(
    'streams',
    streamCases.map(({ text, apart }, i) => {
      const answer = JSON.parse(answers[i] ?? '{}') as StreamAnswer
      return JSON.stringify({ text, ...answer, ...(apart !== undefined && { apart }) })
    }),
  )
})
