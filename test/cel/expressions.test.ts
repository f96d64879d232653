import { type CelExpressions, emitCel } from '@gatewright/compiler'
import {
  check,
  type CheckedPolicy,
  type Json,
  message,
  policy,
  type Policy,
  readParameters,
} from '@gatewright/core'
import { deployments, workloads } from '@gatewright/kubernetes'
import * as pack from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { literal, textLiteral } from '../../packages/compiler/src/cel/literal.js'

function said(of: Policy, given: Readonly<Record<string, unknown>> = {}): CelExpressions {
  const ir = check(of.ir)
  const read = readParameters(of, given)
  if ('problems' in ir || 'problems' in read) throw new Error('it cannot be built')
  return emitCel(ir as CheckedPolicy, read.parameters)
}

const refusal = (of: Policy, given?: Readonly<Record<string, unknown>>): string => {
  try {
    said(of, given)
  } catch (error) {
    expect(error).toMatchObject({ name: 'CelUnsupported', code: 'not-expressible', target: 'cel' })
    return (error as Error).message
  }
  throw new Error('it is said')
}

describe('a policy in CEL', () => {
  it('reads as its rule does, with what several look at made once', () => {
    const { variables, validation, message: text } = said(pack.privilegedContainers)
    expect(variables.map(({ name }) => name)).toEqual([
      'template',
      'allContainers',
      'specIsOld',
      'oldTemplate',
      'allContainers2',
      'chosenContainers',
      'text',
      'cut',
    ])
    expect(validation).toBe('!(size(variables.chosenContainers) > 0)')
    expect(text).toMatch(
      /^!variables\.cut\.matches\("[^"]+"\) \? variables\.cut : variables\.cut\.split\(""\)\.map\(c, /,
    )
  })

  it('is the same each time', () => {
    for (const each of pack.podSecurity.policies) expect(said(each)).toEqual(said(each))
  })

  it('has its parameters in it, worked out as far as they decide', () => {
    const registries = policy({
      id: 'team/registries',
      title: 'Registries',
      severity: 'low',
      target: workloads,
      parameters: z.object({ allowed: z.array(z.string()).default([]), isOn: z.boolean().default(true) }),
      rule: ({ pod, parameters }) =>
        pod.containers
          .filter((c) => parameters.allowed.none((each) => c.image.like(each).ifMissing(false)))
          .filter(() => parameters.isOn.is(true))
          .deny((c) => ({ message: message`${c.name}`, at: c.image })),
    })
    expect(said(registries, { isOn: false }).validation).toBe('true')
    const { variables } = said(registries, { allowed: ['a.example.com/*', 'b?'] })
    const chosen = variables.find(({ name }) => name === 'chosenContainers')?.expression ?? ''
    expect(chosen).toContain(String.raw`.matches("(?s)^a\\.example\\.com/.*$")`)
    expect(chosen).toContain('.matches("(?s)^b.$")')
    expect(chosen).not.toContain('parameters')
  })

  it('says with its place in the source what CEL cannot', () => {
    const bounds = policy({
      id: 'team/bounds',
      title: 'Bounds',
      severity: 'low',
      target: deployments,
      parameters: z.object({ least: z.number().default(1) }),
      rule: ({ object, parameters }) =>
        object.spec.replicas
          .default(1)
          .plus(1)
          .lt(parameters.least)
          .ifMissing(false)
          .deny({ message: message`too few`, at: object.spec.replicas }),
    })
    expect(refusal(bounds)).toMatch(
      /^team\/bounds: `.*` cannot be said in CEL: the operator `plus` would not mean the same \(.*expressions\.test\.ts:\d+:\d+\)$/,
    )
    expect(refusal(pack.volumeTypes, { volumes: Array.from({ length: 300 }, (_, i) => `v${i}`) })).toContain(
      'more than 200 elements',
    )
  })
})

describe('a value in CEL', () => {
  it.each<readonly [Json, string | undefined]>([
    ['a"\\\n\u007f\u2028😀', String.raw`dyn("a\"\\\u000a\u007f\u2028\U0001f600")`],
    ['\ud800', undefined],
    [7, 'dyn(7)'],
    [-0.5, 'dyn(-0.5)'],
    [2 ** 60, undefined],
    [null, 'dyn(null)'],
    [['a', 1], 'dyn([dyn("a"), dyn(1)])'],
    [{ b: true, a: 'x' }, 'dyn({"a": dyn("x"), "b": dyn(true)})'],
  ])('%j is %s', (value, printed) => {
    expect(literal(value)).toBe(printed)
  })

  it('is a text with nothing but printable ASCII in it', () => {
    for (let point = 0; point < 0x3000; point++)
      expect(textLiteral(String.fromCodePoint(point))).toMatch(/^"[ -~]+"$/)
  })
})
