import { evaluator, javascriptEngine } from '@gatewright/evaluator'
import { absences, type Path, policiesOf, type Policy, type Violation } from '@gatewright/core'
import { baseline, podSecurity, restricted } from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { RandomPods } from '../engines/random-pods.js'

const policies = [
  ...new Map(
    policiesOf([podSecurity, baseline(), restricted()]).map((policy) => [policy.id, policy]),
  ).values(),
]
const random = new RandomPods(7)
const objects = Array.from(
  { length: 200 },
  () => JSON.parse(JSON.stringify(random.wrapped(random.template()))) as object,
)

function* paths(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    yield* paths(child, [...path, Array.isArray(value) ? Number(key) : key])
  }
}

function without(value: unknown, [step, ...rest]: Path): unknown {
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, i) => i !== step)
      : value.map((item, i) => (i === step ? without(item, rest) : item))
  }
  const entries = Object.entries(value as object).flatMap(([key, child]) =>
    key !== step ? [[key, child] as const] : rest.length === 0 ? [] : [[key, without(child, rest)] as const],
  )
  return Object.fromEntries(entries)
}

const startsWith = (path: Path, prefix: Path): boolean => prefix.every((step, i) => path[i] === step)

/** What a violation is about goes with the field at its place, with what that is in, and with what is in it. */
const isAbout = (path: Path, { at }: Violation): boolean => startsWith(at, path) || startsWith(path, at)

/** Absences that pass by what the policy says, told by `explain --missing`. */
function passesBySaying(policy: Policy, path: Path): boolean {
  const name = path.findLast((step) => typeof step === 'string')
  return absences(policy.ir).some(
    ({ field, effects }) =>
      field.endsWith(`.${String(name)}`) && effects.some(({ effect }) => effect !== 'denies'),
  )
}

it.each(policies)('$id: no field that is left out turns a denial into a pass in silence', (policy) => {
  const judge = evaluator([policy], { engine: javascriptEngine })
  const silent: string[] = []
  let denials = 0
  for (const object of objects) {
    const before = judge.evaluate(object).judgements[0]?.verdict
    if (before?.verdict !== 'denied') continue
    denials++
    for (const path of paths(object)) {
      const after = judge.evaluate(without(object, path)).judgements[0]?.verdict
      if (after?.verdict !== 'allowed') continue
      if (before.violations.some((violation) => isAbout(path, violation)) || passesBySaying(policy, path))
        continue
      silent.push(path.join('.'))
    }
  }
  expect(silent.slice(0, 5)).toEqual([])
  // policies that random pods never break say so here
  const rare = ['flexvolume-drivers', 'fsgroup', 'interactive-tty']
  if (!rare.some((name) => policy.id.endsWith(name))) expect(denials).toBeGreaterThan(0)
})
