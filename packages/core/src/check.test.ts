import { expect, it } from 'vitest'
import { check } from './check.js'
import type { Node, VariableNode } from './ir/node.js'
import { irVersion, type PolicyIr } from './ir/policy.js'

const variable = (id: number, index: boolean): VariableNode => ({
  kind: 'variable',
  id,
  name: 'each',
  index,
  type: index ? 'number' : 'object',
  vouched: false,
})
const field = (key: string): Node => ({
  kind: 'field',
  of: { kind: 'input', name: 'input' },
  key,
  type: 'list',
  vouched: false,
  required: false,
})

const denies = (condition: Node): PolicyIr => ({
  format: irVersion,
  id: 'test/bound',
  title: 'Bound',
  severity: 'low',
  controls: {},
  target: { name: 'document', inputs: { input: { root: 'object', path: [] } } },
  undeterminedDenies: false,
  rules: [
    { kind: 'deny', if: condition, violation: { code: '1', message: { kind: 'literal', value: 'm' } } },
  ],
})

it('lets a variable stand for the elements of one list: what is read of it is known by that', () => {
  const lambda = {
    element: variable(0, false),
    index: variable(1, true),
    body: { kind: 'literal', value: true } as const,
  }
  const one: Node = { kind: 'some', list: field('one'), lambda }
  const other: Node = { kind: 'some', list: field('other'), lambda }
  expect('problems' in check(denies({ kind: 'or', any: [one, one] }))).toBe(false)
  expect(check(denies({ kind: 'or', any: [one, other] }))).toMatchObject({
    problems: [{ code: 'bound-twice', message: '`each` stands for the elements of two lists' }],
  })
})
