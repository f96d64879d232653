import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  message,
  not,
  type Policy,
  policy,
  target,
  when,
} from '@gatewright/core'
import { workloads } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verdictOf } from '../judging.js'
import { pod } from '../objects.js'
import { conditionCoverage, conditionsOf } from './index.js'
import { Probe } from './probe.js'

const Sheet = z.object({
  name: z.string().optional(),
  count: z.number().optional(),
  isOpen: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
})

const denying = (condition: (sheet: Expr<z.output<typeof Sheet>>) => Condition): Policy =>
  policy({
    id: 'test/sheet',
    title: 'Sheets must be right',
    severity: 'low',
    target: target('sheet', Sheet),
    rule: ({ input }) => condition(input).deny({ message: 'no' }),
  })

const texts = (of: Policy): readonly string[] =>
  conditionsOf(of).map(({ text }) => text.replaceAll('input.', ''))
const cases = (...objects: readonly object[]): readonly { readonly object: object }[] =>
  objects.map((object) => ({ object }))

/** What is shown of each condition: `T` true, `F` false, `t` and `f` that it decides so. */
function shown(of: Policy, ...objects: readonly object[]): Readonly<Record<string, string>> {
  const { conditions } = conditionCoverage(of, cases(...objects))
  const letters = { true: 'T', false: 'F', 'decides-when-true': 't', 'decides-when-false': 'f' } as const
  return Object.fromEntries(
    conditions.map(({ text, shown: by }) => [
      text.replaceAll('input.', ''),
      Object.entries(letters)
        .filter(([key]) => by[key as keyof typeof letters] !== undefined)
        .map(([, letter]) => letter)
        .join(''),
    ]),
  )
}

describe('what is an atomic condition', () => {
  it('is a leaf of and, or, not and of what quantifiers ask', () => {
    const of = denying(({ name, count, tags }) =>
      anyOf(
        allOf(name.is('x'), not(count.is(1))),
        tags.some((tag) => tag.is('y')),
        tags.filter((tag) => tag.is('z')).isEmpty(),
      ),
    )
    expect(texts(of)).toEqual([
      "name.is('x')",
      'count.is(1)',
      "tag.is('y')",
      "tags.filter(tag => tag.is('z')).some(tag => true)",
      "tag.is('z')",
    ])
  })

  it('is the condition of a case, and a whole value that is used as a condition', () => {
    const of = denying(({ name, count, isOpen }) =>
      when(isOpen.is(true), name.default('')).otherwise('x').is('x').and(count.gt(3).ifMissing(false)),
    )
    expect(texts(of)).toContain('isOpen.is(true)')
    expect(texts(of)).toContain('count.gt(3).ifMissing(false)')
  })

  it('is none of those in messages, nor a rule without a condition', () => {
    const of = policy({
      id: 'test/message',
      title: 'No containers',
      severity: 'low',
      target: workloads,
      rule: ({ pod: { containers } }) =>
        containers.deny((c) => ({
          message: message`${when(c.image.is('x'), 'x').otherwise('y')}`,
          at: c.image,
        })),
    })
    expect(conditionsOf(of)).toEqual([])
    expect(conditionCoverage(of, cases(pod())).score).toBe(1)
  })

  it('has an id that stays while it reads the same, and a line', () => {
    const first = conditionsOf(denying(({ name }) => name.is('x')))
    const second = conditionsOf(denying(({ name, count }) => anyOf(count.is(1), name.is('x'))))
    expect(second.map(({ id }) => id)).toContain(first[0]?.id)
    expect(first[0]?.id).toMatch(/^condition-[0-9a-z]{7}$/)
    expect(first[0]?.source?.file).toMatch(/coverage\.test\.ts$/)
    const twice = conditionsOf(denying(({ name }) => anyOf(name.is('x'), allOf(name.is('x'), name.is('y')))))
    expect(new Set(twice.map(({ id }) => id)).size).toBe(3)
  })
})

