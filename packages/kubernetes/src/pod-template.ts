import type { KindPath } from '@gatewright/core'

/**
 * Where a pod's metadata and spec are in the kinds that have them: the path of the pod template, which for a Pod is the object
 * itself. Every built-in kind that holds a PodSpec is here; a test walks the schemas to see to it.
 */
export const podTemplatePaths: readonly KindPath[] = [
  { group: '', kind: 'Pod', path: [] },
  { group: '', kind: 'PodTemplate', path: ['template'] },
  { group: '', kind: 'ReplicationController', path: ['spec', 'template'] },
  { group: 'apps', kind: 'DaemonSet', path: ['spec', 'template'] },
  { group: 'apps', kind: 'Deployment', path: ['spec', 'template'] },
  { group: 'apps', kind: 'ReplicaSet', path: ['spec', 'template'] },
  { group: 'apps', kind: 'StatefulSet', path: ['spec', 'template'] },
  { group: 'batch', kind: 'CronJob', path: ['spec', 'jobTemplate', 'spec', 'template'] },
  { group: 'batch', kind: 'Job', path: ['spec', 'template'] },
  // older API groups of the same kinds, which manifests still carry
  { group: 'extensions', kind: 'DaemonSet', path: ['spec', 'template'] },
  { group: 'extensions', kind: 'Deployment', path: ['spec', 'template'] },
  { group: 'extensions', kind: 'ReplicaSet', path: ['spec', 'template'] },
]

/** The path of the pod template in an object of a kind; undefined for kinds without one. */
export function podTemplatePath(of: {
  readonly group: string
  readonly kind: string
}): readonly string[] | undefined {
  return podTemplatePaths.find((each) => each.group === of.group && each.kind === of.kind)?.path
}
