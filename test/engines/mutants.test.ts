import { emitRego, emitRegoLibrary } from '@gatewright/compiler'
import { type CheckedPolicy, type Json, pathText, policiesOf, type Violation } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { type PolicyCase, mutationScore } from '../../packages/testing/src/mutation/index.js'
import type { Decision } from './decisions.js'
import { complaints, evaluated } from './opa.js'
import { randomObjects } from './random-objects.js'
import { isSaid } from './rego-judged.js'

const objects = randomObjects(5, 60)
const cases = objects.map((object): PolicyCase => ({ object }))

/** A mutant, or with no kill verdict a policy as it is, under an id of its own. */
interface Judged {
  readonly ir: CheckedPolicy
  readonly original: number
  readonly killed: boolean | undefined
}

it('fifty mutants of the pack are killed in OPA where they are killed in process', () => {
  const judged: Judged[] = []
  const parameters: Record<string, Json> = {}
  const add = (each: Judged, values: Json): number => {
    const ir = { ...each.ir, id: `mutants/m-${judged.length}` }
    parameters[ir.id] = values
    return judged.push({ ...each, ir }) - 1
  }
  const all = policiesOf([pack.podSecurity]).map((policy) => ({
    policy,
    mutants: mutationScore(policy, cases, { budget: 0 }).mutants.filter(({ mutant }) => isSaid(mutant.ir)),
  }))
  // every policy in turn, another mutant of it each time, killed and left ones alike
  const originals = all.map(({ policy }) =>
    add(
      { ir: policy.ir as CheckedPolicy, original: judged.length, killed: undefined },
      policy.values as Json,
    ),
  )
  for (let turn = 0; judged.length < originals.length + 50; turn++) {
    const { policy, mutants } = all[turn % all.length] as (typeof all)[number]
    const { mutant, killed } = mutants[(turn * 7) % mutants.length] as (typeof mutants)[number]
    add({ ir: mutant.ir, original: originals[turn % all.length] as number, killed }, policy.values as Json)
  }
  const modules = judged.map(({ ir }) => emitRego({ ir }))
  const files = [...modules, emitRegoLibrary(modules)]
  expect(complaints(files)).toBe('')
  const inputs = Object.fromEntries(modules.map((module) => [module.package, objects]))
  const answers = evaluated(files, inputs, 'decision', { gatewright: { parameters } })
  const outcomes = modules.map((module) =>
    (answers[module.package] ?? []).map((each) => textOf(each as Decision)),
  )
  const inOpa = judged.map(({ original }, i) =>
    outcomes[i]?.some((outcome, j) => outcome !== outcomes[original]?.[j]),
  )
  const mutants = judged.slice(originals.length)
  expect(mutants).toHaveLength(50)
  expect(new Set(mutants.map(({ killed }) => killed)).size).toBe(2)
  expect(inOpa.slice(originals.length)).toEqual(mutants.map(({ killed }) => killed))
})

/** What tests can see of a decision. */
const textOf = ({ verdict, violations }: Decision): string =>
  [
    verdict,
    ...violations
      .map((each) => {
        const { code, at, message } = each as Violation
        return `${code} ${pathText(at)}: ${message}`
      })
      .toSorted(),
  ].join('\n')
