import type { Json, Policy } from '@gatewright/core'
import { constraintKind } from './kind-name.js'
import { type Manifest, syncWave, syncWaves } from './manifest.js'
import { type ParameterSizes, sizedSchema } from './parameter-sizes.js'
import { parametersSchema } from './template.js'

const group = 'parameters.gatewright.dev'
const version = 'v1'

/** Parameters that lie in an object of the cluster. */
export interface KeptParameters {
  readonly definition: Manifest
  readonly object: Manifest
  readonly sizes: ParameterSizes
}

/**
 * The kind of a policy's parameters, and an object of it. It is of no namespace: a policy about objects of the cluster would find no
 * parameters in theirs.
 */
export function keptParameters(
  policy: Policy,
  name: string,
  given: Readonly<Record<string, Json>>,
): KeptParameters {
  const kind = constraintKind(policy)
  const plural = kind.toLowerCase()
  const { schema, sizes } = sizedSchema(parametersSchema(policy), [given])
  const annotations = (wave: string): Readonly<Record<string, string>> => ({
    [syncWave]: wave,
    'gatewright.dev/policy': policy.id,
  })
  return {
    sizes,
    definition: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}`, annotations: annotations(syncWaves.kinds) },
      spec: {
        group,
        names: { kind, listKind: `${kind}List`, plural, singular: plural },
        scope: 'Cluster',
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                description: `The parameters of the policy ${policy.id}: ${policy.ir.title}.`,
                required: ['spec'],
                properties: {
                  apiVersion: { type: 'string' },
                  kind: { type: 'string' },
                  metadata: { type: 'object' },
                  spec: schema,
                },
              },
            },
          },
        ],
      },
    },
    object: {
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { name, annotations: annotations(syncWaves.parameters) },
      spec: given,
    },
  }
}
