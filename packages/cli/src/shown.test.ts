import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cluster, type Policy, policy } from '@gatewright/core'
import { anyObject, pods, secrets } from '@gatewright/kubernetes'
import { privilegedContainers } from '@gatewright/pod-security'
import {
  githubReport,
  jsonReport,
  junitReport,
  type Report,
  sarifReport,
  textReport,
} from '@gatewright/reports'
import { afterAll, describe, expect, it } from 'vitest'
import { scan } from './scan.js'

const folder = mkdtempSync(join(tmpdir(), 'gatewright-shown-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** It finds something at every field that a Secret has. */
const everywhere = policy({
  id: 'test/everywhere',
  title: 'Nothing is right',
  severity: 'low',
  target: anyObject,
  rule: ({ object }) => [
    object.metadata.labels.get('team').missing().deny({ message: 'no team', at: object.metadata.labels }),
    object.metadata.name.exists().deny({ message: 'a name', at: object.metadata.name }),
    object.metadata.annotations
      .get('kubectl.kubernetes.io/last-applied-configuration')
      .exists()
      .deny({
        message: 'applied',
        at: object.metadata.annotations.get('kubectl.kubernetes.io/last-applied-configuration'),
      }),
    object.kind.is('Secret').deny({ message: 'a secret', code: 'secret', at: object.kind }),
  ],
})

/** It goes through the Secrets beside the Pod that it judges. */
const beside = policy({
  id: 'test/beside',
  title: 'A Pod has no Secrets beside it',
  severity: 'low',
  target: pods,
  rule: ({ object }) =>
    cluster
      .list(secrets)
      .some((each) => each.metadata.name.exists())
      .deny({ message: 'a secret is near', at: object }),
})

function scanned(
  name: string,
  text: string,
  policies: readonly Policy[] = [everywhere, privilegedContainers],
): Report {
  writeFileSync(join(folder, name), text)
  return scan({
    paths: [name],
    directory: folder,
    policies,
    parameters: {},
    inventoryComplete: false,
    today: '2026-06-15',
    toolVersion: '0',
    explain: true,
  })
}

const formats = [textReport, jsonReport, sarifReport, junitReport, githubReport] as const
const canary = 'c4n4ry-s3cr3t'
const encoded = Buffer.from(canary).toString('base64')

describe('I8: what a Secret holds is in no report', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ stringData: { a: canary } }),
      },
    },
    stringData: { password: canary, key: `-----BEGIN\n${canary}\n` },
    data: { password: encoded },
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', securityContext: { privileged: true } }] },
  }
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { operation: 'UPDATE', object: secret, oldObject: secret },
  }
  const list = { apiVersion: 'v1', kind: 'List', items: [pod, secret, pod] }
  const flow = (value: object): string => JSON.stringify(value)
  it.each([
    ['in a line of JSON', 'a.json', flow(secret)],
    ['beside another object in the line', 'a.json', flow(secret) + flow(pod) + flow(secret)],
    ['in a list', 'a.json', flow(list)],
    ['in an admission review', 'a.json', flow(review)],
    ['in JSON over several lines', 'a.json', JSON.stringify(list, null, 1)],
    ['in flow style', 'a.yaml', `# yaml\n${flow(list)}\n`],
    [
      'in block style',
      'a.yaml',
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: |\n    ${canary}\n  b: ${canary}\n  c: >-\n    x\n    ${canary}\n`,
    ],
  ])('%s', (_, name, text) => {
    const report = scanned(name, text)
    expect(report.findings.length).toBeGreaterThan(1)
    for (const format of formats) {
      expect(format(report)).not.toContain(canary)
      expect(format(report)).not.toContain(encoded)
    }
  })

  it('nor in the explanation of a policy that looks Secrets up', () => {
    const report = scanned('a.json', flow(list), [beside])
    expect(report.findings.map(({ explanation }) => explanation)).toEqual([
      'not explained: an explanation would show what a Secret holds',
      'not explained: an explanation would show what a Secret holds',
    ])
    for (const format of formats) {
      expect(format(report)).not.toContain(canary)
      expect(format(report)).not.toContain(encoded)
    }
  })

  it('nor in what is said of 200 Secrets that cannot be read', () => {
    const lines = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  a: ${canary}\n  b: "${canary}"\n  c: |\n    ${canary}\ndata:\n  d: ${encoded}\n`
    const spoilt = [
      '[',
      '{',
      '"',
      "'",
      '&',
      '*',
      '!',
      '%',
      '@',
      '`',
      '|',
      '\t',
      ': ',
      '---',
      '<<: ',
      '\u0085',
    ]
    let told = 0
    for (let i = 0; told < 200; i++) {
      const at = (i * 7) % lines.length
      const text = lines.slice(0, at) + (spoilt[i % spoilt.length] ?? '') + lines.slice(at)
      const report = scanned('a.yaml', text)
      if (report.problems.length === 0) continue
      told++
      for (const format of formats) {
        const shown = format(report)
        expect(shown.includes(canary) || shown.includes(encoded), text).toBe(false)
      }
    }
  })
})

