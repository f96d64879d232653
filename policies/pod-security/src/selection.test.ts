import type { Policy } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { deployment, judged, pod, update } from '../../../test/pods/judged.js'
import type { Fields } from '../../../test/pods/random-values.js'
import * as pack from './index.js'

const { podSecurity } = pack

interface Selected {
  readonly policy: Policy
  /** What it denies: fields of a container, or of the spec. */
  readonly bad: Fields
  /** A container that it allows. */
  readonly good?: Fields
  readonly parameters?: Fields
  readonly denied: string
}

const context = (securityContext: Fields): Fields => ({ securityContext })

const ofContainers: readonly Selected[] = [
  {
    policy: pack.appArmor,
    bad: context({ appArmorProfile: { type: 'Unconfined' } }),
    denied: '1',
  },
  { policy: pack.capabilities, bad: context({ capabilities: { add: ['SYS_ADMIN'] } }), denied: 'add' },
  { policy: pack.hostPorts, bad: { ports: [{ containerPort: 80, hostPort: 80 }] }, denied: 'host-port' },
  {
    policy: pack.hostProbesLifecycle,
    bad: { livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } },
    denied: 'livenessProbe.httpGet',
  },
  { policy: pack.interactiveTty, bad: { tty: true }, denied: 'tty' },
  {
    policy: pack.privilegeEscalation,
    bad: {},
    good: context({ allowPrivilegeEscalation: false }),
    denied: '1',
  },
  { policy: pack.privilegedContainers, bad: context({ privileged: true }), denied: '1' },
  { policy: pack.procMount, bad: context({ procMount: 'Unmasked' }), denied: '1' },
  {
    policy: pack.readOnlyRootFilesystem,
    bad: {},
    good: context({ readOnlyRootFilesystem: true }),
    denied: '1',
  },
  {
    policy: pack.seccomp,
    bad: context({ seccompProfile: { type: 'Unconfined' } }),
    good: context({ seccompProfile: { type: 'RuntimeDefault' } }),
    denied: '1',
  },
  { policy: pack.seLinux, bad: context({ seLinuxOptions: { type: 'spc_t' } }), denied: 'container' },
  {
    policy: pack.users,
    bad: context({ runAsUser: 0 }),
    good: context({ runAsUser: 1000 }),
    parameters: { runAsUser: { rule: 'MustRunAsNonRoot' } },
    denied: 'non-root',
  },
  {
    policy: pack.windowsHostProcess,
    bad: context({ windowsOptions: { hostProcess: true } }),
    denied: 'container',
  },
]

const ofSpecs: readonly Selected[] = [
  {
    policy: pack.flexVolumeDrivers,
    bad: { volumes: [{ name: 'disk', flexVolume: { driver: 'team/disk' } }] },
    denied: '1',
  },
  {
    policy: pack.fsGroup,
    bad: context({ fsGroup: 0 }),
    parameters: { rule: 'MustRunAs', ranges: [{ min: 1, max: 9 }] },
    denied: '1',
  },
  { policy: pack.hostNamespaces, bad: { hostPID: true }, denied: 'hostPID' },
  {
    policy: pack.hostPathVolumes,
    bad: { volumes: [{ name: 'root', hostPath: { path: '/' } }] },
    denied: 'path',
  },
  { policy: pack.hostPorts, bad: { hostNetwork: true }, denied: 'host-network' },
  { policy: pack.seLinux, bad: context({ seLinuxOptions: { type: 'spc_t' } }), denied: 'pod' },
  {
    policy: pack.sysctls,
    bad: context({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] }),
    parameters: { allowedSysctls: [] },
    denied: '1',
  },
  {
    policy: pack.users,
    bad: context({ fsGroup: 0 }),
    parameters: { fsGroup: { rule: 'MustRunAs', ranges: [{ min: 1, max: 9 }] } },
    denied: 'fs-group',
  },
  {
    policy: pack.volumeTypes,
    bad: { volumes: [{ name: 'root', hostPath: { path: '/' } }] },
    parameters: { volumes: ['emptyDir'] },
    denied: '1',
  },
  {
    policy: pack.windowsHostProcess,
    bad: context({ windowsOptions: { hostProcess: true } }),
    denied: 'pod',
  },
]

