import type { Json, Policy } from '@gatewright/core'
import { findResource, podTemplatePaths } from '@gatewright/kubernetes'
import { type Manifest, syncWave, syncWaves } from './manifest.js'

/** Has Gatekeeper judge the objects that another would come to, when that is made. */
export interface ExpansionTemplate extends Manifest {
  readonly apiVersion: 'expansion.gatekeeper.sh/v1beta1'
  readonly kind: 'ExpansionTemplate'
}

/** Whether a policy is about Pods and not about what makes them: only then is there something that an expansion adds. */
export function isAboutPodsAlone({ ir }: Policy): boolean {
  const kinds = ir.target.kinds ?? []
  const isAbout = (group: string, kind: string): boolean =>
    kinds.some(
      (each) => (each.group === group || each.group === '*') && (each.kind === kind || each.kind === '*'),
    )
  return isAbout('', 'Pod') && !generators().some(({ group, kind }) => isAbout(group, kind))
}

/**
 * ExpansionTemplates with which policies about Pods are asked of Deployments, Jobs and their kin too: Gatekeeper judges the Pod that each
 * would make. A Pod of a CronJob is made of the template of its Jobs. None where no policy is about Pods alone.
 *
 * Source: `apis/expansion/v1beta1` of Gatekeeper.
 */
export function expansionTemplatesOf(policies: readonly Policy[]): readonly ExpansionTemplate[] {
  if (!policies.some(isAboutPodsAlone)) return []
  const bySource = new Map<string, Generator[]>()
  for (const each of generators()) {
    const source = each.path.join('.')
    bySource.set(source, [...(bySource.get(source) ?? []), each])
  }
  return [...bySource].map(([templateSource, all]) => ({
    apiVersion: 'expansion.gatekeeper.sh/v1beta1',
    kind: 'ExpansionTemplate',
    metadata: {
      name: `gatewright-pods-by-${templateSource.replaceAll('.', '-').toLowerCase()}`,
      annotations: { [syncWave]: syncWaves.definitions },
    },
    spec: {
      applyTo: applyTo(all),
      templateSource,
      generatedGVK: { group: '', version: 'v1', kind: 'Pod' },
    },
  }))
}

interface Generator {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly path: readonly string[]
}

/** The kinds that make Pods. A PodTemplate makes none by itself. */
const generators = (): readonly Generator[] =>
  podTemplatePaths.flatMap(({ group, kind, path }) => {
    const version = findResource({ group, kind })?.version
    return path.at(0) !== 'spec' || version === undefined ? [] : [{ group, version, kind, path }]
  })

function applyTo(all: readonly Generator[]): Json {
  const groups = new Map<string, string[]>()
  for (const { group, version, kind } of all) {
    const key = `${group}/${version}`
    groups.set(key, [...(groups.get(key) ?? []), kind])
  }
  return [...groups].map(([key, kinds]) => {
    const [group = '', version = ''] = key.split('/')
    return { groups: [group], versions: [version], kinds: kinds.toSorted() }
  })
}
