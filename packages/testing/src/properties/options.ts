import { nearest, type Policy } from '@gatewright/core'
import type { Parameters } from 'fast-check'
import type { QuestionOptions } from '../arbitrary/questions.js'
import { properties } from './all.js'
import { refuseUnknownExemptions } from './parameters.js'
import type { PropertyName } from './property.js'

/** How a policy is checked. `seed` and `numRuns` are those of fast-check. */
export interface CheckPolicyOptions
  extends Pick<Parameters, 'seed' | 'numRuns'>, Pick<QuestionOptions, 'kind' | 'kubernetesVersion'> {
  /** Properties that are not meant to hold, each with the reason. One that does hold is an error. */
  readonly except?: { readonly [name in PropertyName]?: string }
  /** Parameters that are lists of exemptions; by default those whose names say so, such as `exemptImages` and `allowedHosts`. */
  readonly exemptions?: readonly string[]
}

/** Refuses exceptions and exemptions that name nothing, and questions that would be none or about nothing. */
export function refuseUnknown(
  policy: Policy,
  { except = {}, exemptions, numRuns = 1, kind }: CheckPolicyOptions,
): void {
  const { kinds } = policy.ir.target
  const isAbout = kind?.ir.kinds?.some((each) =>
    kinds?.some((own) => own.group === each.group && own.kind === each.kind),
  )
  if (kind !== undefined && kinds !== undefined && isAbout !== true)
    throw new TypeError(
      `\`kind\` is \`${kind.ir.name}\`, which policy \`${policy.id}\` is not about, so that nothing would be put to the test`,
    )
  if (!Number.isSafeInteger(numRuns) || numRuns < 1)
    throw new TypeError(`\`numRuns\` is a whole number of questions, at least 1, not ${String(numRuns)}`)
  const names: readonly string[] = properties.map(({ name }) => name)
  for (const [name, reason] of Object.entries(except)) {
    if (!names.includes(name)) {
      const near = nearest(name, names)
      throw new TypeError(
        `\`except\` names \`${name}\`, which is no property${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
      )
    }
    if (typeof reason !== 'string' || reason.trim() === '')
      throw new TypeError(`the exception \`${name}\` has no reason: say why it need not hold`)
  }
  if (exemptions !== undefined) refuseUnknownExemptions(policy, exemptions)
}
