import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { policy } from '@gatewright/core'
import { anyObject } from '@gatewright/kubernetes'
import { privilegedContainers } from '@gatewright/pod-security'
import { jsonReport, type Report } from '@gatewright/reports'
import { afterAll, describe, expect, it } from 'vitest'
import { Suppressions } from './exceptions.js'
import { scan } from './scan.js'

const folder = mkdtempSync(join(tmpdir(), 'gatewright-suppressions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { id } = privilegedContainers

const options = {
  paths: ['a.yaml'],
  directory: folder,
  policies: [privilegedContainers],
  parameters: {},
  inventoryComplete: false,
  today: '2026-06-15',
  toolVersion: '0',
  explain: false,
}

function scanned(text: string): Report {
  writeFileSync(join(folder, 'a.yaml'), text)
  return scan(options)
}

/** The containers that are found, and how many findings are suppressed. */
const told = ({ findings, suppressed }: Report) => ({
  found: findings.map(({ violation }) => violation.message.split(' ')[1]),
  suppressed: suppressed.length,
})

const pod = (spec: string, annotations = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n${annotations}spec:\n  containers:\n${spec}`

describe('a suppression in a comment', () => {
  it('is for its container alone, whatever an annotation says', () => {
    // the annotation is what the comment is called in the report, file and line
    for (const annotation of [':8', ' :8', 'a.yaml:8', '8']) {
      const spec = `    - name: c # gatewright:ignore ${id} reason="known"\n      securityContext: {privileged: true}\n    - name: d\n      securityContext: {privileged: true}\n`
      const report = scanned(pod(spec, `  annotations: {gatewright.dev/ignore: "${annotation}"}\n`))
      expect(told(report)).toEqual({ found: ['d'], suppressed: 1 })
      expect(report.suppressionProblems.map(({ code }) => code)).toEqual(['unreadable'])
    }
  })

  it.each([
    ['above a blank line', `      # gatewright:ignore ${id} reason="x"\n\n`, ''],
    ['at the end', '', `# gatewright:ignore ${id} reason="x"\n`],
    ['below', '', `      # gatewright:ignore ${id} reason="x"\n`],
  ])('that stands at no field suppresses nothing, and is told: %s', (_, before, after) => {
    const report = scanned(
      pod(`    - name: c\n${before}      securityContext:\n        privileged: true\n${after}`),
    )
    expect(told(report)).toEqual({ found: ['c'], suppressed: 0 })
    expect(report.suppressionProblems).toMatchObject([{ code: 'unused' }])
  })

  it.each([
    ['above the document', `# gatewright:ignore ${id} reason="x"\n`],
    ['above the first separator', `# gatewright:ignore ${id} reason="x"\n---\n`],
  ])('is not for all of an object: %s', (_, before) => {
    const report = scanned(before + pod('    - name: c\n      securityContext:\n        privileged: true\n'))
    expect(told(report)).toEqual({ found: ['c'], suppressed: 0 })
  })

  it('is no comment inside a text', () => {
    const comment = `# gatewright:ignore ${id} reason=x`
    const texts = [
      `    - command:\n        - |\n          ${comment}\n      securityContext: {privileged: true}\n      name: c\n`,
      `    - name: 'c\n        ${comment}\n        '\n      securityContext: {privileged: true}\n`,
      `    - name: c\n      securityContext: {privileged: true, x: "${comment}"}\n`,
    ]
    for (const text of texts) {
      const { suppressed, ledger } = scanned(pod(text))
      expect(suppressed).toEqual([])
      expect(ledger.totals.violations + ledger.totals.unreadable).toBe(1)
    }
  })

  it.each([
    ['gatewright:ignorepod-security/privileged-containers reason="x"', 'is no policy id'],
    [`gatewright:ignore ${id} reason="x" reason="y"`, 'is written twice'],
    [`gatewright:ignore ${id} until=2020-01-01 reason="y" until=2030-01-01`, 'is written twice'],
    [`gatewright:ignore ${id} reason="x"until=2030-01-01`, 'is not read'],
    [`gatewright:ignore ${id} reason="x", and more`, 'is not read'],
    [`gatewright:ignore ${id} ${id} reason="x"`, 'is not read'],
    [`gatewright:ignore ${id} reason="x" Reason="y"`, 'is not read'],
    [`gatewright:ignore ${id} reason=" "`, 'has no reason'],
  ])('that is not quite one suppresses nothing, and is told: %s', (comment, says) => {
    const report = scanned(pod(`    - name: c # ${comment}\n      securityContext: {privileged: true}\n`))
    expect(told(report)).toEqual({ found: ['c'], suppressed: 0 })
    expect(report.suppressionProblems[0]?.message).toContain(says)
  })
})