describe('what is shown', () => {
  const both = denying(({ name, count }) => allOf(name.is('x'), count.is(1)))
  it('of an and: the one that is false alone decides', () => {
    expect(shown(both, { name: 'x', count: 1 })).toEqual({ "name.is('x')": 'Tt', 'count.is(1)': 'Tt' })
    expect(shown(both, { name: 'y', count: 1 })).toEqual({ "name.is('x')": 'Ff', 'count.is(1)': '' })
    expect(shown(both, { name: 'x', count: 2 })).toEqual({ "name.is('x')": 'T', 'count.is(1)': 'Ff' })
    expect(shown(both, { name: 'y', count: 2 })).toEqual({ "name.is('x')": 'F', 'count.is(1)': '' })
  })

  const either = denying(({ name, count }) => anyOf(name.is('x'), count.is(1)))
  it('of an or: what another one masks does not decide', () => {
    expect(shown(either, { name: 'x', count: 1 })).toEqual({ "name.is('x')": 'T', 'count.is(1)': '' })
    expect(shown(either, { name: 'x', count: 2 })).toEqual({ "name.is('x')": 'Tt', 'count.is(1)': '' })
    expect(shown(either, { name: 'y', count: 2 })).toEqual({ "name.is('x')": 'Ff', 'count.is(1)': 'Ff' })
  })

  it('of elements: all that have a value are turned round together', () => {
    const of = denying(({ tags }) => tags.some((tag) => tag.is('x')))
    expect(shown(of, { tags: ['x', 'x'] })).toEqual({ "tag.is('x')": 'Tt' })
    // the first decides, so the second is not looked at
    expect(shown(of, { tags: ['x', 'y'] })).toEqual({ "tag.is('x')": 'Tt' })
    expect(shown(of, { tags: ['y', 'x'] })).toEqual({ "tag.is('x')": 'TFt' })
    expect(shown(of, { tags: [] })).toEqual({ "tag.is('x')": '' })
  })

  it('of violations: another place is another outcome', () => {
    const of = policy({
      id: 'test/places',
      title: 'No x',
      severity: 'low',
      target: target('sheet', Sheet),
      rule: ({ input }) => input.tags.filter((tag) => tag.is('x')).deny((tag) => ({ message: 'x', at: tag })),
    })
    expect(shown(of, { tags: ['x', 'y'] })).toEqual({ "tag.is('x')": 'TFtf' })
  })

  it('of an object that does not fit its schema: nothing decides, since it is invalid whatever they are', () => {
    expect(shown(either, { name: 'y', count: 'x' })).toEqual({ "name.is('x')": 'F', 'count.is(1)': 'F' })
  })

  it('is seen wherever it decides', () => {
    const of = denying(({ name, count, tags, isOpen }) =>
      anyOf(
        allOf(name.is('x'), count.gt(1).ifMissing(true)),
        tags.every((tag) => anyOf(tag.is('x'), isOpen.is(true))),
      ),
    )
    const probe = new Probe(of)
    let decided = 0
    for (const name of ['x', 'y'])
      for (const count of [undefined, 0, 2])
        for (const tags of [[], ['x'], ['x', 'y'], ['y']])
          for (const isOpen of [undefined, true]) {
            const object = JSON.parse(JSON.stringify({ name, count, tags, isOpen })) as never
            const question = { object, parameters: {}, inventory: undefined }
            for (const condition of probe.conditions)
              for (const value of ['true', 'false'] as const) {
                if (!probe.shows(question, condition, `decides-when-${value}`)) continue
                decided++
                expect(probe.shows(question, condition, value)).toBe(true)
              }
          }
    expect(decided).toBeGreaterThan(20)
  })
})

describe('conditionCoverage', () => {
  const of = denying(({ name, count }) => allOf(name.is('x'), count.is(1)))
  const all = cases({ name: 'x', count: 1 }, { name: 'y', count: 1 }, { name: 'x', count: 2 })

  it('gives the covered part, and the case that showed each thing', () => {
    const result = conditionCoverage(of, all)
    expect(result).toMatchObject({ policy: 'test/sheet', score: 1, covered: 2, missed: 0, explained: 0 })
    expect(result.conditions[1]?.shown).toEqual({
      true: 'case 1',
      'decides-when-true': 'case 1',
      false: 'case 3',
      'decides-when-false': 'case 3',
    })
    expect(conditionCoverage(of, all.slice(0, 2))).toMatchObject({ score: 0.5, covered: 1, missed: 1 })
    expect(conditionCoverage(of, [])).toMatchObject({ score: 0, missed: 2 })
  })

  it('takes a function that asks through the matchers or verdictOf', () => {
    const result = conditionCoverage(of, (asked) => {
      for (const { object } of all) verdictOf(asked, object)
    })
    expect(result.score).toBe(1)
    expect(() => conditionCoverage(of, () => undefined)).toThrow('asks nothing through')
    expect(() =>
      conditionCoverage(of, () => {
        throw new Error('it fails')
      }),
    ).toThrow('does not pass its own suite')
  })

  it('does not count what is explained, and refuses explanations that explain nothing', () => {
    const [first, second] = conditionsOf(of).map(({ id }) => id) as [string, string]
    const some = all.slice(0, 2)
    const result = conditionCoverage(of, some, { explained: { [second]: 'nobody counts' } })
    expect(result).toMatchObject({ score: 1, covered: 1, explained: 1, missed: 0 })
    expect(result.conditions[1]).toMatchObject({ status: 'explained', explanation: 'nobody counts' })
    expect(() => conditionCoverage(of, some, { explained: { [first]: 'x' } })).toThrow('is covered')
    expect(() => conditionCoverage(of, some, { explained: { [`${second}x`]: 'x' } })).toThrow(
      `did you mean \`${second}\``,
    )
    expect(() => conditionCoverage(of, some, { explained: { [second]: ' ' } })).toThrow('is empty')
  })

  it('explains by itself what no input changes', () => {
    const constant = denying(({ name, count }) => anyOf(count.is(1), allOf(name.is('x'), name.is('y'))))
    const { conditions, score } = conditionCoverage(constant, cases({ count: 1 }, { count: 2 }))
    expect(conditions.map(({ status }) => status)).toEqual(['covered', 'explained', 'explained'])
    expect(conditions[1]?.explanation).toContain('never holds: it would have to be both "x" and "y"')
    expect(score).toBe(1)
  })
})
