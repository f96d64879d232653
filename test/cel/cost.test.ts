import { celCapacity, costedPolicy, emitCel } from '@gatewright/compiler'
import { type CheckedPolicy, message, policy } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import { admissionPolicyOf, lockOuts } from '@gatewright/gatekeeper'
import { configMaps, leases, nodes, workloads } from '@gatewright/kubernetes'
import * as pack from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type CelExpression, readCel } from '../../packages/compiler/src/cel/cost/syntax.js'

const sizes = { elements: 10, nested: 4, text: 100, parts: 4, parameters: 10, parameterText: 20 }

/** What one expression costs, as the validation of a policy that has nothing else. */
const costOf = (validation: string, of: Partial<typeof sizes> = {}): number =>
  costedPolicy({ variables: [], validation, message: '""' })({ ...sizes, ...of }).total

describe('an expression that is read', () => {
  const shown = (of: CelExpression): string => {
    switch (of.kind) {
      case 'constant':
        return JSON.stringify(of.value)
      case 'name':
        return of.name
      case 'field':
        return `(${shown(of.of)} . ${of.name})`
      case 'index':
        return `(${shown(of.of)} [${shown(of.key)}])`
      case 'call':
        return `${of.of === undefined ? '' : `${shown(of.of)} `}${of.name}(${of.arguments.map(shown).join(', ')})`
      case 'operator':
        return `(${[of.sign, ...of.operands.map(shown)].join(' ')})`
      case 'choice':
        return `(if ${of.branches.map(shown).join(' ')})`
      case 'list':
        return `[${of.items.map(shown).join(', ')}]`
      case 'map':
        return `{${of.entries.map(shown).join(', ')}}`
    }
  }

  it.each([
    ['a || b && !c == d', '(|| a (&& b (== (! c) d)))'],
    ['a ? b : c ? d : e', '(if a b (if c d e))'],
    ['a + b + c in [d, -1.5]', '(in (+ (+ a b) c) [d, (- 1.5)])'],
    ['a.?b[?"c\\"\\u00e9"].orValue(dyn(null))', '((a . b) ["c\\"é"]) orValue(dyn(null))'],
    ['{"a": [1].map(x, x > 0, x)[0]}', '{"a", ([1] map(x, (> x 0), x) [0])}'],
  ])('%s', (source, read) => {
    expect(shown(readCel(source))).toBe(read)
  })

  it.each(['a +', 'a b', '(a', 'a ? b', '"a', "'a'", 'a @ b'])('is refused: %s', (source) => {
    expect(() => readCel(source)).toThrow('no expression of CEL')
  })
})

describe('the cost of an expression', () => {
  it.each([
    // a name and each step 1, a call 1, a constant nothing
    ['object.?a.?b.orValue(dyn(null)) == "x"', 6],
    // texts by tenths of what is compared, and patterns by both lengths
    ['object.?a.orValue("") == object.?b.orValue("")', 3 + 3 + 10],
    ['string(object).matches("12345678")', 2 + 11 * 2],
    // each element: a test of the accumulator 3, it again 1, and the body
    ['object.?a.orValue([]).exists(x, x == 1)', 13 + 1 + 10 * 6],
    // a list is made for each element
    ['object.?a.orValue([]).map(x, x)', 13 + 11 + 10 * 13],
    // the dearer branch
    ['object == 1 ? object.?a.?b : 1', 2 + 3],
  ])('%s', (expression, cost) => {
    expect(costOf(expression)).toBe(cost)
  })

  it('grows with the elements of all lists of one object together, and with those of two by both', () => {
    const all = (...lists: readonly string[]): number =>
      costOf(`(${lists.join(' + ')}).exists(x, x == 1)`, { elements: 1000 })
    expect(all('object.?a.orValue([])', 'object.?b.orValue([])')).toBeLessThan(7000)
    expect(all('object.?a.orValue([])', 'object.?a.orValue([])')).toBeGreaterThan(12_000)
    expect(all('object.?a.orValue([])', 'oldObject.?b.orValue([])')).toBeGreaterThan(12_000)
  })
})

describe('what a policy holds to', () => {
  const names = policy({
    id: 'team/names',
    title: 'Names',
    severity: 'low',
    target: workloads,
    parameters: z.object({ denied: z.array(z.string()).default([]) }),
    rule: ({ pod, parameters }) =>
      pod.containers
        .filter((c) => parameters.denied.some((each) => c.image.matches(each).ifMissing(false)))
        .deny((c) => ({ message: message`${c.name}`, at: c.image })),
  })
  const said = (denied: readonly string[]): ReturnType<typeof emitCel> =>
    emitCel(checkedIr(names) as CheckedPolicy, { denied: [...denied] })

  it('is less with each parameter, and less in Gatekeeper, which has a tenth', () => {
    const held = (count: number): number =>
      celCapacity(said(Array.from({ length: count }, (_, i) => `^registry${i}/[a-z]+$`)), 'api-server')
        .elements ?? 0
    expect(held(2)).toBeGreaterThan(held(20))
    expect(held(20)).toBeGreaterThan(held(150))
    expect(celCapacity(said(['^registry/[a-z]+$', '^other/[a-z]+$']), 'gatekeeper').elements).toBeLessThan(
      celCapacity(said(['^registry/[a-z]+$', '^other/[a-z]+$']), 'api-server').elements ?? 0,
    )
  })

  it('is enough for the pack', () => {
    for (const each of pack.podSecurity.policies)
      for (const by of ['api-server', 'gatekeeper'] as const)
        expect(
          celCapacity(emitCel(checkedIr(each) as CheckedPolicy, {}), by).elements ?? 1000,
        ).toBeGreaterThan(40)
  })

  it('C3: is told with the policy, and refused where it is not enough', () => {
    const denied = Array.from(
      { length: 150 },
      (_, i) => `^registry-with-a-long-name-${i}\\.example\\.com/[a-z]+$`,
    )
    expect(() => admissionPolicyOf(names, { parameters: { denied } })).toThrow(
      /^`team\/names` costs too much in CEL: the API server would judge no object with more than \d+ elements in its lists.*deny all that are larger; what costs most is chosenContainers; give it fewer parameters, or say that \d+ are enough/,
    )
    const made = admissionPolicyOf(names, { parameters: { denied }, holdsTo: 1 })
    expect(made.capacity.elements).toBeLessThan(40)
    expect(made.policy.metadata.annotations?.['gatewright.dev/holds-to']).toContain(
      `${made.capacity.elements} elements`,
    )
  })
})

describe('what a cluster cannot do without', () => {
  it('is named', () => {
    const named = (target: typeof leases | typeof nodes | typeof configMaps): ReturnType<typeof lockOuts> =>
      lockOuts([
        policy({
          id: 'team/all',
          title: 'All',
          severity: 'low',
          target: target as typeof leases,
          rule: ({ object }) =>
            object.metadata.name.is('x').deny({ message: message`x`, at: object.metadata.name }),
        }),
      ])
    expect(named(leases)).toEqual([
      {
        policy: 'team/all',
        resource: 'leases.coordination.k8s.io',
        stops: expect.stringContaining('heartbeat') as string,
      },
    ])
    expect(named(nodes)).toMatchObject([{ resource: 'nodes' }])
    expect(named(configMaps)).toEqual([])
    expect(lockOuts(pack.podSecurity.policies)).toEqual([])
  })
})
