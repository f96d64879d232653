import { compileJavaScript, emitPlainly, emittedRuntime, type Plainly } from '@gatewright/compiler'
import type { PolicyIr } from '@gatewright/core'
import type { Engine } from '@gatewright/evaluator'

/** The function that is emitted for a policy. The tests alone evaluate source. */
export function plainlyOf(policy: PolicyIr): Plainly {
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function(`return (${emitPlainly(policy)})`) as () => (runtime: object) => Plainly
  return make()(emittedRuntime)
}

/** Judges as a module does that was built ahead. */
export const emittedEngine: Omit<Engine, 'name'> & { readonly name: 'emitted' } = {
  name: 'emitted',
  prepare: (policy) => compileJavaScript(policy, plainlyOf(policy)),
}
