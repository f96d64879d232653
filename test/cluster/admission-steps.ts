import type { Verdict } from '@gatewright/core'
import type { Answer, Api, NamedResource } from './rig/api.js'
import { apiPath } from './rig/api.js'

/** Something that a user of a cluster does, what an admission webhook is asked of it, and what has to be said of privileges. */
export interface Step {
  readonly what: string
  readonly does: (api: Api) => Promise<Answer>
  /** The operation, the kind, and the subresource where there is one. */
  readonly asks: readonly string[]
  readonly verdict: Verdict['verdict']
  /** Why it is not applicable; where it is denied. */
  readonly because?: string
}

export const namespace = 'reviews'

const pods = { group: '', version: 'v1', plural: 'pods' }
const accounts = { group: '', version: 'v1', plural: 'serviceaccounts' }
const deployments = { group: 'apps', version: 'v1', plural: 'deployments' }

const path = (resource: NamedResource, name?: string, rest = ''): string =>
  apiPath(resource, namespace, name) + rest

const container = {
  name: 'app',
  image: 'registry.example.com/app:1',
  resources: { requests: { cpu: '100m' } },
}
const privileged = { ...container, securityContext: { privileged: true } }
const debug = { name: 'debug', image: 'busybox', securityContext: { privileged: true } }

const pod = (metadata: object, of: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec: { containers: [of] },
})

const labels = { app: 'shop' }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [privileged] } },
  },
}

const create =
  (resource: NamedResource, object: object, query = '') =>
  (api: Api) =>
    api.send('POST', path(resource, undefined, query), object)
const patch =
  (resource: NamedResource, name: string, change: object, subresource = '') =>
  (api: Api) =>
    api.send('PATCH', path(resource, name, subresource), change, {
      'content-type': `application/${resource === pods ? 'strategic-merge' : 'merge'}-patch+json`,
    })
const post = (name: string, subresource: string, object: object) => (api: Api) =>
  api.send('POST', path(pods, name, `/${subresource}`), object)
const connect = (rest: string) => (api: Api) => api.send('GET', path(pods, 'plain', `/${rest}`))

const inFirst = 'spec.containers[0].securityContext.privileged'
const relabelled = { metadata: { labels: { changed: 'yes' } } }

/** In order: later steps work on what earlier ones made. */
export const steps: readonly Step[] = [
  {
    what: 'making a privileged Pod',
    does: create(pods, pod({ name: 'bad' }, privileged)),
    asks: ['CREATE Pod'],
    verdict: 'denied',
    because: inFirst,
  },
  {
    what: 'making a Pod that is not',
    does: create(pods, pod({ name: 'plain', finalizers: ['test.gatewright.dev/hold'] }, container)),
    asks: ['CREATE Pod'],
    verdict: 'allowed',
  },
  {
    what: 'trying to make a privileged Pod whose name is generated',
    does: create(pods, pod({ generateName: 'bad-' }, privileged), '?dryRun=All'),
    asks: ['CREATE Pod'],
    verdict: 'denied',
    because: inFirst,
  },
  {
    what: 'making a Deployment of privileged Pods',
    does: create(deployments, deployment),
    asks: ['CREATE Deployment'],
    verdict: 'denied',
    because: `spec.template.${inFirst}`,
  },
  {
    what: 'labelling a privileged Pod that got in before, whose spec cannot be changed',
    does: patch(pods, 'bad', relabelled),
    asks: ['UPDATE Pod'],
    verdict: 'allowed',
  },
  {
    what: 'giving a privileged container another image',
    does: patch(pods, 'bad', { spec: { containers: [{ name: 'app', image: 'other' }] } }),
    asks: ['UPDATE Pod'],
    verdict: 'denied',
    because: inFirst,
  },
  {
    what: 'labelling a Deployment of privileged Pods, whose template can be changed',
    does: patch(deployments, 'shop', relabelled),
    asks: ['UPDATE Deployment'],
    verdict: 'denied',
    because: `spec.template.${inFirst}`,
  },
  {
    what: "writing a Pod's status",
    does: patch(pods, 'bad', { status: { phase: 'Running' } }, '/status'),
    asks: ['UPDATE Pod status'],
    verdict: 'allowed',
  },
  {
    what: "changing a Pod's resources",
    does: patch(
      pods,
      'bad',
      { spec: { containers: [{ name: 'app', resources: { requests: { cpu: '150m' } } }] } },
      '/resize',
    ),
    asks: ['UPDATE Pod resize'],
    verdict: 'allowed',
  },
  {
    what: 'adding a privileged container to a Pod that runs',
    does: patch(pods, 'plain', { spec: { ephemeralContainers: [debug] } }, '/ephemeralcontainers'),
    asks: ['UPDATE Pod ephemeralcontainers'],
    verdict: 'denied',
    because: 'spec.ephemeralContainers[0].securityContext.privileged',
  },
  {
    what: 'scaling a Deployment of privileged Pods',
    does: patch(deployments, 'shop', { spec: { replicas: 2 } }, '/scale'),
    asks: ['UPDATE Scale scale'],
    verdict: 'not-applicable',
    because: 'kind',
  },
  {
    what: 'binding a Pod to a node',
    does: post('plain', 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'plain' },
      target: { kind: 'Node', name: 'node' },
    }),
    asks: ['CREATE Binding binding'],
    verdict: 'not-applicable',
    because: 'kind',
  },
  {
    what: 'running a command in a Pod',
    does: connect('exec?command=id&stdout=true'),
    asks: ['CONNECT PodExecOptions exec'],
    verdict: 'not-applicable',
    because: 'operation',
  },
  {
    what: 'attaching to a Pod',
    does: connect('attach?stdout=true'),
    asks: ['CONNECT PodAttachOptions attach'],
    verdict: 'not-applicable',
    because: 'operation',
  },
  {
    what: 'forwarding a port',
    does: connect('portforward?ports=80'),
    asks: ['CONNECT PodPortForwardOptions portforward'],
    verdict: 'not-applicable',
    because: 'operation',
  },
  {
    what: 'asking through a proxy',
    does: connect('proxy'),
    asks: ['CONNECT PodProxyOptions proxy'],
    verdict: 'not-applicable',
    because: 'operation',
  },
  {
    what: 'making a service account',
    does: create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'shop' } }),
    asks: ['CREATE ServiceAccount'],
    verdict: 'not-applicable',
    because: 'kind',
  },
  {
    what: 'asking for its token',
    does: (api) => api.send('POST', path(accounts, 'shop', '/token'), {}),
    asks: ['CREATE TokenRequest token'],
    verdict: 'not-applicable',
    because: 'kind',
  },
  {
    what: 'evicting a Pod',
    does: post('plain', 'eviction', {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'plain' },
    }),
    asks: ['CREATE Eviction eviction'],
    verdict: 'not-applicable',
    because: 'kind',
  },
  {
    what: 'deleting a Pod that a finalizer holds',
    does: (api) => api.send('DELETE', path(pods, 'plain', '?gracePeriodSeconds=0')),
    asks: ['DELETE Pod'],
    verdict: 'not-applicable',
    because: 'operation',
  },
  {
    what: 'letting go of a Pod that is being deleted, although it has a privileged container by now',
    does: patch(pods, 'plain', { metadata: { finalizers: null } }),
    asks: ['UPDATE Pod'],
    verdict: 'allowed',
  },
  {
    what: 'deleting all Deployments',
    does: (api) => api.send('DELETE', path(deployments)),
    asks: ['DELETE Deployment'],
    verdict: 'not-applicable',
    because: 'operation',
  },
]