it('names every policy of the pack', () => {
  const named = new Set([...ofContainers, ...ofSpecs].map(({ policy }) => policy.id))
  expect([...named].toSorted()).toEqual(podSecurity.policies.map(({ id }) => id).toSorted())
})

/** The verdict, or the codes of the violations. */
function codes({ policy, parameters }: Selected, object: unknown, more: Fields = {}): string | string[] {
  const found = judged(policy, object, { ...parameters, ...more })
  return typeof found === 'string' ? found : found.map((each) => each.split(' ', 1)[0] ?? '')
}

describe.each(ofContainers)('$policy.id, $denied', (of) => {
  const app = { name: 'app', image: 'shop/app:2', ...of.bad }
  const web = { name: 'web', image: 'shop/web:2', ...of.good }
  const now = pod({ containers: [app, web] })
  const before = (...containers: Fields[]): Fields => pod({ containers })
  const old = { app: { ...app, image: 'shop/app:1' }, web: { ...web, image: 'shop/web:1' } }

  it('lets a Pod be labelled that is there already', () => {
    expect(codes(of, now)).toEqual([of.denied])
    expect(codes(of, update(now, now))).toBe('allowed')
  })

  it('judges ephemeral containers, which come by a subresource of their own', () => {
    expect(codes(of, update(now, now, 'ephemeralcontainers'))).toEqual([of.denied])
  })

  it('judges a container whose image changes, and no other', () => {
    expect(codes(of, update(now, before(old.app, web)))).toEqual([of.denied])
    expect(codes(of, update(now, before(app, old.web)))).toBe('allowed')
  })

  it.each(['initContainers', 'ephemeralContainers'])('judges one of the %s whose image changes', (list) => {
    const listing = (...containers: Fields[]): Fields => pod({ containers: [web], [list]: containers })
    const both = listing(web, app)
    expect(codes(of, both)).toEqual([of.denied])
    expect(codes(of, update(both, both))).toBe('allowed')
    expect(codes(of, update(both, listing(web, old.app)))).toEqual([of.denied])
  })

  it('takes no container that had no name, which no cluster stores, for one that is there now', () => {
    const { name: _, ...nameless } = old.app
    expect(codes(of, update(now, before(nameless, web)))).toBe('allowed')
  })

  it('judges each update of a template', () => {
    const template = deployment({ containers: [app, web] })
    expect(codes(of, update(template, template))).toEqual([of.denied])
  })

  const exempting = { exemptImages: ['shop/app:*'] }
  it.runIf('exemptImages' in (of.policy.ir.parameters as { properties: object }).properties)(
    'leaves out exempt images alone',
    () => {
      expect(codes(of, now, exempting)).toBe('allowed')
      const other = pod({ containers: [{ ...app, image: 'team/shop/app:2' }, web] })
      expect(codes(of, other, exempting)).toEqual([of.denied])
    },
  )
})

describe.each(ofSpecs)('$policy.id, $denied', (of) => {
  const now = pod({ containers: [{ name: 'app' }], ...of.bad })

  it('lets a Pod be labelled that is there already', () => {
    expect(codes(of, now)).toEqual([of.denied])
    expect(codes(of, update(now, now))).toBe('allowed')
  })

  it('judges a Pod that gets an ephemeral container', () => {
    expect(codes(of, update(now, now, 'ephemeralcontainers'))).toEqual([of.denied])
  })

  it('judges each update of a template', () => {
    const template = deployment({ containers: [{ name: 'app' }], ...of.bad })
    expect(codes(of, update(template, template))).toEqual([of.denied])
  })
})
