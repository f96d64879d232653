import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod, update } from '../../../test/pods/judged.js'
import { hostNamespaces } from './host-namespaces.js'

const namespaces = ['hostIPC', 'hostNetwork', 'hostPID'] as const

it('denies each namespace of the node', () => {
  const spec = { hostIPC: true, hostNetwork: true, hostPID: true }
  expect(judged(hostNamespaces, pod(spec))).toEqual([
    'hostIPC spec.hostIPC: the pod must not set hostIPC',
    'hostNetwork spec.hostNetwork: the pod must not set hostNetwork',
    'hostPID spec.hostPID: the pod must not set hostPID',
  ])
  expect(judged(hostNamespaces, deployment({ hostPID: true }))).toEqual([
    'hostPID spec.template.spec.hostPID: the pod must not set hostPID',
  ])
  expect(judged(hostNamespaces, cronJob(spec))).toHaveLength(3)
})

it('allows what is false, null or not said', () => {
  for (const value of [undefined, null, false])
    expect(judged(hostNamespaces, pod({ hostIPC: value, hostNetwork: value, hostPID: value }))).toBe(
      'allowed',
    )
  expect(judged(hostNamespaces, pod({ hostUsers: true }))).toBe('allowed')
})

it('lets a Pod that is there be changed, but for its ephemeral containers', () => {
  const shared = pod({ hostPID: true })
  expect(judged(hostNamespaces, update(shared, shared))).toBe('allowed')
  expect(judged(hostNamespaces, update(shared, shared, 'ephemeralcontainers'))).toHaveLength(1)
  const template = deployment({ hostPID: true })
  expect(judged(hostNamespaces, update(template, template))).toHaveLength(1)
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(hostNamespaces, {
    codes: namespaces,
    spec: (random) =>
      Object.fromEntries(
        [...namespaces, 'hostUsers'].map((name) => [name, random.maybeOne([true, false, false])]),
      ),
    podReads: namespaces.map((name) => ['boolean', 'spec', name]),
    brokenByPod: ({ spec }) =>
      namespaces.filter((name) => spec[name] === true).map((name) => [name, 'spec', name]),
  })
})
