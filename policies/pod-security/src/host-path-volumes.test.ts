import { describe, expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { containerLists, type WrittenPod } from '../../../test/pods/written-pod.js'
import { hostPathVolumes } from './host-path-volumes.js'

const mounting = (path: string | null, ...mounts: object[]) => ({
  containers: [{ name: 'app', volumeMounts: mounts.map((each) => ({ name: 'host', ...each })) }],
  volumes: [{ name: 'host', hostPath: { path } }],
})
const denied = (path: string) => [
  `path spec.volumes[0].hostPath.path: volume host must not mount the host path ${path}`,
]
const allowing = (pathPrefix: string, readOnly?: boolean) => ({
  allowedHostPaths: [{ pathPrefix, readOnly }],
})

it('denies every host path where none is allowed', () => {
  expect(judged(hostPathVolumes, pod(mounting('/var/log')))).toEqual(denied('/var/log'))
  expect(judged(hostPathVolumes, deployment(mounting('/var/log')))).toEqual([
    'path spec.template.spec.volumes[0].hostPath.path: volume host must not mount the host path /var/log',
  ])
  expect(judged(hostPathVolumes, cronJob(mounting('/var/log')))).toHaveLength(1)
})

it('takes a host path that names none for the root', () => {
  for (const prefix of ['/var', '/x'])
    expect(judged(hostPathVolumes, pod(mounting(null)), allowing(prefix))).toEqual(denied('/'))
})

it('allows other volumes', () => {
  for (const volumes of [undefined, null, [], [{ name: 'a', hostPath: null }], [{ name: 'a', emptyDir: {} }]])
    expect(judged(hostPathVolumes, pod({ volumes }))).toBe('allowed')
})

describe('a prefix', () => {
  it.each([
    ['/foo', '/foo'],
    ['/foo', '/foo/'],
    ['/foo', '/foo/bar'],
    ['/foo/', '/foo'],
    ['/foo/', '/foo/bar'],
    ['/', '/'],
    ['/', '/foo'],
  ])('%s lets %s in', (prefix, path) => {
    expect(judged(hostPathVolumes, pod(mounting(path)), allowing(prefix))).toBe('allowed')
  })

  it.each([
    ['/foo', '/fool'],
    ['/foo', '/etc/foo'],
    ['/foo', '/'],
    ['/foo', 'foo'],
    ['/foo/bar', '/foo'],
    ['/foo', '/foo/../etc'],
    ['/foo', '/foo/..'],
    ['/', '/foo/../..'],
    // where the node runs Windows, these lead out too
    ['/foo', '/foo/..\\etc'],
    ['C:\\foo', 'C:\\foo\\..\\etc'],
  ])('%s keeps %s out', (prefix, path) => {
    expect(judged(hostPathVolumes, pod(mounting(path)), allowing(prefix))).toEqual(denied(path))
  })
})

describe('where a path is allowed read-only', () => {
  it('denies each mount that can write', () => {
    const mounts = [{ readOnly: true }, {}, { readOnly: false }, { name: 'other' }]
    expect(judged(hostPathVolumes, pod(mounting('/foo', ...mounts)), allowing('/foo', true))).toEqual([
      'read-only spec.containers[0].volumeMounts[1].readOnly: container app must mount the host path /foo read-only',
      'read-only spec.containers[0].volumeMounts[2].readOnly: container app must mount the host path /foo read-only',
    ])
  })

  it('denies those of init and ephemeral containers too', () => {
    const container = { name: 'debug', volumeMounts: [{ name: 'host' }] }
    const spec = { ...mounting('/foo'), initContainers: [container], ephemeralContainers: [container] }
    expect(judged(hostPathVolumes, pod(spec), allowing('/foo', true))).toEqual([
      'read-only spec.ephemeralContainers[0].volumeMounts[0].readOnly: container debug must mount the host path /foo read-only',
      'read-only spec.initContainers[0].volumeMounts[0].readOnly: container debug must mount the host path /foo read-only',
    ])
  })

  it('allows writing where another entry lets it', () => {
    const allowedHostPaths = [{ pathPrefix: '/foo', readOnly: true }, { pathPrefix: '/foo/bar' }]
    expect(judged(hostPathVolumes, pod(mounting('/foo/bar', {})), { allowedHostPaths })).toBe('allowed')
    expect(judged(hostPathVolumes, pod(mounting('/foo', {})), { allowedHostPaths })).toHaveLength(1)
  })
})

/** Whether a path is a prefix or below it: each part of the prefix is the part of the path at its place. */
function isBelow(path: string, prefix: string): boolean {
  const parts = (of: string) => of.replace(/\/$/, '').split('/')
  const ofPath = parts(path)
  return parts(prefix).every((part, i) => ofPath[i] === part)
}

it('takes a prefix with a slash at its end for what lies below it alone', () => {
  expect(judged(hostPathVolumes, pod(mounting('/etc')), allowing('/var/log/'))).toEqual(denied('/etc'))
})

it('says nothing of how a path is mounted that must not be mounted at all', () => {
  const containers = [{ name: 'app', volumeMounts: [{ name: 'data', mountPath: '/data' }] }]
  const volumes = [{ name: 'data', hostPath: { path: '/etc' } }]
  expect(judged(hostPathVolumes, pod({ containers, volumes }))).toEqual([
    'path spec.volumes[0].hostPath.path: volume data must not mount the host path /etc',
  ])
})

it('E17: an oracle agrees on random workloads', () => {
  const paths = [
    '/',
    '/foo',
    '/foo/',
    '/foo/bar',
    '/fool',
    '/foo/..',
    '/foo/bar/../baz',
    '/foo\\..',
    'foo',
    '',
  ]
  const names = ['a', 'b', 'c'] as const
  expectAgreement(hostPathVolumes, {
    codes: ['path', 'read-only'],
    parameters: (random) => ({
      allowedHostPaths: random.chance(0.1)
        ? undefined
        : random.list(3, () => ({
            pathPrefix: random.one(['/', '/foo', '/foo/', '/foo/bar', '/fo']),
            readOnly: random.one([true, true, false, undefined]),
          })),
    }),
    container: (random) => ({
      volumeMounts: random.maybe(() =>
        random.list(3, () => ({ name: random.one(names), readOnly: random.maybeOne([true, true, false]) })),
      ),
    }),
    spec: (random) => ({
      volumes: random.maybe(() =>
        names.slice(random.below(4)).map((name) => ({
          name,
          hostPath: random.maybe(() => ({
            path: random.chance(0.5) ? random.one(['/foo/bar', '/foo']) : random.maybeOne(paths),
          })),
        })),
      ),
    }),
    containerReads: [
      ['text', 'volumeMounts', 0, 'name'],
      ['boolean', 'volumeMounts', 0, 'readOnly'],
    ],
    podReads: [['text', 'spec', 'volumes', 0, 'hostPath', 'path']],
    brokenByPod: (pod, { allowedHostPaths = [] }) =>
      (pod.spec.volumes ?? []).flatMap((volume, i): Broken[] => {
        if (volume?.hostPath === null || volume?.hostPath === undefined) return []
        const path = volume.hostPath.path ?? '/'
        const allowed = allowedHostPaths.filter(({ pathPrefix }) => isBelow(path, pathPrefix))
        if (/(^|[/\\])\.\.($|[/\\])/.test(path) || allowed.length === 0)
          return [['path', 'spec', 'volumes', i, 'hostPath', 'path']]
        return allowed.some(({ readOnly }) => readOnly !== true) ? [] : writableMounts(pod, volume.name)
      }),
  })
})

const writableMounts = ({ spec }: WrittenPod, volume: string | null | undefined): Broken[] =>
  containerLists.flatMap((list) =>
    (spec[list] ?? []).flatMap((container, i) =>
      (container?.volumeMounts ?? []).flatMap((mount, j): Broken[] =>
        mount?.name === volume && mount?.readOnly !== true
          ? [['read-only', 'spec', list, i, 'volumeMounts', j, 'readOnly']]
          : [],
      ),
    ),
  )
