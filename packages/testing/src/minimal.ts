import type { Schema } from '@gatewright/core'
import type { Container } from '@gatewright/kubernetes'

const labels = (): object => ({ app: 'app' })

export const minimalContainer = (): Container => ({ name: 'app', image: 'registry.example.com/app:1.0.0' })

const podSpec = (): object => ({ containers: [minimalContainer()] })
const podTemplate = (): object => ({ metadata: { labels: labels() }, spec: podSpec() })
const selected = (): object => ({ selector: { matchLabels: labels() }, template: podTemplate() })
/** What runs to its end may not be restarted always, which is the default. */
const jobSpec = (): object => ({ template: { spec: { ...podSpec(), restartPolicy: 'Never' } } })

/** Kinds that need more to be accepted than their schemas require, by group and kind. */
const known: Readonly<Record<string, () => object>> = {
  '/Pod': () => ({ spec: podSpec() }),
  '/PodTemplate': () => ({ template: podTemplate() }),
  '/ReplicationController': () => ({ spec: { selector: labels(), template: podTemplate() } }),
  '/Service': () => ({ spec: { selector: labels(), ports: [{ port: 80 }] } }),
  'apps/DaemonSet': () => ({ spec: selected() }),
  'apps/Deployment': () => ({ spec: selected() }),
  'apps/ReplicaSet': () => ({ spec: selected() }),
  'apps/StatefulSet': () => ({ spec: selected() }),
  'batch/CronJob': () => ({ spec: { schedule: '0 0 * * *', jobTemplate: { spec: jobSpec() } } }),
  'batch/Job': () => ({ spec: jobSpec() }),
  'networking.k8s.io/NetworkPolicy': () => ({ spec: { podSelector: {} } }),
}

/** The fields of a minimal object of a kind beside its name. */
export function minimalFields(group: string, kind: string, schema: Schema): unknown {
  return known[`${group}/${kind}`]?.() ?? required(schema)
}

/** The least that a schema allows: the required fields, with the first value that fits. */
function required(schema: Schema): unknown {
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.fields)
          .filter(([, field]) => field.required === true)
          .map(([name, field]) => [name, required(field.schema)]),
      )
    case 'union':
      return schema.variants[0] === undefined ? {} : required(schema.variants[0])
    case 'string':
      return schema.values?.[0] ?? textIn(schema.unit)
    case 'scalar':
      return schema.of.includes('string') ? textIn(schema.unit) : schema.of.includes('number') ? 1 : true
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'list':
      return []
    case 'map':
    case 'unknown':
      return {}
  }
}

function textIn(unit: 'quantity' | 'duration' | 'timestamp' | undefined): string {
  switch (unit) {
    case 'quantity':
      return '1'
    case 'duration':
      return '1s'
    case 'timestamp':
      return '2026-01-01T00:00:00Z'
    case undefined:
      return 'app'
  }
}
