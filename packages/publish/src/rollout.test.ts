import { policy, target } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { rollout, type Stage, stageActions } from './rollout.js'

const note = target('note', z.object({ text: z.string() }))
const named = (id: string): ReturnType<typeof policy> =>
  policy({
    id,
    title: 'A note says something',
    severity: 'low',
    target: note,
    rule: ({ input }) => input.text.is('').deny({ message: 'it says nothing' }),
  })
const [a, b] = [named('test/a'), named('test/b')]

describe('a rollout', () => {
  it('goes on from the stage before', () => {
    const plan = rollout(
      [a, b],
      [
        { name: 'observe', action: 'dryrun' },
        { name: 'one', actions: { 'test/a': 'deny' } },
        { name: 'warn', action: 'warn', actions: { 'test/a': 'deny' } },
        { name: 'enforce', action: 'deny' },
        { name: 'back', action: 'warn', mayLoosen: true },
      ],
    )
    expect(plan.stages.map(({ actions }) => [actions['test/a'], actions['test/b']])).toEqual([
      ['dryrun', 'dryrun'],
      ['deny', 'dryrun'],
      ['deny', 'warn'],
      ['deny', 'deny'],
      ['warn', 'warn'],
    ])
    expect(stageActions(plan, 'warn')).toEqual({ 'test/a': 'deny', 'test/b': 'warn' })
    expect(() => stageActions(plan, 'warm')).toThrow('there are observe, one, warn, enforce, back')
  })

  it.each<[string, readonly Stage[], string]>([
    ['no stage', [], 'a stage at least'],
    ['a stage without a word', [{ name: 'a' }], 'says nothing'],
    [
      'a first stage that leaves one out',
      [{ name: 'a', actions: { 'test/a': 'deny' } }],
      'says nothing of `test/b`',
    ],
    [
      'an unknown policy',
      [{ name: 'a', action: 'warn', actions: { 'test/aa': 'deny' } }],
      'did you mean `test/a`?',
    ],
    ['an unknown action', [{ name: 'a', action: 'audit' as never }], 'dryrun, warn and deny'],
    [
      'two of one name',
      [
        { name: 'a', action: 'warn' },
        { name: 'a', action: 'deny' },
      ],
      'two stages',
    ],
    ['a name with a space', [{ name: 'a b', action: 'warn' }], 'kebab-case'],
    [
      'a stage that is laxer',
      [
        { name: 'a', action: 'deny' },
        { name: 'b', actions: { 'test/b': 'warn' } },
      ],
      'makes `test/b` laxer',
    ],
  ])('with %s is refused', (_, stages, says) => {
    expect(() => rollout([a, b], stages)).toThrow(says)
  })
})
