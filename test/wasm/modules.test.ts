import { emitWasm, WasmUnsupported } from '@gatewright/compiler'
import { check, type CheckedPolicy, policy, target, message, readParameters, judge } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ModuleInstance } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'

const document = target('document', z.object({ name: z.string(), kind: z.string() }).partial())

const instanceOf = (bytes: Uint8Array): ModuleInstance => new ModuleInstance(new webAssembly.Module(bytes))

describe('patterns', () => {
  const named = policy({
    id: 'test/names',
    title: 'Names are what the pattern says',
    severity: 'low',
    target: document,
    parameters: z.object({ pattern: z.string().default('^\\p{Greek}+$') }),
    rule: ({ input, parameters }) => [
      input.name
        .matches(parameters.pattern)
        .ifMissing(false)
        .not()
        .deny({ message: message`${input.name}` }),
      input.name
        .matches('^(?i:σ|x)')
        .ifMissing(false)
        .deny({ message: message`constant` }),
    ],
  })
  const ir = check(named.ir) as CheckedPolicy
  const { bytes } = emitWasm([{ ir }])

  it('that are known ahead and those that parameters bring have the tables of Unicode', () => {
    const instance = instanceOf(bytes)
    const asked = (name: string, pattern?: string): unknown => {
      const given = pattern === undefined ? {} : { pattern }
      instance.setData(JSON.stringify({ gatewright: { parameters: { 'test/names': given } } }))
      const read = readParameters(named, given) as { readonly parameters: never }
      const expected = judge(named.ir, read.parameters, { object: { name } })
      const [answer] = instance.judge(JSON.stringify({ name }))
      const verdict = answer === 0 ? 'allowed' : answer?.verdict
      expect(verdict).toBe(expected.verdict)
      const messages = answer === 0 ? [] : answer?.violations.map(({ message }) => message)
      expect(messages).toEqual(expected.violations.map(({ message }) => message))
      return verdict
    }
    expect(asked('αβγ')).toBe('allowed')
    expect(asked('abc')).toBe('denied')
    expect(asked('Σx')).toBe('denied')
    expect(asked('ςx')).toBe('denied')
    expect(asked('слово', '^\\p{Cyrillic}+$')).toBe('allowed')
    expect(asked('слово', '^(?i)СЛОВО$')).toBe('allowed')
    expect(asked('слово', '(')).toBe('error')
    expect(asked('слово', '\\p{Klingon}')).toBe('error')
  })
})

describe('parameters', () => {
  const schema = z.object({
    names: z.array(z.string().regex(/^[a-z]+$/)).default(['a']),
    most: z.number().int().min(1).max(5).default(3),
    kind: z.enum(['x', 'y']).optional(),
    nested: z.object({ deep: z.boolean().default(true), must: z.string() }).optional(),
  })
  const listed = policy({
    id: 'test/listed',
    title: 'Names are among those that are listed',
    severity: 'low',
    target: document,
    parameters: schema,
    rule: ({ input, parameters }) =>
      input.name
        .in(parameters.names)
        .not()
        .deny({
          message: message`${input.name} of ${parameters.most}`,
          details: { nested: parameters.nested },
        }),
  })
  const instance = instanceOf(emitWasm([{ ir: check(listed.ir) as CheckedPolicy }]).bytes)
  const given: readonly unknown[] = [
    {},
    { names: ['b'] },
    { names: ['B'] },
    { names: 'b' },
    { names: null },
    { names: [null] },
    { most: 0 },
    { most: 1 },
    { most: 5 },
    { most: 6 },
    { most: 2.5 },
    { most: '3' },
    { most: 1e2 },
    { kind: 'x' },
    { kind: 'z' },
    { nested: {} },
    { nested: { must: 'm' } },
    { nested: { must: 'm', deep: false } },
    { nested: { must: 'm', more: 1 } },
    { unknown: 1 },
    { constructor: 1 },
    [],
    'text',
    7,
  ]

  it.each(given.map((each) => [JSON.stringify(each), each] as const))(
    'given as %s are taken or refused as in process',
    (_, each) => {
      instance.setData(JSON.stringify({ gatewright: { parameters: { 'test/listed': each } } }))
      const [answer] = instance.judge('{"name":"z"}')
      const read = readParameters(listed, each as never)
      if (!('parameters' in read)) {
        expect(answer).toMatchObject({ verdict: 'error', reasons: [{ code: 'invalid-parameters' }] })
        return
      }
      const [expected] = judge(listed.ir, read.parameters, { object: { name: 'z' } }).violations
      expect(answer).toMatchObject({
        verdict: 'denied',
        violations: [{ message: expected?.message, details: expected?.details }],
      })
    },
  )

  it('never come from the document', () => {
    instance.setData('{}')
    const [answer] = instance.judge('{"name":"z","parameters":{"names":["z"]},"data":{"gatewright":{}}}')
    expect(answer).toMatchObject({ verdict: 'denied' })
  })

  it('with a schema that the module could not hold them to are refused, not taken', () => {
    const even = policy({
      id: 'test/even',
      title: 'Even',
      severity: 'low',
      target: document,
      parameters: z.object({ step: z.number().multipleOf(2).default(2) }),
      rule: ({ input, parameters }) =>
        input.name
          .length()
          .gt(parameters.step)
          .ifMissing(false)
          .deny({ message: message`long` }),
    })
    const emit = () => emitWasm([{ ir: check(even.ir) as CheckedPolicy }])
    expect(emit).toThrow(WasmUnsupported)
    expect(emit).toThrow(
      /the schema of the parameter `step` has a `multipleOf`.*: `parameters\.step` \(.*modules\.test\.ts:\d+:\d+\); write/,
    )
  })
})
