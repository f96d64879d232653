import { kubernetesVersions, servedResources } from '@gatewright/kubernetes'
import { expect, inject, it } from 'vitest'
import { Api } from './rig/api.js'
import { kubernetesVersion } from '../binaries.js'

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string }
    readonly versions: readonly { readonly version: string; readonly resources?: readonly Discovered[] }[]
  }[]
}

interface Discovered {
  readonly resource: string
  readonly responseKind: { readonly kind: string }
  readonly scope: 'Namespaced' | 'Cluster'
  readonly subresources?: readonly { readonly subresource: string }[]
}

const api = new Api(inject('cluster'))

/** What the API server serves of its own, without what Gatekeeper and tests add. */
async function builtIn(): Promise<readonly Served[]> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const roots = await Promise.all(
    ['/api', '/apis'].map((root) => api.ask('GET', root, undefined, { accept }) as Promise<Discovery>),
  )
  return roots
    .flatMap(({ items }) => items)
    .flatMap(({ metadata: { name: group = '' }, versions }) =>
      versions.flatMap(({ version, resources = [] }) =>
        resources.map(({ resource, responseKind: { kind }, scope, subresources = [] }) => ({
          line: line({ group, version, kind, plural: resource, namespaced: scope === 'Namespaced' }),
          subresources: subresources.map(({ subresource }) => subresource),
        })),
      ),
    )
    .filter(({ line }) => !/^[^/]*\.(?:gatekeeper\.sh|gatewright\.dev)\//.test(line))
}

interface Served {
  readonly line: string
  readonly subresources: readonly string[]
}

/** A resource on one line, so that a difference reads as one. */
function line(
  of: Pick<
    ReturnType<typeof servedResources>[number],
    'group' | 'version' | 'kind' | 'plural' | 'namespaced'
  >,
): string {
  return `${of.group}/${of.version} ${of.plural} ${of.kind} ${of.namespaced ? 'namespaced' : 'of the cluster'}`
}

const versions = kubernetesVersions()
const at = versions.indexOf(kubernetesVersion)
const ours = servedResources().filter(
  ({ from, to }) => versions.indexOf(from) <= at && at <= versions.indexOf(to),
)
const known = new Map(ours.map((each) => [line(each), each.subresources]))

it(`knows every resource that Kubernetes ${kubernetesVersion} serves, and no other`, async () => {
  const served = (await builtIn()).map(({ line }) => line)
  expect([...known.keys()].sort()).toEqual(served.sort())
})

it('knows their subresources', async () => {
  const served = (await builtIn()).map(({ line, subresources }) => ({
    line,
    // the table has those of all versions together
    unknown: subresources.filter((each) => known.get(line)?.includes(each) !== true),
  }))
  expect(served.filter(({ unknown }) => unknown.length > 0)).toEqual([])
})

it('knows the version of the API server', async () => {
  const { gitVersion } = (await api.ask('GET', '/version')) as { readonly gitVersion: string }
  expect(gitVersion).toMatch(new RegExp(`^v${kubernetesVersion.replace('.', '\\.')}\\.`))
})
