import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Policy, policy, remove, target } from '@gatewright/core'
import { namespaces, workloads } from '@gatewright/kubernetes'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { inventory } from '../inventory.js'
import { denies, fixesTo, hasVerdict, isEquivalent } from '../matchers.js'
import { conditionCoverage } from '../coverage/index.js'
import { mutationScore } from '../mutation/index.js'
import { pod, service } from '../objects.js'
import { readRecords } from './index.js'
import { recordQuestions } from './record.js'

const privileged = (title = 'Not privileged'): Policy =>
  policy({
    id: 'test/privileged',
    title,
    severity: 'high',
    target: workloads,
    parameters: z.object({ exempt: z.array(z.string()).default([]) }),
    rule: ({ pod: { allContainers }, parameters }) =>
      allContainers
        .filter((c) => c.name.notIn(parameters.exempt))
        .filter((c) => c.securityContext.privileged.is(true))
        .deny((c) => ({ message: 'no', at: c.securityContext.privileged })),
  })

const risky = pod({ spec: { containers: [{ name: 'app', securityContext: { privileged: true } }] } })

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-record-'))
  vi.stubEnv('GATEWRIGHT_RECORD', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})
recordQuestions(() => 'the test')

const fileIn = (): string => join(folder, readdirSync(folder)[0] ?? '')

describe('what is recorded', () => {
  it('is each question with what was asserted of it, once', () => {
    const of = privileged()
    for (let twice = 0; twice < 2; twice++) {
      denies(of, risky, { at: 'spec.containers[0].securityContext.privileged', message: /^n/i, count: 1 })
      hasVerdict(of, pod(), 'allowed')
      hasVerdict(of, risky, 'allowed', { parameters: { exempt: ['app'] } })
    }
    const [recorded, ...others] = readRecords(folder)
    expect(others).toEqual([])
    expect(recorded?.policy.id).toBe('test/privileged')
    expect(recorded?.policy.source).toEqual(of.source)
    expect(recorded?.suite).toEqual([
      {
        name: 'the test',
        object: risky,
        parameters: { exempt: [] },
        expected: {
          verdict: 'denied',
          violation: { at: 'spec.containers[0].securityContext.privileged', message: /^n/i, count: 1 },
        },
      },
      { name: 'the test', object: pod(), parameters: { exempt: [] }, expected: { verdict: 'allowed' } },
      { name: 'the test', object: risky, parameters: { exempt: ['app'] }, expected: { verdict: 'allowed' } },
    ])
    if (recorded === undefined) return
    expect(conditionCoverage(recorded.policy, recorded.suite).score).toBe(1)
    expect(mutationScore(recorded.policy, recorded.suite, { budget: 0 })).toEqual(
      expect.objectContaining({ score: mutationScore(of, recorded.suite, { budget: 0 }).score }),
    )
  })

  it('is nothing that fails, nor what is off', () => {
    expect(hasVerdict(privileged(), risky, 'allowed').pass).toBe(false)
    expect(denies(privileged(), risky, { code: 'other' }).pass).toBe(false)
    vi.stubEnv('GATEWRIGHT_RECORD', '')
    hasVerdict(privileged(), pod(), 'allowed')
    expect(readRecords(folder)).toEqual([])
  })

  it('is the policy itself, not its mutants', () => {
    const of = privileged()
    const suite = (asked: Policy): void => {
      if (!denies(asked, risky).pass) throw new Error('it is not denied')
    }
    mutationScore(of, suite, { budget: 0 })
    expect(readRecords(folder).map(({ suite }) => suite.length)).toEqual([1])
  })

  it('is all of the verdict where two policies have to say the same', () => {
    isEquivalent(privileged(), privileged('Another'), [risky, pod()])
    const recorded = readRecords(folder)
    expect(recorded).toHaveLength(2)
    for (const { suite } of recorded) {
      expect(suite).toHaveLength(2)
      for (const each of suite) expect(each).not.toHaveProperty('expected')
    }
  })

  it('is nothing where a policy has to say the same as itself', () => {
    const of = privileged()
    expect(isEquivalent(of, of.with({ exempt: [] } as never), [risky, pod()]).pass).toBe(true)
    expect(readRecords(folder)).toEqual([])
  })

  it('tells what was asked of `with` and of a match, and the other objects', () => {
    const of = privileged()
    hasVerdict(of.with({ exempt: ['app'] } as never), risky, 'allowed')
    hasVerdict(of, risky, 'not-applicable', { match: { kinds: [{ apiGroups: [''], kinds: ['Service'] }] } })
    hasVerdict(of, service(), 'not-applicable')
    const [recorded] = readRecords(folder)
    expect(recorded?.leftOut).toBe(1)
    expect(recorded?.suite.map(({ parameters }) => parameters)).toEqual([{ exempt: ['app'] }, { exempt: [] }])
  })

  it('is the inventory as far as the policy looks things up', () => {
    const known = policy({
      id: 'test/known',
      title: 'Namespaces must be known',
      severity: 'low',
      target: workloads,
      rule: ({ object, cluster }) =>
        cluster
          .list(namespaces)
          .some((each) => each.metadata.name.sameAs(object.metadata.namespace))
          .deny({ message: 'no' }),
    })
    const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
    const object = pod({ metadata: { namespace: 'shop' } })
    denies(known, object, { inventory: inventory([shop, pod()], { complete: true }) })
    hasVerdict(known, object, 'undetermined', { inventory: inventory([], { complete: false }) })
    hasVerdict(known, object, 'undetermined')
    const [recorded] = readRecords(folder)
    if (recorded === undefined) throw new Error('nothing was recorded')
    expect(recorded.suite).toHaveLength(3)
    expect(recorded.suite[0]?.inventory?.list({ group: '', version: 'v1', kind: 'Namespace' })).toEqual({
      items: [shop],
      complete: true,
    })
    // each case still passes
    expect(conditionCoverage(recorded.policy, recorded.suite).conditions).toHaveLength(1)
  })

  it('is the verdict alone where fixes are asked for', () => {
    const fixable = policy({
      id: 'test/fixable',
      title: 'No host processes',
      severity: 'low',
      target: workloads,
      rule: ({ pod: { hostPID } }) =>
        hostPID.is(true).deny({ message: 'no', at: hostPID, fix: remove(hostPID) }),
    })
    const fixed = fixesTo(fixable, pod({ spec: { hostPID: true } }), pod())
    expect(fixed.pass).toBe(true)
    expect(readRecords(folder)[0]?.suite.map(({ expected }) => expected)).toEqual([{ verdict: 'denied' }])
  })
})

