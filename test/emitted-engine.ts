import type { Engine } from '@gatewright/evaluator'
import { emittedEngine as engine } from '../packages/testing/src/equivalence/engines.js'

export { plainlyOf } from '../packages/testing/src/equivalence/engines.js'

/** Judges as a module does that was built ahead. */
export const emittedEngine: Omit<Engine, 'name'> & { readonly name: 'emitted' } = {
  ...engine,
  name: 'emitted',
}
