import type {
  DaemonSetSpec,
  DeploymentSpec,
  JobSpec,
  PodTemplateSpec,
  ReplicaSetSpec,
  ReplicationControllerSpec,
  StatefulSetSpec,
} from '@gatewright/kubernetes'
import {
  boolean,
  count,
  countOrShare,
  dnsLabel,
  integer,
  labelValue,
  qualifiedName,
  text,
  values,
} from './leaves.js'
import { type DefinitionRules, type DraftOf, list } from './rules.js'
import { mapOf } from './shape.js'

const replicas = integer(0, 2_147_483_647, 1, 3)
const seconds = integer(0, 2_147_483_647, 0, 30)

export const workloadRules: Readonly<Record<string, DefinitionRules>> = {
  PodTemplate: { fields: { template: 'schema' }, always: ['template'] },
  ReplicationController: whole(),
  ReplicationControllerSpec: {
    fields: {
      minReadySeconds: seconds,
      replicas,
      selector: mapOf(qualifiedName, labelValue, { least: 1 }),
      template: 'schema',
    },
    always: ['selector', 'template'],
    repair: ({ selector, template }: DraftOf<ReplicationControllerSpec>) => {
      const selected = { selector: { matchLabels: selector ?? {} }, ...(template && { template }) }
      mendSelected(selected)
    },
  },
  Deployment: whole(),
  StatefulSet: whole(),
  DaemonSet: whole(),
  ReplicaSet: whole(),
  Job: whole(),
  CronJob: whole(),
  DeploymentSpec: {
    fields: {
      minReadySeconds: integer(0, 500, 0, 30),
      paused: boolean,
      progressDeadlineSeconds: integer(501, 2_147_483_647, 600),
      replicas,
      revisionHistoryLimit: count,
      selector: 'schema',
      strategy: 'schema',
      template: 'schema',
    },
    often: ['replicas'],
    repair: (spec: DraftOf<DeploymentSpec>) => {
      mendSelected(spec)
      if (spec.strategy?.type === 'Recreate') delete spec.strategy.rollingUpdate
    },
  },
  DeploymentStrategy: { fields: { type: 'schema', rollingUpdate: 'schema' } },
  RollingUpdateDeployment: { fields: { maxSurge: countOrShare, maxUnavailable: countOrShare } },
  ReplicaSetSpec: {
    fields: { minReadySeconds: seconds, replicas, selector: 'schema', template: 'schema' },
    always: ['template'],
    often: ['replicas'],
    repair: (spec: DraftOf<ReplicaSetSpec>) => mendSelected(spec),
  },
  StatefulSetSpec: {
    fields: {
      minReadySeconds: seconds,
      ordinals: 'schema',
      persistentVolumeClaimRetentionPolicy: 'schema',
      podManagementPolicy: 'schema',
      replicas: integer(0, 1000, 1, 3),
      revisionHistoryLimit: count,
      selector: 'schema',
      serviceName: dnsLabel,
      template: 'schema',
      updateStrategy: 'schema',
      volumeClaimTemplates: list({}),
    },
    often: ['replicas', 'serviceName'],
    repair: (spec: DraftOf<StatefulSetSpec>) => {
      mendSelected(spec)
      if (spec.updateStrategy?.type === 'OnDelete') delete spec.updateStrategy.rollingUpdate
      const seen = new Set<string | undefined>()
      const claims = spec.volumeClaimTemplates?.filter(({ metadata }) => {
        const isNew = !seen.has(metadata?.name)
        seen.add(metadata?.name)
        return isNew
      })
      if (claims !== undefined) spec.volumeClaimTemplates = claims
    },
  },
  StatefulSetOrdinals: { fields: { start: count } },
  StatefulSetPersistentVolumeClaimRetentionPolicy: {
    fields: { whenDeleted: values('Retain', 'Delete'), whenScaled: values('Retain', 'Delete') },
    always: ['whenDeleted', 'whenScaled'],
  },
  StatefulSetUpdateStrategy: { fields: { type: 'schema', rollingUpdate: 'schema' }, always: ['type'] },
  RollingUpdateStatefulSetStrategy: { fields: { partition: count } },
  DaemonSetSpec: {
    fields: {
      minReadySeconds: seconds,
      revisionHistoryLimit: count,
      selector: 'schema',
      template: 'schema',
      updateStrategy: 'schema',
    },
    repair: (spec: DraftOf<DaemonSetSpec>) => {
      mendSelected(spec)
      if (spec.updateStrategy?.type === 'OnDelete') delete spec.updateStrategy.rollingUpdate
    },
  },
  DaemonSetUpdateStrategy: { fields: { type: 'schema', rollingUpdate: 'schema' }, always: ['type'] },
  RollingUpdateDaemonSet: { fields: { maxUnavailable: countOrShare } },
  JobSpec: {
    fields: {
      activeDeadlineSeconds: seconds,
      backoffLimit: count,
      completionMode: 'schema',
      completions: integer(0, 100_000, 1, 5),
      parallelism: integer(0, 100_000, 1, 2),
      podReplacementPolicy: values('TerminatingOrFailed', 'Failed'),
      suspend: boolean,
      template: 'schema',
      ttlSecondsAfterFinished: seconds,
    },
    repair: (spec: DraftOf<JobSpec>) => {
      if (spec.completionMode === 'Indexed') spec.completions ??= 1
      mendRestart(spec.template, 'OnFailure', 'Never')
    },
  },
  JobTemplateSpec: { fields: { metadata: 'schema', spec: 'schema' }, always: ['spec'] },
  CronJobSpec: {
    fields: {
      concurrencyPolicy: 'schema',
      failedJobsHistoryLimit: count,
      jobTemplate: 'schema',
      schedule: text(/^(?:0 0 \* \* \*|\*\/5 \* \* \* \*|@hourly|30 6 \* \* 1-5)$/, [
        '0 0 * * *',
        '*/5 * * * *',
        '@hourly',
        '30 6 * * 1-5',
      ]),
      startingDeadlineSeconds: seconds,
      successfulJobsHistoryLimit: count,
      suspend: boolean,
      timeZone: values('Etc/UTC', 'Europe/Berlin'),
    },
  },
}

function whole(): DefinitionRules {
  return { fields: { spec: 'schema' }, always: ['spec'] }
}

interface Selected {
  selector?: { matchLabels?: Record<string, string>; matchExpressions?: unknown }
  template?: DraftOf<PodTemplateSpec>
}

/** The selector takes the pods of the template, which run for ever. */
function mendSelected(spec: Selected): void {
  const { template, selector = {} } = spec
  delete selector.matchExpressions
  if (Object.keys(selector.matchLabels ?? {}).length === 0) selector.matchLabels = { app: 'app' }
  if (template === undefined) return
  template.metadata = {
    ...template.metadata,
    labels: { ...template.metadata?.labels, ...selector.matchLabels },
  }
  mendRestart(template, undefined, 'Always')
  delete template.spec?.activeDeadlineSeconds
}

/** `otherwise` is set where what is there is neither that nor `or`. */
function mendRestart(
  { spec }: DraftOf<PodTemplateSpec>,
  or: 'OnFailure' | undefined,
  otherwise: 'Always' | 'Never',
): void {
  if (spec === undefined || spec.restartPolicy === or || spec.restartPolicy === otherwise) return
  spec.restartPolicy = otherwise
}
