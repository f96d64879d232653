import type { Json } from '@gatewright/core'
import type { Dice } from './dice.js'
import { stored } from './document-shapes.js'
import type { RandomObjects } from './random-objects.js'

/** The objects of a cluster that policies may look up. */
export function randomInventory(dice: Dice, objects: RandomObjects): readonly Json[] {
  const known = new Map<string, Json>()
  for (let i = 0; i < 12; i++) {
    const [apiVersion, kind, isNamespaced] = dice.one([
      ['v1', 'ConfigMap', true],
      ['example.io/v1', 'Team', false],
      ['example.io/v1beta1', 'Team', true],
      ['apps/v1', 'Deployment', true],
      ['other.io/v1', 'Team', true],
    ] as const)
    const name = dice.one(['a', 'b', 'team', 'é', '🔒', '\uffff', 'x.y'])
    const namespace = isNamespaced ? { namespace: dice.one(['a', 'web', 'nginx', '🔒', '\uffff']) } : {}
    const object = objects.object(stored) as Readonly<Record<string, Json>>
    const metadata = { ...(objects.object({ labels: 'labels' }) as object), name, ...namespace }
    known.set(JSON.stringify([kind, apiVersion.replace(/\/.*/, ''), name, namespace]), {
      ...object,
      apiVersion,
      kind,
      metadata,
    })
  }
  return [...known.values()]
}
