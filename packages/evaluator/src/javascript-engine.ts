import { compileFits, compileJavaScript } from '@gatewright/compiler/javascript'
import type { CheckedPolicy } from '@gatewright/core'
import type { Engine, Prepared } from './engine.js'

const prepared = new WeakMap<CheckedPolicy, Prepared>()

/** Closures over the policy; for everyday use. */
export const javascriptEngine: Engine = {
  name: 'javascript',
  prepare: (policy) => {
    let known = prepared.get(policy)
    if (known === undefined) prepared.set(policy, (known = compileJavaScript(policy)))
    return known
  },
  prepareFits: compileFits,
}
