import { describe, expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { hostPorts } from './host-ports.js'

const opening = (...ports: (number | null | undefined)[]) => ({
  name: 'web',
  ports: ports.map((hostPort) => ({ containerPort: 80, hostPort })),
})

it('denies every host port without a range', () => {
  expect(judged(hostPorts, pod({ containers: [opening(undefined, 8080)] }))).toEqual([
    'host-port spec.containers[0].ports[1].hostPort: container web must not use host port 8080',
  ])
})

it('denies host ports out of the range, its ends left in', () => {
  const containers = [opening(79, 80, 9000, 9001)]
  expect(judged(hostPorts, pod({ containers }), { min: 80, max: 9000 })).toEqual([
    'host-port spec.containers[0].ports[0].hostPort: container web must not use host port 79',
    'host-port spec.containers[0].ports[3].hostPort: container web must not use host port 9001',
  ])
  expect(judged(hostPorts, pod({ containers }), { min: 80 })).toHaveLength(1)
  expect(judged(hostPorts, pod({ containers }), { max: 9000 })).toHaveLength(1)
})

it('denies them among init and ephemeral containers, and in templates', () => {
  const spec = { containers: [opening()], initContainers: [opening(80)], ephemeralContainers: [opening(80)] }
  expect(judged(hostPorts, deployment(spec))).toEqual(
    ['ephemeralContainers', 'initContainers'].map(
      (list) =>
        `host-port spec.template.spec.${list}[0].ports[0].hostPort: container web must not use host port 80`,
    ),
  )
  expect(judged(hostPorts, cronJob(spec))).toHaveLength(2)
})

it('allows what opens no port of the node', () => {
  for (const container of [opening(), opening(0, null, undefined), { name: 'web', ports: null }])
    expect(judged(hostPorts, pod({ containers: [container] }))).toBe('allowed')
})

describe('the network of the node', () => {
  it('is denied unless it is allowed', () => {
    expect(judged(hostPorts, pod({ hostNetwork: true }))).toEqual([
      'host-network spec.hostNetwork: the pod must not use the network of its node',
    ])
    expect(judged(hostPorts, pod({ hostNetwork: true }), { hostNetwork: true })).toBe('allowed')
    for (const hostNetwork of [undefined, null, false])
      expect(judged(hostPorts, pod({ hostNetwork }))).toBe('allowed')
  })

  it('makes every port of a container one of the node, as the API server writes it', () => {
    const spec = { hostNetwork: true, containers: [opening(undefined, 0, 8080)] }
    expect(judged(hostPorts, pod(spec), { hostNetwork: true, min: 8000, max: 9000 })).toEqual([
      'host-port spec.containers[0].ports[0].hostPort: container web must not use host port 80',
      'host-port spec.containers[0].ports[1].hostPort: container web must not use host port 80',
    ])
    expect(judged(hostPorts, deployment(spec), { hostNetwork: true, min: 80, max: 9000 })).toBe('allowed')
  })
})

it('takes no port of a pod for one of the node where the network of the node is denied', () => {
  const containers = [{ name: 'app', ports: [{ containerPort: 80 }] }]
  expect(judged(hostPorts, pod({ containers, hostNetwork: true }))).toEqual([
    'host-network spec.hostNetwork: the pod must not use the network of its node',
  ])
})

it('E17: an oracle agrees on random workloads', () => {
  const numbers = [0, 1, 79, 80, 443, 8080, 9000, 9001, 65535] as const
  expectAgreement(hostPorts, {
    codes: ['host-network', 'host-port'],
    hasExemptImages: true,
    parameters: (random) => ({
      hostNetwork: random.one([true, true, false, undefined]),
      min: random.one([undefined, 0, 80, 9000]),
      max: random.one([undefined, 79, 9000, 65535]),
    }),
    container: (random) => ({
      ports: random.maybe(() =>
        random.list(2, () => ({
          containerPort: random.one(numbers),
          hostPort: random.maybeOne(numbers),
        })),
      ),
    }),
    spec: (random) => ({ hostNetwork: random.maybeOne([true, false]) }),
    containerReads: [
      ['number', 'ports', 0, 'hostPort'],
      ['number', 'ports', 0, 'containerPort'],
    ],
    podReads: [['boolean', 'spec', 'hostNetwork']],
    brokenByContainer: (container, { spec }, { hostNetwork = false, min, max }) =>
      (container.ports ?? []).flatMap((port, i): Broken[] => {
        // otherwise the pod is denied as a whole
        const onNode = hostNetwork && spec.hostNetwork === true ? port?.containerPort : undefined
        const number = port?.hostPort || onNode || 0
        const hasRange = min !== undefined || max !== undefined
        const isAllowed = number === 0 || (hasRange && number >= (min ?? 0) && number <= (max ?? Infinity))
        return isAllowed ? [] : [['host-port', 'ports', i, 'hostPort']]
      }),
    brokenByPod: ({ spec }, { hostNetwork = false }) =>
      spec.hostNetwork === true && !hostNetwork ? [['host-network', 'spec', 'hostNetwork']] : [],
  })
})
