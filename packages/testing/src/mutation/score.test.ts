import { type Json, message, policy } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { workloads } from '@gatewright/kubernetes'
import { expect, it } from 'vitest'
import { type MutationOperator, mutationJson, mutationReport, mutationScore, survivors } from './index.js'

const privileged = policy({
  id: 'test/privileged',
  title: 'Containers must not run privileged',
  severity: 'high',
  target: workloads,
  rule: ({ pod }) =>
    pod.allContainers
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({ message: message`${c.name}`, at: c.securityContext.privileged })),
})

const pod = (isPrivileged: boolean): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', securityContext: { privileged: isPrivileged } }] },
})
const cases = [{ object: pod(true) }, { object: pod(false) }]

it('finds what tests leave open, and an object that shows it', () => {
  const left = survivors(privileged, cases)
  expect(left.map(({ mutant }) => mutant.change)).toContain(
    'the list `template.spec.initContainers` is forgotten',
  )
  const forgotten = left.find(({ mutant }) => mutant.change.includes('initContainers'))
  expect(forgotten?.witness?.object).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { initContainers: [{ securityContext: { privileged: true } }] },
  })
  expect(forgotten?.witness?.original.verdict).toBe('denied')
  expect(forgotten?.witness?.mutant.verdict).toBe('allowed')
})

it('kills by what a case expects, not by more', () => {
  const expected = [{ object: pod(true), expected: { verdict: 'denied' as const } }]
  const strict = mutationScore(privileged, cases, { budget: 0 })
  expect(mutationScore(privileged, expected, { budget: 0 }).killed).toBeLessThan(strict.killed)
  const places = ['spec.containers[0].securityContext.privileged']
  const placed = [{ object: pod(true), expected: { verdict: 'denied' as const, codes: ['1'], places } }]
  expect(mutationScore(privileged, placed, { budget: 0 }).killed).toBeGreaterThan(0)
})

it('takes assertions of one’s own, and objects to look for witnesses from', () => {
  const result = mutationScore(
    privileged,
    (of) => {
      expect(evaluate([of], pod(true)).judgements[0]?.verdict.verdict).toBe('denied')
    },
    { objects: [{ object: pod(true) }] },
  )
  expect(result.killed).toBeGreaterThan(2)
  const open = result.mutants.filter(({ killed, witness }) => !killed && witness !== undefined)
  expect(open.length).toBeGreaterThan(2)
})

it('finds witnesses for a suite that shows no object', () => {
  const left = survivors(privileged, () => undefined)
  expect(left.filter(({ witness }) => witness === undefined).map(({ mutant }) => mutant.operator)).toEqual([])
})

it('refuses a suite that the policy itself does not pass, or that is not done when it returns', () => {
  const wrong = [{ name: 'wrong', object: pod(true), expected: { verdict: 'allowed' as const } }]
  expect(() => mutationScore(privileged, wrong)).toThrow(/does not pass its own suite.*wrong/)
  expect(() => mutationScore(privileged, async () => {})).toThrow(/asynchronous/)
})

it('reports in words and as JSON, the same each time', () => {
  const [first, second] = [1, 2].map(() => mutationScore(privileged, cases))
  const root = new URL('.', import.meta.url).pathname
  const text = mutationReport(first as never, { root })
  expect(text).toBe(mutationReport(second as never, { root }))
  expect(text).toMatch(/^test\/privileged: \d+ of \d+ mutants killed \(\d/)
  expect(text).toContain('survived: forget-list-')
  expect(text).toMatch(/ score\.test\.ts:14:\d+\n/)
  expect(JSON.parse(JSON.stringify(mutationJson(first as never)))).toMatchObject({
    policy: 'test/privileged',
  })
})

it('refuses a suite that passes once, which would kill every mutant', () => {
  let runs = 0
  const once = (): void => {
    runs++
    if (runs > 1) throw new Error('it was there before')
  }
  expect(() => mutationScore(privileged, once, { budget: 0 })).toThrow(
    'passes once and then no more, so that it kills every mutant: it was there before',
  )
})

it('refuses a suite that gives something to wait for', () => {
  const later = { then: (done: () => void) => done() }
  expect(() => mutationScore(privileged, () => later, { budget: 0 })).toThrow('the suite is asynchronous')
})

it('tells one text of two lines from two texts', () => {
  const expected = { verdict: 'denied' as const, messages: ['c\nd'] }
  const two = { apiVersion: 'v1', kind: 'Pod', spec: { containers: ['c', 'd'].map(named) } }
  expect(() => mutationScore(privileged, [{ object: two, expected }])).toThrow('does not pass its own suite')
})
const named = (name: string): Json => ({ name, securityContext: { privileged: true } })

it('refuses what nobody would look at', () => {
  const score = (expected: object, operators?: readonly string[]) => () =>
    mutationScore(privileged, [{ object: pod(true), expected: { verdict: 'denied', ...expected } }], {
      budget: 0,
      ...(operators !== undefined && { operators: operators as readonly MutationOperator[] }),
    })
  expect(score({ message: ['c'] })).toThrow('has no `message`; did you mean `messages`?')
  expect(score({ violation: { mesage: 'c' } })).toThrow('has no `mesage`; did you mean `message`?')
  expect(score({}, ['drop-rules'])).toThrow('there is no operator `drop-rules`; did you mean `drop-rule`?')
  expect(score({}, [])).toThrow('nothing to score')
})
