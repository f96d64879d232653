import type { Match } from '@gatewright/evaluator'

const rego = `package privileged

violation[{"msg": msg}] {
  container := input.review.object.spec[lists[_]][_]
  container.securityContext.privileged == true
  msg := sprintf("%v is privileged", [container.name])
}

lists := ["containers", "initContainers", "ephemeralContainers"]
`

/** A template for Gatekeeper that forbids privileged containers. */
export const privilegedTemplate = {
  apiVersion: 'templates.gatekeeper.sh/v1',
  kind: 'ConstraintTemplate',
  metadata: { name: 'privileged' },
  spec: {
    crd: { spec: { names: { kind: 'Privileged' } } },
    targets: [{ target: 'admission.k8s.gatekeeper.sh', rego }],
  },
}

export const privilegedConstraint = (match: Match): object => ({
  apiVersion: 'constraints.gatekeeper.sh/v1beta1',
  kind: 'Privileged',
  metadata: { name: 'no-privileged' },
  spec: { match },
})
