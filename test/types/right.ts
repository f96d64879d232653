// What has to compile: helpers, variance, narrowing. Checked under TypeScript 7, 6 and 5.9.
import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  type ListExpr,
  message,
  not,
  onlyIf,
  policy,
  type Policy,
  quantity,
  ratio,
  set,
  text,
  when,
} from 'gatewright'
import {
  type Container,
  deployments,
  networkPolicies,
  type SecurityContext,
  workloads,
} from 'gatewright/kubernetes'
import { z } from 'zod'

declare const present: Expr<string>
declare const literal: Expr<'a' | 'b'>
declare const maybe: Expr<string | undefined>
declare const count: Expr<number>
declare const container: Expr<Container>
declare const context: Expr<SecurityContext>

// what is present may be given where something may be missing
export const a1: Expr<string | undefined> = present
export const a2: Expr<number | undefined> = count
export const a3: Expr<string> = literal
export const a4: Expr<SecurityContext | undefined> = context
export const a5: Expr<{ readonly name: string }> = container
// and never the other way round
// @ts-expect-error
export const b1: Expr<string> = maybe
// @ts-expect-error
export const b2: Expr<SecurityContext> = container.securityContext
// @ts-expect-error
export const b3: Expr<string> = container.image
// @ts-expect-error
export const b4: Expr<boolean> = container.tty
// @ts-expect-error
export const b5: Expr<number> = context.runAsUser

export function anyNamed<E extends { readonly name: string }>(
  list: ListExpr<E>,
  holds: (element: Expr<E>) => Condition,
): Condition {
  return list.some(holds)
}

export const many: Policy = policy({
  id: 'types/many',
  title: 'Many constructs',
  severity: 'low',
  target: workloads,
  parameters: z.object({
    images: z.array(z.string()).default([]),
    most: z.number().default(3),
    strict: z.boolean().default(false),
  }),
  when: ({ object }) => object.metadata.labels.get('skip').isNot('true'),
  rule: ({ pod, object, parameters, cluster }) => [
    pod.allContainers.each((c) => {
      const own = c.securityContext.seccompProfile.type
        .default(pod.securityContext.seccompProfile.type)
        .default('Unset')
      return [
        own.notIn(['RuntimeDefault', 'Localhost']).deny({
          message: message`container ${c.name} uses ${own}`,
          at: c.securityContext.seccompProfile.type,
        }),
        c.ports
          .having('hostPort')
          .filter((port) => port.hostPort.gt(parameters.most))
          .deny((port) => ({ message: message`${port.hostPort}`, at: port.hostPort })),
        ratio(quantity(c.resources.limits.get('cpu')), c.resources.requests.get('cpu'))
          .gt(2)
          .ifMissing(true)
          .deny({ message: 'ratio' }),
      ]
    }),
    onlyIf(
      allOf(parameters.strict, not(pod.volumes.isEmpty())),
      pod.volumes
        .filter((v) => anyOf(v.hostPath.exists(), v.nfs.exists()))
        .deny((v) => ({ message: text`${v.name}`, at: v.name, fix: set(v.name, 'x') })),
    ),
    cluster
      .list(networkPolicies)
      .inNamespaceOf(object)
      .none((np) => np.spec.podSelector.matchLabels.isEmpty())
      .deny({ message: when(parameters.strict, 'none').otherwise('no default') }),
  ],
})

export const update: Policy = policy({
  id: 'types/update',
  title: 'An update',
  severity: 'low',
  target: deployments.on('UPDATE'),
  rule: ({ object, oldObject, request }) =>
    object.spec.replicas
      .differsFrom(oldObject.spec.replicas)
      .deny({ message: message`${request.userInfo.username}`, at: object.spec.replicas }),
})
