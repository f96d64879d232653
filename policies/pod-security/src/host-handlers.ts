import type { Expr } from '@gatewright/core'
import type { Container } from '@gatewright/kubernetes'

/** A host field of a probe or lifecycle hook. */
export interface HostHandler {
  /** The probe or hook, and how it asks: `livenessProbe.httpGet`. */
  readonly name: string
  readonly host: Expr<string | undefined>
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
const hooks = ['postStart', 'preStop'] as const
const actions = ['httpGet', 'tcpSocket'] as const

/** Every field of a container that can name a host for the kubelet to ask. */
export function hostHandlers(container: Expr<Container>): readonly HostHandler[] {
  return actions.flatMap((action) => [
    ...probes.map((probe) => ({ name: `${probe}.${action}`, host: container[probe][action].host })),
    ...hooks.map((hook) => ({ name: `${hook}.${action}`, host: container.lifecycle[hook][action].host })),
  ])
}
