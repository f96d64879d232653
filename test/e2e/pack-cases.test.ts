import { type Engine, evaluator, javascriptEngine, referenceEngine, wasmEngine } from '@gatewright/evaluator'
import type { Policy } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import { emittedEngine } from '../emitted-engine.js'

it('finds the cases of the packs', () => {
  expect(libraryCases.length).toBeGreaterThan(50)
})

describe.each([javascriptEngine, wasmEngine, referenceEngine, emittedEngine])(
  'the $name engine',
  (engine) => {
    it.each(libraryCases)('$id: $expect', ({ group, parameters, objects, ...expected }) => {
      const policy = libraryPolicies[group] as Policy
      const judge = evaluator([policy], {
        engine: engine as Engine,
        parameters: { [policy.id]: parameters ?? {} },
      })
      const verdicts = objects.map((object) => judge.evaluate(object).judgements[0]?.verdict)
      const violations = verdicts.flatMap((verdict) => verdict?.violations ?? [])
      if (expected.expect === 'fail') expect(verdicts.map((each) => each?.verdict)).toContain('denied')
      else expect(verdicts.map((each) => each?.verdict)).not.toContain('denied')
      for (const verdict of verdicts)
        expect(['allowed', 'denied', 'not-applicable']).toContain(verdict?.verdict)
      if (expected.violations !== null && expected.violations > 0)
        expect(violations).toHaveLength(expected.violations)
    })
  },
)
