import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { allOf, type Policy, policy, target } from '@gatewright/core'
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  type ConditionCoverage,
  conditionCoverage,
  coverageHtml,
  coverageJson,
  coverageLcov,
  coverageReport,
} from './index.js'

const root = fileURLToPath(new URL('.', import.meta.url))
const own = fileURLToPath(import.meta.url)

const sheets: Policy = policy({
  id: 'test/sheets',
  title: 'Sheets must be right',
  severity: 'low',
  target: target('sheet', z.object({ name: z.string().optional(), count: z.number().optional() })),
  rule: ({ input }) => [
    allOf(input.name.is('<b>'), input.count.is(1)).deny({ message: 'no' }),
    input.count.gt(5).ifMissing(false).deny({ message: 'too many' }),
  ],
})
const cases = [{ object: { name: '<b>', count: 1 } }, { object: { name: 'x', count: 1 } }]
const bare = conditionCoverage(sheets, cases)
const gt = bare.conditions.find(({ text }) => text.includes('gt(5)'))?.id as string
const result = conditionCoverage(sheets, cases, { explained: { [gt]: 'nobody has <more>' } })
const lineOf = (text: string): number =>
  bare.conditions.find((each) => each.text.includes(text))?.source?.line as number

it('reports for a terminal', () => {
  const text = coverageReport(result, { root })
    .replaceAll(/condition-[0-9a-z]{7}/g, 'condition-0')
    .replaceAll(/ts:\d+:\d+/g, 'ts:0:0')
  expect(text).toBe(`test/sheets: 1 of 2 conditions covered (50 %), 1 explained

covered: condition-0 reports.test.ts:0:0
  input.name.is('<b>')

missed: condition-0 reports.test.ts:0:0
  input.count.is(1)
  never false

explained: condition-0 reports.test.ts:0:0
  input.count.gt(5).ifMissing(false)
  never true
  because nobody has <more>
`)
  expect(coverageReport([result, result]).match(/^test/gm)).toHaveLength(2)
})

it('counts what packages bring in, and prints no more of it', () => {
  const elsewhere = conditionCoverage(sheets, cases, { isOwn: ({ line }) => line !== lineOf('gt(5)') })
  const text = coverageReport(elsewhere, { root })
  expect(text).toMatch(/\n\nexplained: 1 condition is written in a package, and tested there\n$/)
  expect(text).not.toContain('gt(5)')
  const all = coverageReport(conditionCoverage(sheets, cases, { isOwn: () => false }))
  expect(all).toMatch(/\n\nexplained: 2 conditions are written in packages, and tested there\n$/)
  expect(all).toContain("input.name.is('<b>')")
})

it('reports as JSON', () => {
  const [first] = coverageJson(result, { root }) as unknown as readonly ConditionCoverage[]
  expect(first).toMatchObject({ policy: 'test/sheets', score: 0.5, covered: 1, missed: 1, explained: 1 })
  expect(first?.conditions[2]).toEqual({
    id: gt,
    text: 'input.count.gt(5).ifMissing(false)',
    status: 'explained',
    explanation: 'nobody has <more>',
    source: { file: 'reports.test.ts', line: lineOf('gt(5)'), column: expect.any(Number) },
    shown: { false: 'case 1', 'decides-when-false': 'case 1' },
    missing: ['true', 'decides-when-true'],
  })
  expect(JSON.parse(JSON.stringify(coverageJson(result)))).toEqual(coverageJson(result))
})

it('reports as lcov, without what is explained', () => {
  const [first, second] = [lineOf('name'), lineOf('gt(5)')]
  expect(coverageLcov(result, { root }).trimEnd().split('\n')).toEqual([
    'TN:',
    'SF:reports.test.ts',
    `BRDA:${first},0,0,1`,
    `BRDA:${first},0,1,1`,
    `BRDA:${first},0,2,1`,
    `BRDA:${first},0,3,1`,
    `BRDA:${first},1,0,1`,
    `BRDA:${first},1,1,0`,
    `BRDA:${first},1,2,1`,
    `BRDA:${first},1,3,0`,
    `BRDA:${second},0,1,1`,
    `BRDA:${second},0,3,1`,
    'BRF:10',
    'BRH:8',
    `DA:${first},1`,
    `DA:${second},1`,
    'LF:2',
    'LH:2',
    'end_of_record',
  ])
  expect(coverageLcov(conditionCoverage(sheets, [{ object: { name: 'x' } }]), { root })).toContain(
    `BRDA:${first},1,0,-`,
  )
  const placeless = {
    ...result,
    conditions: result.conditions.map((each) => ({ ...each, source: undefined })),
  }
  expect(() => coverageLcov(placeless)).toThrow('is not known, so that it has no line')
  expect(coverageHtml(placeless)).toContain('input.count.is(1)')
})

it('reports as HTML, escaped, with the source where it can be read', () => {
  const html = coverageHtml(result, { root })
  expect(html).not.toContain('<b>')
  expect(html).not.toMatch(/<script|onclick|<link|<img/)
  expect(html).toContain('test/sheets: 1 of 2 conditions covered')
  expect(html).toContain('because nobody has &lt;more&gt;')
  expect(html).toContain('allOf(input.name.is(&#39;&lt;b&gt;&#39;), input.count.is(1)).deny(')
  const [, style = ''] = /<style>([^]*)<\/style>/.exec(html) ?? []
  expect(html).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
  // every place that is linked to is there
  const targets = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
  expect(links.length).toBeGreaterThan(3)
  for (const link of links) expect(targets).toContain(link)
  expect(targets.size).toBe([...html.matchAll(/ id="/g)].length)
  const elsewhere = {
    ...result,
    conditions: result.conditions.map((each) => ({
      ...each,
      source: { file: `${own}.gone`, line: 1, column: 1 },
    })),
  }
  expect(coverageHtml(elsewhere)).toContain('The file cannot be read')
})

it('says of a policy without conditions that all are covered', () => {
  const none = policy({
    id: 'test/none',
    title: 'Nothing',
    severity: 'low',
    target: target('sheet', z.object({ tags: z.array(z.string()) })),
    rule: ({ input }) => input.tags.deny((tag) => ({ message: 'no', at: tag })),
  })
  const covered = conditionCoverage(none, [{ object: { tags: [] } }])
  expect(coverageReport(covered)).toBe('test/none: 0 of 0 conditions covered (100 %)\n')
  expect(coverageLcov(covered)).toBe('')
  expect(coverageHtml(covered)).toContain('test/none')
})
