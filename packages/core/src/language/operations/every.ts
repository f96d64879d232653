import type { Operations } from '../members.js'
import { callNode, condition, valueArgument } from '../values.js'

/** What every value can be asked. */
export const everyOperations: Operations = {
  exists: (subject) => condition(callNode('exists', [subject])),
  missing: (subject) => condition({ kind: 'not', of: callNode('exists', [subject]) }),
  sameAs: (subject, [other]) =>
    condition(callNode('sameAs', [subject, valueArgument(other, 'the operand of .sameAs()')])),
  differsFrom: (subject, [other]) =>
    condition({
      kind: 'not',
      of: callNode('sameAs', [subject, valueArgument(other, 'the operand of .differsFrom()')]),
    }),
}