it('an annotation is for its object alone, and told where it comes to nothing', () => {
  const annotated = `  annotations: {gatewright.dev/ignore: '${id} reason="known"'}\n`
  const container = '    - name: c\n      securityContext: {privileged: true}\n'
  const harmless = '    - name: c\n'
  const report = scanned([pod(container, annotated), pod(container), pod(harmless, annotated)].join('---\n'))
  expect(told(report)).toEqual({ found: ['c'], suppressed: 1 })
  expect(report.suppressionProblems.map(({ code }) => code)).toEqual(['unused'])
})

it('an exception for a namespace is not for objects of the cluster that name it', () => {
  const named = policy({
    id: 'test/named',
    title: 'Nothing has a name',
    severity: 'low',
    target: anyObject,
    rule: ({ object }) => object.metadata.name.exists().deny({ message: 'it has a name' }),
  })
  const metadata = 'metadata: {name: a, namespace: kube-system}\n'
  const of = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\n${metadata}`
  writeFileSync(
    join(folder, 'a.yaml'),
    [of('v1', 'PersistentVolume'), of('v1', 'ConfigMap'), of('v1', 'Namespace')].join('---\n'),
  )
  const exceptions = join(folder, 'exceptions.yaml')
  writeFileSync(exceptions, 'exceptions:\n  - {policy: test/named, namespace: kube-system, reason: known}\n')
  const report = scan({ ...options, policies: [named], exceptions })
  expect(report.suppressed.map(({ finding }) => finding.object)).toEqual(['ConfigMap kube-system/a'])
  expect(report.findings.map(({ object }) => object)).toEqual(['PersistentVolume a', 'Namespace a'])
})

it('reports say where the word stands that suppresses, and whether in what is judged', () => {
  const commented = `    - name: c # gatewright:ignore ${id} reason="known"\n      securityContext: {privileged: true}\n`
  const plain = '    - name: d\n      securityContext: {privileged: true}\n'
  writeFileSync(join(folder, 'a.yaml'), pod(commented + plain))
  const exceptions = join(folder, 'exceptions.yaml')
  writeFileSync(exceptions, `exceptions:\n  - {policy: ${id}, name: a, reason: known}\n`)
  const report = scan({ ...options, exceptions })
  expect(report.suppressed).toMatchObject([
    { origin: 'a.yaml:7', inSource: true },
    { origin: 'exceptions.yaml, entry 1', inSource: false },
  ])
  expect(jsonReport(report)).toContain('"origin":"a.yaml:7"')
})

it('20,000 comments are searched in seconds', { timeout: 10_000 }, () => {
  const labels = Array.from({ length: 20_000 }, (_, i) => `    k${i}: v # gatewright:ignore x y${i}\n`)
  const report = scanned(pod('    - name: c\n', `  labels:\n${labels.join('')}`))
  expect(report.suppressionProblems.length).toBe(20_000)
})

it.each([
  ['a second document', 'exceptions: []\n---\nexceptions: []\n', 'has 2 documents'],
  ['a second list', 'exceptions: []\nexception: []\n', 'has `exception`'],
  ['no list', 'exceptions: {}\n', 'has no list'],
  ['a list alone', '- {}\n', 'has no list'],
  ['nothing', '', 'has no list'],
])('an exceptions file with %s is refused', (_, text, says) => {
  const path = join(folder, 'exceptions.yaml')
  writeFileSync(path, text)
  expect(() => new Suppressions('2026-06-15').readFile(path)).toThrow(says)
})
