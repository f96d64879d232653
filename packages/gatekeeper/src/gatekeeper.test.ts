import {
  type Condition,
  type Expr,
  anyOf,
  type Fix,
  message,
  not,
  policy,
  type Policy,
  remove,
  type Rules,
  set,
  target,
} from '@gatewright/core'
import {
  type Container,
  cronJobs,
  customResource,
  deployments,
  networkPolicies,
  type Pod,
  pods,
  workloads,
} from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  configOf,
  constraint,
  gatekeeperFiles,
  mutationsOf,
  suiteOf,
  syncSetOf,
  templateOf,
  templatesOf,
} from './index.js'

const named = (id: string): Policy =>
  policy({
    id,
    title: 'A name',
    description: 'Why it matters.',
    severity: 'low',
    target: workloads,
    rule: ({ object }) => object.metadata.name.is('x').deny({ message: message`no` }),
  })

const replicas = policy({
  id: 'team/replicas',
  title: 'Enough replicas',
  severity: 'low',
  target: deployments,
  parameters: z.object({ least: z.int(), kindly: z.boolean().default(true) }),
  rule: ({ object, parameters }) =>
    object.spec.replicas
      .lt(parameters.least)
      .ifMissing(true)
      .deny({ message: message`too few` }),
})

describe('templates', () => {
  it('are the same each time, under a kind that follows from the id, with what people read', () => {
    const template = templateOf(named('team/no-x'))
    expect(template).toEqual(templateOf(named('team/no-x')))
    expect(template).toMatchObject({
      metadata: {
        name: 'teamnox',
        annotations: {
          'metadata.gatekeeper.sh/title': 'A name',
          description: 'Why it matters.',
          'argocd.argoproj.io/sync-wave': '1',
        },
      },
      spec: {
        crd: { spec: { names: { kind: 'TeamNoX' } } },
        targets: [
          { code: [{ engine: 'Rego', source: { version: 'v1', rego: expect.stringContaining('package') } }] },
        ],
      },
    })
    expect(templateOf(named('team/no-x'), { kind: 'K8sNoX', regoVersion: 'v0' })).toMatchObject({
      metadata: { name: 'k8snox' },
      spec: { targets: [{ rego: expect.stringContaining('package') }] },
    })
  })

  it('refuse kinds that collide, that are none, and policies about something else', () => {
    expect(() => templatesOf([named('a/b-c'), named('a-b/c')])).toThrow('would both have the kind `ABC`')
    expect(templatesOf([named('a/b-c'), named('a-b/c')], { kinds: { 'a/b-c': 'Other' } })).toHaveLength(2)
    expect(() => templateOf(named('1/b'))).toThrow('`1B` of policy `1/b` cannot be the kind')
    expect(() => templateOf(named(`a/${'b'.repeat(70)}`))).toThrow('63 at most')
    const plan = policy({
      id: 'test/plan',
      title: 'A plan',
      severity: 'low',
      target: target('plan', z.object({ a: z.string() })),
      rule: ({ input }) => input.a.is('x').deny({ message: 'no' }),
    })
    expect(() => templateOf(plan)).toThrow('`plan`, which is no object of Kubernetes')
  })

  it('say what has to be synchronised', () => {
    const lonely = policy({
      id: 'test/lonely',
      title: 'Alone',
      severity: 'low',
      target: deployments,
      rule: ({ cluster }) => cluster.list(networkPolicies).isEmpty().deny({ message: 'no' }),
    })
    const gvk = { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' }
    expect(templateOf(lonely).metadata.annotations).toMatchObject({
      'metadata.gatekeeper.sh/requires-sync-data':
        '[[{"groups":["networking.k8s.io"],"versions":["v1"],"kinds":["NetworkPolicy"]}]]',
    })
    expect(syncSetOf([lonely, named('a/b')])?.spec).toEqual({ gvks: [gvk] })
    expect(configOf([lonely]).spec).toEqual({ sync: { syncOnly: [gvk] } })
    expect(syncSetOf([named('a/b')])).toBeUndefined()
    expect(() => configOf([named('a/b')])).toThrow('look up nothing')
  })
})

describe('constraints', () => {
  it('match the kinds that the policy is about, and carry parameters', () => {
    expect(constraint(replicas, { name: 'all', parameters: { least: 2 } }).spec).toEqual({
      enforcementAction: 'deny',
      match: { kinds: [{ apiGroups: ['apps'], kinds: ['Deployment'] }] },
      parameters: { least: 2 },
    })
    const custom = customResource('example.com/v1', 'Widget')
    const ofCustom = policy({
      id: 'test/widget',
      title: 'Widgets',
      severity: 'low',
      target: custom,
      rule: ({ object }) => object.metadata.name.is('x').deny({ message: 'no' }),
    })
    expect(constraint(ofCustom, { name: 'all', match: { kinds: [custom] } }).spec).toMatchObject({
      match: { kinds: [{ apiGroups: ['example.com'], kinds: ['Widget'] }] },
    })
    expect(
      constraint(named('a/b'), {
        name: 'some',
        match: {
          kinds: [pods, cronJobs, { apiGroups: ['apps'], kinds: ['Deployment'] }],
          excludedNamespaces: ['kube-*'],
        },
        scopedEnforcementActions: [{ action: 'warn', enforcementPoints: [{ name: 'audit.gatekeeper.sh' }] }],
      }).spec,
    ).toEqual({
      enforcementAction: 'scoped',
      scopedEnforcementActions: [{ action: 'warn', enforcementPoints: [{ name: 'audit.gatekeeper.sh' }] }],
      match: {
        kinds: [
          { apiGroups: [''], kinds: ['Pod'] },
          { apiGroups: ['batch'], kinds: ['CronJob'] },
          { apiGroups: ['apps'], kinds: ['Deployment'] },
        ],
        excludedNamespaces: ['kube-*'],
      },
    })
  })

  it('write what was set ahead, which another template may not have', () => {
    expect(constraint(replicas.with({ least: 3 }), { name: 'all' }).spec).toMatchObject({
      parameters: { least: 3 },
    })
  })

  it.each<readonly [string, object, string]>([
    ['a missing parameter', { name: 'all' }, 'least'],
    [
      'an unknown parameter',
      { name: 'all', parameters: { least: 1, kindle: true } },
      'did you mean `kindly`?',
    ],
    ['a name', { name: 'All' }, 'cannot be the name'],
    ['an action', { name: 'all', parameters: { least: 1 }, enforcementAction: 'denny' }, '`denny`'],
    [
      'a place',
      {
        name: 'all',
        parameters: { least: 1 },
        scopedEnforcementActions: [{ action: 'deny', enforcementPoints: [{ name: 'audit' }] }],
      },
      '`audit`',
    ],
    [
      'a kind',
      {
        name: 'all',
        parameters: { least: 1 },
        match: { kinds: [{ apiGroups: ['apps'], kinds: ['Deploymnt'] }] },
      },
      'did you mean `Deployment`?',
    ],
    [
      'a kind of another policy',
      { name: 'all', parameters: { least: 1 }, match: { kinds: [pods] } },
      '`Pod` of `` is none of the kinds',
    ],
    [
      'any kind',
      { name: 'all', parameters: { least: 1 }, match: { kinds: [{ apiGroups: ['*'], kinds: ['*'] }] } },
      'is none of the kinds',
    ],
    [
      'a wildcard inside',
      { name: 'all', parameters: { least: 1 }, match: { namespaces: ['a*b'] } },
      '`namespaces`',
    ],
  ])('refuse %s', (_, options, says) => {
    expect(() => constraint(replicas, options as never)).toThrow(says)
  })
})

describe('mutations', () => {
  const fixed = (rule: (container: Expr<Container>) => Condition, to = false): Policy =>
    policy({
      id: 'test/fixed',
      title: 'Fixed',
      severity: 'low',
      target: pods,
      parameters: z.object({ exempt: z.array(z.string()).default([]) }),
      rule: ({ object, parameters }) =>
        object.spec.containers
          .filter((c) => parameters.exempt.none((name) => c.name.is(name)))
          .filter(rule)
          .deny((c) => ({ message: 'no', fix: set(c.tty, to) })),
    })

  it('set just what is denied: what is there, or what is missing too', () => {
    const location = 'spec.containers[name: *].tty'
    const [there] = mutationsOf(fixed((c) => c.tty.is(true)))
    expect(there?.spec).toMatchObject({
      applyTo: [{ groups: [''], versions: ['v1'], kinds: ['Pod'], operations: ['CREATE', 'UPDATE'] }],
      location,
      parameters: { assign: { value: false }, pathTests: [{ subPath: location, condition: 'MustExist' }] },
    })
    const [all] = mutationsOf(fixed((c) => c.tty.isNot(false)))
    expect(all?.spec['parameters']).toEqual({ assign: { value: false } })
    expect(mutationsOf(fixed((c) => c.tty.default(true)))[0]?.spec['parameters']).toEqual({
      assign: { value: false },
    })
  })

  it.each<readonly [what: string, of: Policy, says: string, parameters?: object]>([
    ['a policy without a fix', named('a/b'), 'it has no fix'],
    [
      'what also hangs on another field',
      fixed((c) => c.tty.is(true).and(c.stdin.is(true))),
      'also hangs on `container.tty',
    ],
    ['a value that is denied itself', fixed((c) => c.tty.is(true), true), '`true` is denied itself'],
    [
      'an exemption that a constraint gives',
      fixed((c) => c.tty.is(true)),
      'also hangs on',
      { exempt: ['a'] },
    ],
  ])('refuse %s', (...[, of, says, parameters = {}]) => {
    expect(() => mutationsOf(of as Policy, { parameters: parameters as never })).toThrow(says as string)
  })

  it('refuse values that are allowed as well, what is removed, and what is computed', () => {
    const policyWith = (fix: (object: Expr<Pod>) => Fix): Policy =>
      policy({
        id: 'test/other',
        title: 'Other',
        severity: 'low',
        target: pods,
        rule: ({ object }) => object.spec.dnsPolicy.is('None').deny({ message: 'no', fix: fix(object) }),
      })
    expect(() => mutationsOf(policyWith((o) => set(o.spec.dnsPolicy, 'Default')))).toThrow('is allowed too')
    expect(() => mutationsOf(policyWith((o) => remove(o.spec.dnsPolicy)))).toThrow(
      'is removed, and a mutation only sets',
    )
    expect(() => mutationsOf(policyWith((o) => set(o.spec.nodeName, o.spec.hostname)))).toThrow(
      'is no constant',
    )
  })
})

describe('mutations of lists', () => {
  type Capabilities = Expr<
    NonNullable<NonNullable<NonNullable<Container['securityContext']>['capabilities']>>
  >
  const about = (rule: (of: Capabilities) => Rules): Policy =>
    policy({
      id: 'test/capabilities',
      title: 'Capabilities',
      severity: 'low',
      target: pods,
      rule: ({ object }) =>
        object.spec.containers.each((c) => rule(c.securityContext.capabilities as Capabilities)),
    })
  const no = { message: message`no` }

  it('put in what is lacking, and keep what else there is', () => {
    for (const lacks of [
      (of: Capabilities) => not(of.drop.includes('ALL')),
      (of: Capabilities) => of.drop.none((each) => each.is('ALL')),
    ])
      expect(mutationsOf(about((of) => lacks(of).deny({ ...no, fix: set(of.drop, ['ALL']) })))).toMatchObject(
        [
          {
            kind: 'ModifySet',
            spec: {
              location: 'spec.containers[name: *].securityContext.capabilities.drop',
              applyTo: [{ kinds: ['Pod'], operations: ['CREATE', 'UPDATE'] }],
              parameters: { operation: 'merge', values: { fromList: ['ALL'] } },
            },
          },
        ],
      )
    const two = about((of) =>
      anyOf(not(of.drop.includes('A')), not(of.drop.includes('B'))).deny({
        ...no,
        fix: set(of.drop, ['A', 'B', 'C']),
      }),
    )
    // what nothing asks for is not put in
    expect(mutationsOf(two)[0]?.spec['parameters']).toMatchObject({ values: { fromList: ['A', 'B'] } })
  })

  it('take out what is denied, where that is named', () => {
    const named = about((of) =>
      of.add.intersection(['SYS_ADMIN', 'NET_ADMIN']).deny((each) => ({ ...no, fix: remove(each) })),
    )
    const location = 'spec.containers[name: *].securityContext.capabilities.add'
    expect(mutationsOf(named)).toMatchObject([
      {
        kind: 'ModifySet',
        spec: {
          location,
          parameters: {
            operation: 'prune',
            values: { fromList: ['SYS_ADMIN', 'NET_ADMIN'] },
            pathTests: [{ subPath: location, condition: 'MustExist' }],
          },
        },
      },
    ])
  })

  it.each<readonly [what: string, of: Policy, says: string]>([
    [
      'a list that may have another value instead',
      about((of) =>
        not(anyOf(of.drop.includes('ALL'), of.drop.includes('all'))).deny({
          ...no,
          fix: set(of.drop, ['ALL']),
        }),
      ),
      'is denied for more than what it lacks',
    ],
    [
      'a list that must not have something',
      about((of) => of.drop.includes('X').deny({ ...no, fix: set(of.drop, ['ALL']) })),
      'is denied for more than what it lacks',
    ],
    [
      'a list that is wrong in some containers only',
      about((of) =>
        not(of.drop.includes('ALL'))
          .and(of.add.includes('X'))
          .deny({ ...no, fix: set(of.drop, ['ALL']) }),
      ),
      'also hangs on',
    ],
    [
      'what is denied unless it is named',
      about((of) => of.add.difference(['CHOWN']).deny((each) => ({ ...no, fix: remove(each) }))),
      'for more values than can be named',
    ],
  ])('refuse %s', (_, of, says) => {
    expect(() => mutationsOf(of)).toThrow(says)
  })
})

describe('files', () => {
  const all = gatekeeperFiles({
    policies: [named('team/no-x')],
    constraints: [constraint(named('team/no-x'), { name: 'all' })],
    suites: {
      'team/no-x': [
        {
          object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } },
          violations: 1,
          messages: ['no (1)'],
        },
        { object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'y' } }, violations: 'no' },
      ],
    },
  })

  it('come in the order in which they are applied, with suites apart', () => {
    expect(all.map(({ path }) => path)).toEqual([
      'templates/teamnox.yaml',
      'constraints/teamnox.all.yaml',
      'suites/teamnox/suite.yaml',
      'suites/teamnox/constraints/1.yaml',
      'suites/teamnox/objects/1.yaml',
      'suites/teamnox/objects/2.yaml',
    ])
    const suite = all.find(({ path }) => path.endsWith('suite.yaml'))?.content
    expect(suite).toContain('template: "../../templates/teamnox.yaml"')
    expect(suite).toContain(String.raw`"^no \\(1\\)$"`)
  })

  it('refuse a constraint of no template, two of one name, and an object that gator cannot read', () => {
    const policies = [named('a/b')]
    const other = constraint(named('a/c'), { name: 'all' })
    expect(() => gatekeeperFiles({ policies, constraints: [other] })).toThrow(
      'is of kind `AC`, and no template has it',
    )
    const own = constraint(named('a/b'), { name: 'all' })
    expect(() => gatekeeperFiles({ policies, constraints: [own, own] })).toThrow(
      'there are two constraints `all`',
    )
    expect(() =>
      suiteOf(named('a/b'), [{ object: { kind: 'Pod' }, violations: 'no' }], { template: 't.yaml' }),
    ).toThrow('without `apiVersion` and `kind`')
  })
})
