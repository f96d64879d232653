import { expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { fitsWildcard } from '../../../test/pods/wildcard.js'
import { sysctls } from './sysctls.js'

const setting = (...names: string[]) => ({
  securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) },
})

it('denies a name that is forbidden, also where it is allowed too', () => {
  const parameters = { allowedSysctls: ['*'], forbiddenSysctls: ['kernel.*'] }
  expect(judged(sysctls, pod(setting('net.core.somaxconn', 'kernel.msgmax')), parameters)).toEqual([
    '1 spec.securityContext.sysctls[1].name: the pod must not set the sysctl kernel.msgmax',
  ])
})

it('denies a name that is not allowed', () => {
  const parameters = { allowedSysctls: ['net.core.*', 'kernel.shm_rmid_forced'] }
  expect(judged(sysctls, deployment(setting('kernel.msgmax', 'net.core.somaxconn')), parameters)).toEqual([
    '1 spec.template.spec.securityContext.sysctls[0].name: the pod must not set the sysctl kernel.msgmax',
  ])
  expect(judged(sysctls, cronJob(setting('kernel.shm_rmid_forced2')), parameters)).toHaveLength(1)
})

it('allows every name without a list, and none with an empty one', () => {
  expect(judged(sysctls, pod(setting('kernel.msgmax')))).toBe('allowed')
  expect(judged(sysctls, pod(setting('kernel.msgmax')), { allowedSysctls: [] })).toHaveLength(1)
})

it('reads a name with slashes as the kubelet does', () => {
  const parameters = { forbiddenSysctls: ['kernel.*', 'net.ipv4.conf.eth0/1.*'] }
  expect(judged(sysctls, pod(setting('kernel/msgmax')), parameters)).toEqual([
    '1 spec.securityContext.sysctls[0].name: the pod must not set the sysctl kernel/msgmax',
  ])
  for (const name of ['net/ipv4/conf/eth0.1/rp_filter', 'net.ipv4.conf.eth0/1.rp_filter'])
    expect(judged(sysctls, pod(setting(name)), parameters)).toHaveLength(1)
  expect(judged(sysctls, pod(setting('kernel.msgmax')), { forbiddenSysctls: ['kernel/msg*'] })).toHaveLength(
    1,
  )
})

it('allows what says nothing, and calls a sysctl without a name invalid', () => {
  for (const securityContext of [undefined, null, {}, { sysctls: null }, { sysctls: [] }])
    expect(judged(sysctls, pod({ securityContext }), { allowedSysctls: [] })).toBe('allowed')
  const nameless = { securityContext: { sysctls: [{ value: '1' }] } }
  expect(judged(sysctls, pod(nameless), { forbiddenSysctls: ['*'] })).toBe('invalid')
})

/** A name with dots between its parts, and slashes within them. */
function dotted(name: string): string {
  const separator = /[./]/.exec(name)?.[0]
  const swapped: Readonly<Record<string, string>> = { '.': '/', '/': '.' }
  return separator === '/' ? name.replaceAll(/[./]/g, (each) => swapped[each] ?? each) : name
}

it('takes either separator, in names and in lists', () => {
  for (const name of ['kernel/msgmax', 'kernel.msgmax'])
    for (const allowed of ['kernel/msgmax', 'kernel.msgmax'])
      expect(judged(sysctls, pod(setting(name)), { allowedSysctls: [allowed] })).toBe('allowed')
})

it('E17: an oracle agrees on random workloads', () => {
  const names = [
    'kernel.msgmax',
    'kernel/msgmax',
    'kernel.shm_rmid_forced',
    'net.core.somaxconn',
    'net/core.somaxconn',
    'net.ipv4.conf.eth0/1.rp_filter',
    'net/ipv4/conf/eth0.1/rp_filter',
    '',
  ] as const
  const patterns = [
    'kernel.*',
    'kernel/msg*',
    'net.*',
    'net.ipv4.conf.eth0/1.*',
    '*max',
    '*',
    'kernel.msgma?',
  ]
  expectAgreement(sysctls, {
    codes: ['1'],
    parameters: (random) => ({
      allowedSysctls: random.chance(0.3)
        ? undefined
        : random.list(3, () => random.one([...patterns, ...names])),
      forbiddenSysctls: random.chance(0.3)
        ? undefined
        : random.list(2, () => random.one([...patterns, ...names])),
    }),
    spec: (random) => ({
      securityContext: random.maybe(() => ({
        sysctls: random.maybe(() => random.list(3, () => ({ name: random.one(names), value: '1' }))),
      })),
    }),
    podReads: [['text', 'spec', 'securityContext', 'sysctls', 0, 'name']],
    brokenByPod: ({ spec }, { allowedSysctls, forbiddenSysctls = [] }) =>
      (spec.securityContext?.sysctls ?? []).flatMap((sysctl, i): Broken[] => {
        const name = dotted(sysctl?.name ?? '')
        const isOn = (list: readonly string[]) => list.some((each) => fitsWildcard(name, dotted(each)))
        const isAllowed = allowedSysctls === undefined || isOn(allowedSysctls)
        return isAllowed && !isOn(forbiddenSysctls)
          ? []
          : [['1', 'spec', 'securityContext', 'sysctls', i, 'name']]
      }),
  })
})
