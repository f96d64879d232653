import { admissionRules } from '@gatewright/kubernetes'
import type { Policy } from '@gatewright/core'
import type { Match } from '@gatewright/evaluator'
import { isMeant } from './match-conditions.js'

/** A resource that a cluster cannot do without, and what stops where it is denied. */
export interface LockOut {
  readonly policy: string
  readonly resource: string
  readonly stops: string
}

/** What a cluster writes to run at all. Source: a fault in what judges these leaves nobody who could mend it. */
const vital: Readonly<Record<string, string>> = {
  'coordination.k8s.io/leases': 'nodes lose their heartbeat, and controllers their leaders',
  '/nodes': 'no node joins, and none tells its state',
  '/events': 'nothing tells what goes wrong',
  'events.k8s.io/events': 'nothing tells what goes wrong',
  '/endpoints': 'services lead to no Pods that are new',
  'discovery.k8s.io/endpointslices': 'services lead to no Pods that are new',
  '/serviceaccounts': 'no namespace gets its account, and no Pod starts there',
  '/secrets': 'no account gets its token, and no server its certificate',
  'apiregistration.k8s.io/apiservices': 'no API that is served elsewhere comes back',
  'apiextensions.k8s.io/customresourcedefinitions': 'no CRD is mended, that of constraints among them',
  'admissionregistration.k8s.io/validatingwebhookconfigurations': 'a webhook that fails cannot be taken away',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': 'a webhook that fails cannot be taken away',
  'certificates.k8s.io/certificatesigningrequests': 'no node renews its certificate',
  'rbac.authorization.k8s.io/clusterrolebindings': 'nobody gets the rights to mend it',
}

/**
 * The resources among those that policies judge without which a cluster does not run: where such a policy fails, or is wrong, it takes
 * the cluster with it. Objects of the cluster are in no namespace that could be left out.
 */
export function lockOuts(policies: readonly Policy[], { kinds }: Match = {}): readonly LockOut[] {
  return policies.flatMap(({ id, ir }) => {
    const rules = admissionRules(ir.target, ({ group, kind }) => isMeant(kinds, group, kind))
    if (rules === 'any') return []
    const found = new Map(
      rules.flatMap(({ apiGroups, resources }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => {
            const stops = vital[`${group}/${resource}`]
            return stops === undefined
              ? []
              : [[group === '' ? resource : `${resource}.${group}`, stops] as const]
          }),
        ),
      ),
    )
    return [...found].map(([resource, stops]) => ({ policy: id, resource, stops }))
  })
}
