import {
  type Cluster,
  cluster,
  type Expr,
  expressionOf,
  inputExpression,
  type ListExpr,
  type ObjectExpr,
  type ObjectSchema,
  type Operation,
  type Schema,
  subjectOf,
  type Target,
  type TargetIr,
  valueArgument,
  valueSubject,
} from '@gatewright/core'
import { type AdmissionRequest, requestSchema } from './admission-request.js'
import type { Container, ObjectMeta, PodSpec } from './generated/types.js'
import { podTemplatePaths } from './pod-template.js'
import { anyObject, type KubernetesObject } from './resource.js'
import { definition } from './schemas.js'

/** The pod that a workload runs: its spec, with all its containers and its metadata. */
export type PodView = ObjectExpr<PodSpec> & {
  /** The containers, the ephemeral containers and the init containers. */
  readonly allContainers: ListExpr<Container>
  /** The metadata of the pod, which for a workload is that of its template. */
  readonly metadata: Expr<ObjectMeta | undefined>
}

/** What a rule about workloads is given. */
export interface WorkloadBindings {
  readonly pod: PodView
  /** The workload itself: a Pod, a Deployment … */
  readonly object: Expr<KubernetesObject>
  readonly request: Expr<AdmissionRequest>
  readonly cluster: Cluster
}

/** What a rule about some operations on workloads is given. */
export interface WorkloadOperationBindings extends WorkloadBindings {
  /** The workload as it was. */
  readonly oldObject: Expr<KubernetesObject | undefined>
  /** The pod as it was; every field of it may be missing. */
  readonly oldPod: PodView
}

/** Pods, and everything with a pod template: Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate. */
export interface Workloads extends Target<WorkloadBindings> {
  /** The policy is about these operations only; by default about `CREATE` and `UPDATE`. It brings `oldPod` and `oldObject`. */
  on(...operations: readonly Operation[]): Target<WorkloadOperationBindings>
}

const ir: TargetIr = {
  name: 'workloads',
  kinds: podTemplatePaths.map(({ group, kind }) => ({ group, kind })),
  builtIn: true,
  inputs: {
    object: { root: 'object', path: [] },
    request: { root: 'request', path: [] },
    template: { root: 'object', path: podTemplatePaths },
  },
}

/** Pods, and everything with a pod template; binds `pod`. */
export const workloads: Workloads = {
  ir,
  get schema() {
    return anyObject.schema
  },
  bind: () => workloadBindings(),
  on: (...operations) => ({
    ir: {
      ...ir,
      operations,
      inputs: {
        ...ir.inputs,
        oldObject: { root: 'oldObject', path: [] },
        oldTemplate: { root: 'oldObject', path: podTemplatePaths },
      },
    },
    get schema() {
      return anyObject.schema
    },
    bind: () => ({
      ...workloadBindings(),
      oldObject: inputExpression<KubernetesObject | undefined>('oldObject', anyObject.schema, {
        presence: 'maybe',
      }),
      oldPod: podView('oldTemplate'),
    }),
  }),
}

function workloadBindings(): WorkloadBindings {
  return {
    pod: podView('template'),
    object: inputExpression<KubernetesObject>('object', anyObject.schema),
    request: inputExpression<AdmissionRequest>('request', requestSchema, { vouched: false }),
    cluster,
  }
}

/** The pod's spec, with two names more. They are no fields of a PodSpec, so nothing is hidden. */
function podView(input: 'template' | 'oldTemplate'): PodView {
  const template = inputExpression<Template>(
    input,
    templateSchema(),
    input === 'oldTemplate' ? { presence: 'maybe' } : {},
  )
  const spec = valueArgument(template.spec, 'the pod')
  if (spec.schema.type !== 'object') throw new TypeError('the schema of PodSpec is missing')
  return expressionOf({
    ...spec,
    views: { metadata: () => template.metadata, allContainers: () => allContainers(template) },
  })
}

/** A pod template, as far as policies look at it. */
interface Template {
  readonly metadata?: ObjectMeta
  readonly spec: PodSpec
}

function templateSchema(): ObjectSchema {
  const part = (name: string): Schema => definition(name) ?? { type: 'unknown' }
  return {
    type: 'object',
    name: 'PodTemplate',
    fields: {
      metadata: { schema: part('meta/v1/ObjectMeta') },
      spec: { schema: part('core/v1/PodSpec'), required: true },
    },
  }
}

/** In the order of their names, which is the order of violations. */
const containerLists = ['containers', 'ephemeralContainers', 'initContainers'] as const

function allContainers(template: Expr<Template>): ListExpr<Container> {
  const lists = containerLists.map((key) => {
    const list = subjectOf(template.spec[key])
    if (list?.is !== 'value') throw new TypeError(`the schema of PodSpec has no ${key}`)
    return list
  })
  const container: Schema = definition('core/v1/Container') ?? { type: 'unknown' }
  const concat = valueSubject(
    { kind: 'concat', lists: lists.map(({ node }) => node) },
    { type: 'list', items: container },
    'present',
  )
  return expressionOf({ ...concat, vouched: true })
}
