import {
  allOf,
  anyOf,
  check,
  type Condition,
  type Expr,
  imageRef,
  message,
  onlyIf,
  type Policy,
  policy,
  target,
} from '@gatewright/core'
import { workloads } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type MutationOperator, mutationOperators, mutantsOf } from './index.js'

const Sheet = z.object({
  name: z.string().optional(),
  count: z.number().optional(),
  isOpen: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  others: z.array(z.string()).optional(),
})
type SheetExpr = Expr<z.output<typeof Sheet>>

const described = { title: 'Sheets must be right', severity: 'low' } as const
const sheet = target('sheet', Sheet)

/** A policy that denies where a condition holds. */
const denying = (condition: (sheet: SheetExpr) => Condition): Policy =>
  policy({
    id: 'test/sheet',
    ...described,
    target: sheet,
    rule: ({ input }) => condition(input).deny({ message: 'no' }),
  })

const changes = (of: Policy, operator: MutationOperator): readonly string[] =>
  mutantsOf(of)
    .filter((each) => each.operator === operator)
    .map(({ change }) => change)

const named = denying(({ name }) => name.is('x'))
const withParameters = policy({
  id: 'test/parameters',
  ...described,
  target: sheet,
  parameters: z.object({
    most: z.number().default(3),
    names: z.array(z.string()),
    ours: z.string().optional(),
  }),
  when: ({ input }) => input.isOpen.is(true),
  rule: ({ input, parameters }) => [
    onlyIf(
      input.name.in(parameters.names),
      input.count.gt(parameters.most).ifMissing(true).deny({ message: 'too many' }),
    ),
    input.name.sameAs(parameters.ours).deny({ message: 'ours' }),
  ],
})
const ofWorkloads = policy({
  id: 'test/workloads',
  ...described,
  target: workloads,
  rule: ({ pod }) =>
    pod.allContainers
      .filter((c) => c.resources.limits.get('memory').gt('1Gi').ifMissing(true))
      .deny((c) => ({ message: message`${c.name}`, at: c.resources })),
})

describe('each operator does what it says', () => {
  const tests: Readonly<Record<MutationOperator, readonly [Policy, readonly string[]]>> = {
    'drop-condition': [
      denying(({ name, count }) => allOf(name.is('x'), count.is(1))),
      [
        "`name.is('x')` is left out of `name.is('x') and count.is(1)`",
        "`count.is(1)` is left out of `name.is('x') and count.is(1)`",
      ],
    ],
    'flip-condition': [named, ["`name.is('x')` is turned round"]],
    'flip-missing': [
      denying(({ name }) => name.endsWith('x').ifMissing(false)),
      ["`name.endsWith('x')` is true where a value is missing, not false"],
    ],
    'drop-default': [
      denying(({ count }) => count.default(1).gt(2)),
      ['`count` is taken without its default `1`'],
    ],
    'forget-list': [
      denying(({ tags, others }) => tags.concat(others).some((each) => each.is('x'))),
      ['the list `tags` is forgotten', 'the list `others` is forgotten'],
    ],
    'widen-prefix': [
      denying(({ name }) =>
        anyOf(
          name.startsWith('ghcr.io/acme/').ifMissing(false),
          name.like('a*').ifMissing(false),
          imageRef(name).within('ghcr.io/acme').ifMissing(false),
        ),
      ),
      [
        "`name.startsWith('ghcr.io/acme/')` asks for `'ghcr.io/'` only",
        "`name.like('a*')` takes any text, as `'*'` does",
        "`name.within('ghcr.io/acme')` takes any text that begins so",
        "`name.within('ghcr.io/acme')` asks for `'ghcr.io'` only",
      ],
    ],
    'widen-pattern': [
      denying(({ name }) => name.matches('^a$').ifMissing(false)),
      [
        "`name.matches('^a$')` does not ask for the beginning",
        "`name.matches('^a$')` does not ask for the end",
      ],
    ],
    'move-bound': [
      denying(({ count }) => count.gte(2).ifMissing(false)),
      ['`count.gte(2)` is `gt`', '`count.gte(2)` has the bound `3`', '`count.gte(2)` has the bound `1`'],
    ],
    'change-constant': [named, ["`name.is('x')` has the constant `'xx'`, not `'x'`"]],
    'ignore-parameter': [
      withParameters,
      [
        'the parameter `names` is ignored: it is always `[]`',
        'the parameter `most` is ignored: it is always `3`',
        'the parameter `ours` is ignored: it is always missing',
      ],
    ],
    'skip-operation': [ofWorkloads, ['`CREATE` is not judged', '`UPDATE` is not judged']],
    'drop-rule': [
      withParameters,
      [
        'the rule `onlyIf(name.in(parameters.names), …)` is left out',
        'the rule `name.sameAs(parameters.ours).deny(…)` is left out',
      ],
    ],
    'drop-filter': [
      ofWorkloads,
      [
        "the filter `container.resources.limits.memory.quantity().gt('1Gi'.quantity()).ifMissing(true)` is gone",
      ],
    ],
    'drop-when': [
      withParameters,
      [
        "the policy's `when` `isOpen.is(true)` is gone",
        'the rules under `name.in(parameters.names)` stand under no condition',
      ],
    ],
    'swap-quantifier': [
      denying(({ tags }) => tags.every((each) => each.is('x'))),
      ["`tags.every(tag => tag.is('x'))` asks for `some`"],
    ],
    'first-only': [
      denying(({ tags }) => tags.some((each) => each.is('x'))),
      ['only the first element of `tags` is looked at'],
    ],
    'swap-operands': [
      denying(({ count }) => count.lt(2).ifMissing(false)),
      ['`count.lt(2)` compares the other way round'],
    ],
  }
  for (const [operator, [of, expected]] of Object.entries(tests))
    it(`${operator}: ${mutationOperators[operator as MutationOperator]}`, () => {
      expect(changes(of, operator as MutationOperator).map((each) => each.replaceAll('input.', ''))).toEqual(
        expected,
      )
    })
})

it('every mutant passes `check`, has an id and a place of its own kind, and is no other', () => {
  for (const each of [withParameters, ofWorkloads, named]) {
    const mutants = mutantsOf(each)
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
    for (const { id, operator, ir, source } of mutants) {
      expect(check(ir)).toBe(ir)
      expect(id.startsWith(`${operator}-`)).toBe(true)
      expect(source?.file.endsWith('mutants.test.ts')).toBe(true)
    }
  }
})

it('ids stay when another rule is added', () => {
  const rules = (hasMore: boolean): Policy =>
    policy({
      id: 'test/stable',
      ...described,
      target: sheet,
      rule: ({ input }) => [
        input.name.is('x').deny({ message: 'x' }),
        input.count.gt(7).ifMissing(false).deny({ message: 'y' }),
        ...(hasMore ? [input.isOpen.is(true).deny({ message: 'z' })] : []),
      ],
    })
  const ids = (of: Policy): readonly string[] =>
    mutantsOf(of).flatMap(({ id, operator }) => (operator === 'drop-rule' ? [] : [id]))
  expect(ids(rules(true))).toEqual(expect.arrayContaining([...ids(rules(false))]))
  expect(ids(rules(false)).length).toBeGreaterThan(5)
})

it('a condition that is turned round twice is no mutant', () => {
  const twice = mutantsOf(denying(({ name }) => name.isNot('x')))
  expect(twice.filter(({ operator }) => operator === 'flip-condition')).toHaveLength(1)
})