describe('what is read', () => {
  it('is nothing where nothing was recorded to', () => {
    expect(() => readRecords(join(folder, 'none'))).toThrow('run the tests with GATEWRIGHT_RECORD set')
  })

  it('takes policies with the same id and another IR for two', () => {
    hasVerdict(privileged(), pod(), 'allowed')
    const first = fileIn()
    writeFileSync(join(folder, 'other.jsonl'), readFileSync(first, 'utf8'))
    expect(readRecords(folder)).toHaveLength(1)
    hasVerdict(privileged('Another'), risky, 'denied')
    const recorded = readRecords(folder)
    expect(recorded.map(({ policy: { id } }) => id)).toEqual(['test/privileged', 'test/privileged'])
    expect(new Set(recorded.map(({ digest }) => digest)).size).toBe(2)
    expect(recorded.map(({ suite }) => suite.length)).toEqual([1, 1])
  })

  it('keeps every digit of numbers', () => {
    const of = policy({
      id: 'test/replicas',
      title: 'Few replicas',
      severity: 'low',
      target: target('sheet', z.object({ rows: z.number() })),
      rule: ({ input }) => input.rows.gt(9007199254740992).deny({ message: 'too many', at: input.rows }),
    })
    denies(of, { rows: 9007199254740993n })
    hasVerdict(of, { rows: 9007199254740992 }, 'allowed')
    const [recorded] = readRecords(folder)
    expect(recorded?.suite.map(({ object }) => object)).toEqual([
      { rows: 9007199254740993n },
      { rows: 9007199254740992n },
    ])
  })

  it('checks parameters by their schema', () => {
    hasVerdict(privileged(), pod(), 'allowed')
    const [recorded] = readRecords(folder)
    expect(() =>
      conditionCoverage(recorded?.policy as Policy, [
        { object: pod(), parameters: { exempt: 7 }, expected: { verdict: 'allowed' } },
      ]),
    ).toThrow('does not pass its own suite')
  })

  const broken: Readonly<Record<string, string>> = {
    'is no JSON': '{"version":1',
    'is of another version': '{"version":2,"kind":"policy"}',
    'is of no kind that is known': '{"version":1,"kind":"other"}',
    'is no object': '7',
    'is of a policy that is not described': '{"version":1,"kind":"asked","policy":"test/x","digest":"0"}',
    'has an IR that is none': '{"version":1,"kind":"policy","id":"test/x","digest":"0","ir":{}}',
    'is empty': '',
  }
  for (const [name, line] of Object.entries(broken)) {
    it(`throws for a line that ${name}, and says where`, () => {
      hasVerdict(privileged(), pod(), 'allowed')
      appendFileSync(fileIn(), `${line}\n`)
      expect(() => readRecords(folder)).toThrow(/\.jsonl:3: the record cannot be read: .*run the tests again/)
    })
  }
})
