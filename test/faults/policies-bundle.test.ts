import {
  type Bundle,
  BundleError,
  policyBundle,
  readBundle,
  readPolicies,
  writeBundle,
} from '@gatewright/bundle'
import {
  type CheckedPolicy,
  check,
  type Json,
  policiesOf,
  type Policy,
  readParameters,
} from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import { hostPorts, podSecurity } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { packCases, packPod } from '../cluster/pod-security-cases.js'

const checked = ({ ir }: Policy): CheckedPolicy => {
  const result = check(ir)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}
const parametersOf = (policy: Policy, given: object): Readonly<Record<string, Json>> => {
  const read = readParameters(policy, given as Readonly<Record<string, unknown>>)
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return read.parameters as Readonly<Record<string, Json>>
}
const bundleOf = (): Bundle =>
  policyBundle(
    packCases.map(({ policy, parameters }) => ({
      ir: checked(policy),
      parameters: parametersOf(policy, parameters),
      action: policy === hostPorts ? 'warn' : 'deny',
    })),
    { form: 'policies', match: { excludedNamespaces: ['kube-*'] } },
  )

describe('policies in a bundle', () => {
  it('come back as they were, with their parameters, and judge the same', async () => {
    const bytes = await writeBundle(bundleOf())
    expect(await writeBundle(bundleOf())).toEqual(bytes)
    const { policies, match } = readPolicies(await readBundle(bytes))
    expect(match).toEqual({ excludedNamespaces: ['kube-*'] })
    expect(policies.map(({ policy: { id } }) => id)).toEqual(policiesOf([podSecurity]).map(({ id }) => id))
    expect(policies.find(({ policy: { id } }) => id === hostPorts.id)?.action).toBe('warn')
    const read = evaluator(policies.map(({ policy }) => policy))
    const given = Object.fromEntries(packCases.map(({ policy, parameters }) => [policy.id, parameters]))
    const own = evaluator([podSecurity], { parameters: given as never })
    for (const { bad } of packCases)
      for (const pod of [packPod('a', 'b', bad as never), packPod('a', 'b')]) {
        const verdicts = ({ judgements }: ReturnType<typeof own.evaluate>): unknown =>
          judgements.map(({ verdict }) => verdict)
        expect(verdicts(read.evaluate(pod))).toEqual(verdicts(own.evaluate(pod)))
        expect(verdicts(read.evaluateText(JSON.stringify(pod)))).toEqual(verdicts(own.evaluate(pod)))
      }
  })

  it('take no other parameters than they have', () => {
    const { policies } = readPolicies(bundleOf())
    const ports = policies.find(({ policy: { id } }) => id === hostPorts.id)?.policy as Policy
    expect(readParameters(ports, {})).toEqual({
      parameters: parametersOf(hostPorts, { min: 8000, max: 9000 }),
    })
    expect(readParameters(ports, { min: 8000 })).toHaveProperty('parameters')
    expect(readParameters(ports, { min: 1 })).toHaveProperty('problems')
    expect(readParameters(ports, { other: 1 })).toHaveProperty('problems')
  })

  const document = JSON.parse(
    Buffer.from(bundleOf().files.get('policies.json') ?? []).toString('utf8'),
  ) as Readonly<Record<string, Json>> & { readonly policies: readonly Readonly<Record<string, Json>>[] }
  const [first = {}] = document.policies
  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['a list', []],
    ['another format', { ...document, format: 'gatewright.policies/2' }],
    ['no policies', { format: document['format'] }],
    ['one that is none', { ...document, policies: [...document.policies, 7] }],
    ['one without parameters', { ...document, policies: [{ ...first, parameters: null }] }],
    ['one without an action', { ...document, policies: [{ ...first, action: undefined }] }],
    [
      'one of another language',
      { ...document, policies: [{ ...first, ir: { ...(first['ir'] as object), format: 9 } }] },
    ],
    [
      'one that is cut',
      { ...document, policies: [{ ...first, ir: { ...(first['ir'] as object), nodes: [] } }] },
    ],
    ['one twice', { ...document, policies: [first, first] }],
  ])('are refused whole where there is %s', (_, content) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    const files = new Map([['policies.json', new TextEncoder().encode(text)]])
    expect(() => readPolicies({ files })).toThrow(BundleError)
  })

  it('are not looked for in a bundle of Rego', () => {
    expect(() => readPolicies(policyBundle([]))).toThrow('build it with --form policies')
  })
})
