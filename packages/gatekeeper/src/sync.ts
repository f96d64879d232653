import type { Policy } from '@gatewright/core'
import { GatekeeperError } from './gatekeeper-error.js'
import { type Manifest, syncWave, syncWaves } from './manifest.js'
import { inventoryOf } from './template.js'

/** A SyncSet, or Gatekeeper's Config. */
export type SyncManifest = Manifest

/** The SyncSet of what policies look up, and nothing else; undefined where they look up nothing. */
export function syncSetOf(
  policies: readonly Policy[],
  { name = 'gatewright' }: { readonly name?: string } = {},
): SyncManifest | undefined {
  const resources = inventoryOf(policies.map(({ ir }) => ir))
  if (resources.length === 0) return undefined
  return {
    apiVersion: 'syncset.gatekeeper.sh/v1alpha1',
    kind: 'SyncSet',
    metadata: { name, annotations: { [syncWave]: syncWaves.definitions } },
    spec: { gvks: resources.map(({ group, version, kind }) => ({ group, version, kind })) },
  }
}

/**
 * Gatekeeper's Config with what policies look up, for versions without SyncSet. There is one Config in a cluster, so that applying this
 * one takes out what else was in it. Throws a `GatekeeperError` where the policies look up nothing.
 */
export function configOf(
  policies: readonly Policy[],
  { namespace = 'gatekeeper-system' }: { readonly namespace?: string } = {},
): SyncManifest {
  const resources = inventoryOf(policies.map(({ ir }) => ir))
  if (resources.length === 0)
    throw new GatekeeperError('nothing-to-sync', 'the policies look up nothing', 'leave the Config as it is')
  return {
    apiVersion: 'config.gatekeeper.sh/v1alpha1',
    kind: 'Config',
    metadata: { name: 'config', namespace, annotations: { [syncWave]: syncWaves.definitions } },
    spec: { sync: { syncOnly: resources.map(({ group, version, kind }) => ({ group, version, kind })) } },
  }
}
