import type { ReadType } from '@gatewright/core'
import type { Topic } from './random-words.js'

/** The fields of an object, by type: what well-typed rules may read. */
export interface Shape {
  readonly [field: string]: FieldType
}

export type FieldType = Simple | { readonly list: Shape } | { readonly object: Shape }

export type Simple =
  | Topic
  | 'boolean'
  | 'scalar'
  | 'count'
  | 'amount'
  | 'texts'
  | 'numbers'
  | 'table'
  | 'labels'
  | 'selector'
  | 'anything'

const port: Shape = { name: 'text', number: 'count', host: 'boolean', from: 'network' }

const container: Shape = {
  name: 'text',
  image: 'image',
  cpu: 'amount',
  privileged: 'boolean',
  args: 'texts',
  ports: { list: port },
  context: { object: { user: 'count', root: 'boolean', profile: 'text' } },
}

/** The document that rules are about, or the part of a Kubernetes object that a target points at. */
export const document: Shape = {
  name: 'text',
  replicas: 'count',
  network: 'boolean',
  port: 'scalar',
  labels: 'labels',
  sizes: 'numbers',
  table: 'table',
  release: 'version',
  other: 'version',
  age: 'duration',
  started: 'time',
  ended: 'time',
  subnet: 'network',
  host: 'address',
  selector: 'selector',
  'odd key': 'anything',
  match: 'pattern',
  glob: 'wildcard',
  containers: { list: container },
  extra: { list: container },
  spec: {
    object: {
      team: 'text',
      limit: 'amount',
      hosts: 'texts',
      labels: 'labels',
      default: { object: { name: 'text', size: 'amount' } },
    },
  },
}

/** What objects of the inventory look like. */
export const stored: Shape = {
  metadata: { object: { name: 'text', namespace: 'text', labels: 'labels' } },
  spec: { object: { team: 'text', limit: 'amount', hosts: 'texts' } },
}

/** The request of an admission. */
export const request: Shape = {
  operation: 'text',
  namespace: 'text',
  name: 'text',
  dryRun: 'boolean',
  userInfo: { object: { username: 'text', groups: 'texts' } },
}

/** The parameters of a policy that has some. */
export const parameters: Shape = {
  most: 'count',
  names: 'texts',
  prefix: 'text',
  glob: 'wildcard',
  amount: 'amount',
  allowed: { list: { key: 'text', value: 'text', size: 'count' } },
  limits: { object: { cpu: 'amount', team: 'text' } },
  nested: { object: { inner: { object: { team: 'text' } }, list: { list: { name: 'text' } } } },
}

/** What a field of a type is declared as. */
export function readTypeOf(type: FieldType): ReadType {
  if (typeof type === 'object') return 'list' in type ? 'list' : 'object'
  switch (type) {
    case 'boolean':
    case 'scalar':
      return type
    case 'count':
      return 'number'
    case 'amount':
      return 'string-or-number'
    case 'texts':
    case 'numbers':
    case 'table':
      return 'list'
    case 'labels':
    case 'selector':
      return 'object'
    case 'anything':
      return 'unknown'
    default:
      return 'string'
  }
}
