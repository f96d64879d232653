import type { TargetIr } from '@gatewright/core'
import { servedResources } from './schemas.js'

/** Resources and operations that an API server asks about. Source: `k8s.io/api/admissionregistration/v1`, `RuleWithOperations`. */
export interface AdmissionRule {
  readonly apiGroups: readonly string[]
  readonly apiVersions: readonly string[]
  readonly operations: readonly string[]
  readonly resources: readonly string[]
  readonly scope: '*'
}

/**
 * The resources that a target is about, by name: who lists all of them is asked about leases and tokens too. `any` for a target of any
 * kind, and none where no API server serves its kinds.
 */
export function admissionRules(
  { kinds: own = [], operations = ['CREATE', 'UPDATE'] }: TargetIr,
  isMeant: (kind: { readonly group: string; readonly kind: string }) => boolean = () => true,
): readonly AdmissionRule[] | 'any' {
  if (own.length === 0 || own.some(({ group, kind }) => group === '*' || kind === '*')) return 'any'
  const served = servedResources().filter(
    (resource) =>
      own.some(
        (each) =>
          each.group === resource.group &&
          each.kind === resource.kind &&
          (each.versions === undefined || each.versions.includes(resource.version)),
      ) && isMeant(resource),
  )
  const groups = new Map<string, string[]>()
  for (const { group, version, plural, kind } of served) {
    const key = `${group}/${version}`
    const resources = groups.get(key) ?? []
    if (resources.includes(plural)) continue
    // debugging puts containers into a Pod that runs, by a subresource of their own
    groups.set(key, [...resources, plural, ...(kind === 'Pod' ? ['pods/ephemeralcontainers'] : [])])
  }
  return [...groups].map(([key, resources]) => {
    const [group = '', version = ''] = key.split('/')
    return { apiGroups: [group], apiVersions: [version], operations: [...operations], resources, scope: '*' }
  })
}

/** Rules that ask about the same as all of these, each resource of a group and version once. */
export function joinedRules(rules: readonly AdmissionRule[]): readonly AdmissionRule[] {
  const operations = new Map<string, Set<string>>()
  for (const rule of rules)
    for (const group of rule.apiGroups)
      for (const version of rule.apiVersions)
        for (const resource of rule.resources) {
          const key = `${group} ${version} ${resource}`
          operations.set(key, new Set([...(operations.get(key) ?? []), ...rule.operations]))
        }
  const joined = new Map<string, AdmissionRule>()
  for (const [key, asked] of [...operations].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [group = '', version = '', resource = ''] = key.split(' ')
    const sorted = [...asked].toSorted()
    const place = `${group} ${version} ${sorted.join()}`
    const before = joined.get(place)
    joined.set(place, {
      apiGroups: [group],
      apiVersions: [version],
      operations: sorted,
      resources: [...(before?.resources ?? []), resource],
      scope: '*',
    })
  }
  return [...joined.values()]
}
