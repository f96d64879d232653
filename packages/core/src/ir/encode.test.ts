import { expect, it } from 'vitest'
import { z } from 'zod'
import { RandomPolicies } from '../../../../test/fuzz/random-policies.js'
import { canonicalText, type Json } from '../json.js'
import { judge } from '../reference/judge.js'
import { policy as definePolicy } from '../language/policy.js'
import { sourceOf } from '../language/source-location.js'
import { target } from '../language/target.js'
import { decodeIr, encodeIr, withoutSources } from './encode.js'

const random = new RandomPolicies(5)
const policies = Array.from({ length: 300 }, () => random.policy())

it('gives back a policy that judges the same, and the same text again', () => {
  for (const policy of policies) {
    const encoded = encodeIr(policy)
    const decoded = decodeIr(encoded)
    if ('problem' in decoded) throw new Error(decoded.problem)
    expect(canonicalText(encodeIr(decoded.policy))).toBe(canonicalText(encoded))
    for (let i = 0; i < 5; i++) {
      const review = random.review()
      expect(judge(decoded.policy, {}, review)).toEqual(judge(policy, {}, review))
    }
  }
})

it('says where each part was written, which the text without sources does not', () => {
  const { ir } = definePolicy({
    id: 'team/names',
    title: 'Names',
    severity: 'low',
    target: target('document', z.object({ name: z.string() })),
    rule: ({ input }) => input.name.is('x').deny({ message: 'no' }),
  })
  const encoded = encodeIr(ir)
  const decoded = decodeIr(encoded)
  if ('problem' in decoded) throw new Error(decoded.problem)
  const [rule] = ir.rules
  const [read] = decoded.policy.rules
  if (rule?.kind !== 'deny' || read?.kind !== 'deny') throw new Error('another rule')
  expect(sourceOf(read.if)).toEqual(sourceOf(rule.if))
  expect(sourceOf(read.if)?.file).toMatch(/encode\.test\.ts$/)
  expect(canonicalText(encoded)).toContain('encode.test.ts')
  const without = withoutSources(encoded)
  expect(canonicalText(without)).not.toContain('encode.test.ts')
  expect('policy' in decodeIr(without)).toBe(true)
})

it('writes a node that is used twice once', () => {
  const [policy] = policies
  if (policy === undefined) throw new Error('no policy')
  const shared = { kind: 'input', name: 'input' } as const
  const rule = {
    kind: 'deny',
    if: { kind: 'call', operator: 'sameAs', arguments: [shared, shared] },
    violation: { code: '1', message: { kind: 'literal', value: 'm' } },
  } as const
  const { nodes } = encodeIr({ ...policy, rules: [rule] }) as { readonly nodes: readonly Json[] }
  expect(nodes.length).toBe(policy.when === undefined ? 3 : nodes.length)
})

const encoded = encodeIr(policies[0] as never) as { readonly [key: string]: Json }
it.each([
  ['another format', { ...encoded, format: 'gatewright.ir/2' }, 'is not read'],
  ['no nodes', { ...encoded, nodes: undefined }, 'nodes is no list'],
  ['an unknown kind', { ...encoded, nodes: [{ kind: 'eval' }] }, 'unknown kind'],
  [
    'an unknown operator',
    { ...encoded, nodes: [{ kind: 'call', operator: 'constructor', arguments: [] }] },
    'unknown operator',
  ],
  ['a node of itself', { ...encoded, nodes: [{ kind: 'not', of: 0 }] }, 'names no node before it'],
  ['a part that is missing', { ...encoded, nodes: [{ kind: 'field', key: 'a' }] }, 'has no `of`'],
  ['an unknown rule', { ...encoded, rules: [{ kind: 'allow' }] }, 'there is no rule'],
  ['no rules', { ...encoded, rules: [] }, 'denies nothing'],
  ['a text', 'policy', 'is no object'],
])('refuses %s', (_, given, says) => {
  const decoded = decodeIr(
    JSON.parse(
      JSON.stringify(given, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
    ),
  )
  expect('problem' in decoded && decoded.problem).toContain(says)
})
