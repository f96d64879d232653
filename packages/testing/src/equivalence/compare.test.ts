import { message, policy } from '@gatewright/core'
import { javascriptEngine } from '@gatewright/evaluator'
import { networkPolicies, pods, workloads } from '@gatewright/kubernetes'
import { expect, it } from 'vitest'
import {
  type ComparedEngine,
  comparedEngines,
  compareEngines,
  comparisonReport,
  inProcess,
  opaEngine,
} from './index.js'

const privileged = policy({
  id: 'shop/privileged',
  title: 'Containers must not run privileged',
  severity: 'high',
  target: workloads,
  rule: ({ pod }) =>
    pod.allContainers
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({ message: message`container ${c.name}`, at: c.securityContext.privileged })),
})
const isolated = policy({
  id: 'shop/isolated',
  title: 'Pods are isolated',
  severity: 'high',
  target: pods,
  rule: ({ object, cluster }) =>
    cluster
      .list(networkPolicies)
      .inNamespaceOf(object)
      .filter((each) => each.spec.policyTypes.some((type) => type.is('Ingress')))
      .isEmpty()
      .deny({ message: 'nothing isolates it' }),
})
const known = comparedEngines.filter(({ name }) => name !== 'opa')

it('holds what is installed against the reference, and names what is not', () => {
  const [first, second] = compareEngines([privileged, isolated], { runs: 400, engines: known })
  const counts = (of: typeof first): unknown =>
    of?.engines.map(({ engine, compared, different, notCompared }) => [
      engine,
      compared > 50,
      different,
      notCompared,
    ])
  const rows = [
    ['javascript', true, 0, undefined],
    ['emitted', true, 0, undefined],
    ['wasm', true, 0, undefined],
    ['opa-wasm', true, 0, undefined],
    ['gator', false, 0, 'constraint templates are not compared yet'],
    ['cel', false, 0, 'policies in CEL are not compared yet'],
  ]
  expect(counts(first)).toEqual(rows)
  expect(counts(second)).toEqual(rows)
  for (const each of [first, second])
    for (const verdict of ['allowed', 'denied'] as const)
      expect(each?.verdicts[verdict] ?? 0).toBeGreaterThan(5)
  // what an incomplete inventory leaves open in one namespace, a module cannot be told
  const wasm = second?.engines.find(({ engine }) => engine === 'wasm')
  const untold = Object.values(wasm?.untold ?? {}).reduce((sum, each) => sum + each, 0)
  expect((wasm?.compared ?? 0) + untold).toBe(second?.questions)
})

/** JavaScript with a fault: it forgets what a condition says. */
const faulty = (
  spoil: (verdict: ReturnType<ReturnType<typeof javascriptEngine.prepare>['judge']>) => typeof verdict,
): ComparedEngine =>
  inProcess(
    {
      prepare: (of) => {
        const { judge } = javascriptEngine.prepare(of)
        return { judge: (...asked) => spoil(judge(...asked)) }
      },
    },
    'faulty',
  )

it('finds an engine with a fault, and the smallest object that shows it', () => {
  const forgets = faulty((verdict) =>
    verdict.violations.some(({ at }) => at.includes('initContainers'))
      ? { verdict: 'allowed', violations: [], reasons: [] }
      : verdict,
  )
  const [result] = compareEngines([privileged], { engines: [forgets] })
  const [row] = result?.engines ?? []
  expect(row?.different).toBeGreaterThan(0)
  expect(row?.difference).toMatchObject({ what: 'the verdicts differ', engine: { verdict: 'allowed' } })
  const text = JSON.stringify(row?.difference?.object)
  expect(text).toContain('"spec":{"initContainers":[{"securityContext":{"privileged":true}}]}}')
  expect(comparisonReport([result as NonNullable<typeof result>])).toContain('    the verdicts differ\n')
})

it.each([
  ['a message', 'the violations differ', (each: object) => ({ ...each, message: 'other' })],
  ['a place', 'the violations differ', (each: object) => ({ ...each, at: [] })],
  ['a detail', 'the violations differ', (each: object) => ({ ...each, details: { a: 1 } })],
  ['a severity', 'the severities or the fixes differ', (each: object) => ({ ...each, severity: 'low' })],
])('finds %s that is different', (_, what, spoil) => {
  const engine = faulty((verdict) => ({
    ...verdict,
    violations: verdict.violations.map((each) => spoil(each) as typeof each),
  }))
  const [result] = compareEngines([privileged], { engines: [engine] })
  expect(result?.engines[0]?.difference?.what).toBe(what)
})

it('finds an engine that gives no answer, or a reason less', () => {
  const silent: ComparedEngine = { name: 'silent', absent: () => undefined, prepare: () => () => [] }
  const mute = faulty((verdict) => ({ ...verdict, reasons: [] }))
  const [result] = compareEngines([privileged], { engines: [silent, mute] })
  expect(result?.engines[0]?.difference?.what).toBe('there is no decision')
  expect(result?.engines[1]?.difference?.what).toMatch(/misfits|reason/)
})

it('says why an engine was not asked, and what a comparison does not show', () => {
  const refuses: ComparedEngine = {
    name: 'refuses',
    absent: () => undefined,
    prepare: () => ({ refused: 'it cannot say this' }),
  }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } }
  const services = policy({
    id: 'shop/odd',
    title: 'Odd',
    severity: 'low',
    target: workloads.on('DELETE'),
    rule: ({ pod }) => pod.hostPID.is(true).deny({ message: 'no', at: pod.hostPID }),
  })
  const compared = compareEngines([services], {
    runs: 0,
    objects: [{ object: service }],
    engines: [refuses, opaEngine('/nowhere/opa'), ...known.slice(0, 1)],
  })
  const text = comparisonReport(compared)
  expect(text).toContain('refuses     not compared: it cannot say this')
  expect(text).toContain('opa         not compared: `/nowhere/opa` does not run')
  expect(text).toContain('warning: every question was not-applicable, which shows nothing')
  const several = comparisonReport([...compared, ...compared])
  expect(several).not.toContain('refuses     ')
  expect(several.match(/^refuses: not compared: it cannot say this$/gm)).toHaveLength(1)
})

it('says that no question was allowed', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }
  const strict = policy({
    id: 'shop/strict',
    title: 'Strict',
    severity: 'low',
    target: workloads,
    rule: ({ object }) => object.kind.exists().deny({ message: 'no', at: object }),
  })
  const objects = [{ object: pod }, { object: { ...pod, kind: 'Service' } }]
  const compared = compareEngines([strict], { runs: 0, objects, engines: [...known.slice(0, 1)] })
  expect(comparisonReport(compared)).toContain(
    'warning: no question was allowed; ask about manifests of yours',
  )
})
