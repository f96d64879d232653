import type { Json, Policy } from '@gatewright/core'
import { templateOf } from '@gatewright/gatekeeper'

/** A template whose Rego would deny everything: what it does not deny was judged by CEL. */
export function celAlone(policy: Policy, kind?: string): ReturnType<typeof templateOf> {
  const template = templateOf(policy, { cel: true, holdsTo: 1, ...(kind !== undefined && { kind }) })
  const [target] = template.spec['targets'] as unknown as readonly [
    { readonly code: readonly [object, { readonly source: object }] },
  ]
  const [native, { source }] = target.code
  const rego = 'package other\n\nviolation contains {"msg": "judged by Rego"}'
  const code = [native, { engine: 'Rego', source: { ...source, rego } }]
  return { ...template, spec: { ...template.spec, targets: [{ ...target, code }] as unknown as Json } }
}