it('thousands of findings in one line of JSON make a report of some size', () => {
  const containers = Array.from({ length: 3000 }, (_, i) => ({
    name: `c${i}`,
    securityContext: { privileged: true },
  }))
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers },
  })
  const report = scanned('a.json', text)
  expect(report.findings.length).toBe(3002)
  for (const format of formats) expect(format(report).length).toBeLessThan(8_000_000)
})

describe('what a suppressed finding stands beside is told', () => {
  const spec = `spec:\n  containers:\n    - name: c # gatewright:ignore ${privilegedContainers.id} reason="known"\n      securityContext: {privileged: true}\n    - name: d\n      securityContext: {privileged: "true"}\n`
  const report = scanned(
    'a.yaml',
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {team: a}}\n${spec}`,
  )
  it('in the report', () => {
    expect(report.suppressed.length).toBe(1)
    expect(report.unjudged).toMatchObject([{ verdict: 'invalid', location: { line: expect.any(String) } }])
    expect(textReport(report)).toContain('invalid')
    expect(textReport(report)).not.toContain('no findings')
  })
  it('in JUnit, whose sums are those of its cases', () => {
    expect(junitReport(report)).toContain('<error type="invalid"')
    expect(junitReport(report)).toMatch(/<testsuites name="gatewright" tests="2" failures="1" errors="1"/)
  })
})

it('every report of a run says what was skipped, and that nothing was judged', () => {
  const report = scan({
    paths: ['no-such-file.yaml'],
    directory: folder,
    policies: [everywhere],
    parameters: {},
    inventoryComplete: false,
    today: '2026-06-15',
    toolVersion: '0',
    explain: false,
  })
  for (const format of formats) expect(format(report)).toContain('no-such-file.yaml')
  for (const format of [textReport, sarifReport, githubReport])
    expect(format(report)).toContain('nothing was evaluated')
})

it('L10: a misspelt field does not drown in others that no cluster knows', () => {
  const others = Array.from({ length: 5000 }, (_, i) => `  zzzzzzzz${i}: 1\n`).join('')
  const report = scanned('a.yaml', `apiVersion: v1\nkind: Pod\nspec:\n${others}  hostnetwork: true\n`)
  expect(report.problems.length).toBe(21)
  expect(report.problems[0]).toMatchObject({ code: 'unknown-field', help: 'did you mean `hostNetwork`?' })
  expect(report.problems.at(-1)?.message).toBe('no cluster knows 4981 more of its fields')
})

it('20,000 objects in one file are read and reported in seconds', { timeout: 20_000 }, () => {
  const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {team: a}}\n'
  const report = scanned('a.yaml', `${object}---\n`.repeat(20_000))
  expect(report.ledger.totals.evaluated).toBe(20_000)
  expect(junitReport(report)).toContain('tests="40000"')
})
