import { message, policy, set } from '@gatewright/core'
import { deployments, pods, services, workloads } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkPolicy, propertyNames } from './check-policy.js'
import type { CheckPolicyOptions } from './options.js'
import { propertyTests } from './property-tests.js'
import { propertiesReport } from './report.js'

const about = {
  id: 'test/privileged',
  title: 'Containers must not run privileged',
  severity: 'high',
} as const

const sound = policy({
  ...about,
  target: workloads,
  parameters: z.object({ exemptImages: z.array(z.string().regex(/^[^[{\\]*$/)).default([]) }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter((c) => parameters.exemptImages.none((each) => c.image.like(each).ifMissing(false)))
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({
        message: message`container ${c.name} must not run privileged`,
        at: c.securityContext.privileged,
        fix: set(c.securityContext.privileged, false),
      })),
})

const forgetful = policy({
  ...about,
  target: workloads,
  rule: ({ pod }) =>
    pod.containers
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({ message: message`${c.name} is privileged`, at: c.securityContext.privileged })),
})

/** Fewer questions than by default, to be quick. */
const options: CheckPolicyOptions = {
  numRuns: 80,
  except: { 'finalizer-removal': 'nothing is ever denied twice' },
}

const outcomes = (of: ReturnType<typeof checkPolicy>): Readonly<Record<string, string>> =>
  Object.fromEntries(of.properties.map(({ name, outcome }) => [name, outcome]))

describe('a policy that is sound', () => {
  const check = checkPolicy(sound, options)
  it('holds all that applies, with how much was seen', () => {
    expect(check.ok).toBe(true)
    expect(check.properties.map(({ name }) => name)).toEqual(propertyNames.map(({ name }) => name))
    const left = check.properties.filter(({ outcome }) => outcome === 'does not apply')
    expect(left.map(({ name }) => name)).toEqual([
      'container-over-pod',
      'finalizer-removal',
      'quantities',
      'climbing-paths',
      'inventory',
    ])
    const moved = check.properties.find(({ name }) => name === 'init-containers')
    expect(moved?.outcome === 'held' && moved.shown).toBeGreaterThan(5)
  })
  it('comes to the same for the same seed', () => {
    expect(checkPolicy(sound, options)).toEqual(check)
  })
})

describe('a policy that forgets containers', () => {
  const check = checkPolicy(forgetful, options)
  it('is found out, by the smallest object that shows it', () => {
    expect(check.ok).toBe(false)
    expect(outcomes(check)).toMatchObject({
      'init-containers': 'broken',
      'ephemeral-containers': 'broken',
      workloads: 'held',
      fixes: 'does not apply',
    })
    const broken = check.properties.find(({ name }) => name === 'init-containers')
    if (broken?.outcome !== 'broken') throw new Error('it is not found')
    const { first, then } = broken.counterexample
    expect(first.verdict.verdict).toBe('denied')
    expect(then?.verdict.verdict).toBe('allowed')
    expect(JSON.stringify(then?.object)).toContain('"initContainers"')
    expect(JSON.stringify(first.object).length).toBeLessThan(450)
  })
  it('is told of in YAML, with both verdicts and what to do', () => {
    const report = propertiesReport(check)
    expect(report).toContain('init-containers       broken: a container that is denied among `containers`')
    expect(report).toContain('hint: look at `pod.allContainers` of `workloads`')
    expect(report).toMatch(
      /asked first:[^]*privileged: true[^]*the policy says denied[^]*and then:[^]*initContainers:/,
    )
    expect(report).toContain('by `ephemeralcontainers`')
  })
  it('may say that it means it', () => {
    const except = {
      ...options.except,
      'init-containers': 'they run before anybody can reach the pod',
      'ephemeral-containers': 'only administrators bring them',
    }
    const excepted = checkPolicy(forgetful, { ...options, except })
    expect(excepted.ok).toBe(true)
    expect(excepted.properties.find(({ name }) => name === 'init-containers')).toMatchObject({
      outcome: 'does not apply',
      reason: 'they run before anybody can reach the pod',
      counterexample: { then: { verdict: { verdict: 'allowed' } } },
    })
  })
})

describe('what is said of properties', () => {
  it('an exception that is not needed is an error', () => {
    const except = { ...options.except, 'init-containers': 'we thought so', quantities: 'none' }
    const check = checkPolicy(sound, { ...options, except })
    expect(check.ok).toBe(false)
    expect(outcomes(check)).toMatchObject({
      'init-containers': 'needless exception',
      quantities: 'needless exception',
    })
    expect(propertiesReport(check)).toContain('the exception is not needed: we thought so')
  })
  it.each<readonly [string, object, string]>([
    ['an unknown property', { except: { 'init-container': 'x' } }, 'did you mean `init-containers`?'],
    ['an exception without a reason', { except: { updates: ' ' } }, 'has no reason'],
    ['a kind that it is not about', { kind: services }, 'which policy `test/privileged` is not about'],
    ['no question', { numRuns: 0 }, 'at least 1, not 0'],
    ['a number of questions that is none', { numRuns: Number.NaN }, 'at least 1, not NaN'],
    ['an exemption that is no list', { exemptions: ['images'] }, 'which is no list among the parameters'],
  ])('%s is refused', (_, wrong, says) => {
    expect(() => checkPolicy(sound, wrong)).toThrow(says)
    expect(() => propertyTests(sound, wrong)).toThrow(says)
  })
  it('a property that is never put to the test says so', () => {
    const never = policy({
      ...about,
      target: pods,
      rule: ({ object }) =>
        object.metadata.name.is('a-name-of-nobody').deny({ message: 'no', at: object.metadata.name }),
    })
    const check = checkPolicy(never, { numRuns: 2 })
    expect(propertiesReport(check)).toContain(
      'messages              never put to the test: no denied objects',
    )
  })
})

describe('as tests', () => {
  it('are named for what they say, and skipped with the reason', async () => {
    const tests = propertyTests(forgetful, options)
    const named = (name: string) => tests.find((each) => each.name.startsWith(`${name}:`))
    expect(named('fixes')?.skipped).toBe('no violation has a fix')
    expect(named('finalizer-removal')?.name).toContain(
      '(does not hold, as declared: nothing is ever denied twice)',
    )
    expect(await named('finalizer-removal')?.run()).toBeUndefined()
    expect(await named('places')?.run()).toBeUndefined()
    expect(await named('init-containers')?.run()).toMatchObject({ failed: expect.stringContaining('hint:') })
  })
})

describe('what is found', () => {
  const found = (of: Parameters<typeof checkPolicy>[0], more: CheckPolicyOptions = {}): readonly string[] =>
    checkPolicy(of, { numRuns: 120, ...more }).properties.flatMap(({ name, outcome }) =>
      outcome === 'broken' && name !== 'finalizer-removal' ? [name] : [],
    )
  it('parameters of which the schema says too little', () => {
    const of = policy({
      ...about,
      target: pods,
      parameters: z.object({ pattern: z.string() }),
      rule: ({ object, parameters }) =>
        object.metadata.name
          .matches(parameters.pattern)
          .ifMissing(true)
          .deny({ message: 'no', at: object.metadata.name }),
    })
    expect(found(of)).toContain('parameter-texts')
  })
  it('objects that may not be made, and may be changed to', () => {
    const of = policy({
      ...about,
      target: deployments.on('CREATE'),
      rule: ({ object }) => object.spec.paused.is(true).deny({ message: 'no', at: object.spec.paused }),
    })
    expect(found(of)).toEqual(['updates'])
  })
  it('lists that are no exemptions, where somebody says that they are', () => {
    const of = policy({
      ...about,
      target: workloads,
      parameters: z.object({ forbidden: z.array(z.string()).default([]) }),
      rule: ({ pod, parameters }) =>
        pod.allContainers
          .filter((c) => parameters.forbidden.includes(c.name))
          .deny((c) => ({ message: message`${c.name}`, at: c.name })),
    })
    expect(found(of)).not.toContain('exemptions')
    expect(found(of, { exemptions: ['forbidden'] })).toContain('exemptions')
  })
})
