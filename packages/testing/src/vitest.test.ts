import { message, policy, type Policy, profile, set } from '@gatewright/core'
import { customResource, deployments, networkPolicies, workloads } from '@gatewright/kubernetes'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { inventory } from './inventory.js'
import { verdictOf } from './judging.js'
import { container, deployment, malformed, namespace, networkPolicy, pod, service } from './objects.js'
import { review } from './review.js'
import { testsOf } from './test-policy.js'
import { testPolicy } from './vitest.js'

const privileged = policy({
  id: 'test/privileged',
  title: 'Containers must not run privileged',
  severity: 'high',
  target: workloads,
  parameters: z.object({ exempt: z.array(z.string()).default([]) }),
  rule: ({ pod: its, parameters }) =>
    its.allContainers
      .filter((c) => c.name.notIn(parameters.exempt))
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({
        message: message`container ${c.name} must not be privileged`,
        at: c.securityContext.privileged,
        code: 'privileged',
        fix: set(c.securityContext.privileged, false),
      })),
})

const isolated = policy({
  id: 'test/isolated',
  title: 'Namespaces have a network policy',
  severity: 'low',
  target: workloads,
  rule: ({ object, cluster }) =>
    cluster
      .list(networkPolicies)
      .inNamespaceOf(object)
      .isEmpty()
      .deny({ message: message`no network policy`, at: object.metadata.namespace }),
})

const good = pod()
const bad = pod({ spec: { containers: [container({ securityContext: { privileged: true } })] } })
const fixed = pod({ spec: { containers: [container({ securityContext: { privileged: false } })] } })
const odd = malformed(bad, {
  spec: { containers: [{ name: 'app', securityContext: { privileged: 'yes' } }] },
})
const inShop = pod({ metadata: { namespace: 'shop' } })
const policyInShop = networkPolicy({ metadata: { namespace: 'shop' } })

/** What a failing expectation says; without the numbers of lines of this file. */
function failure(run: () => void): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message.replaceAll(/\(vitest\.test\.ts:\d+\)/g, '(vitest.test.ts)')
  }
  throw new Error('the expectation holds')
}

describe('toAllow', () => {
  it('holds for what is allowed', () => {
    expect(privileged).toAllow(good)
    expect(privileged).toAllow(bad, { parameters: { exempt: ['app'] } })
    expect(privileged.with({ exempt: ['app'] })).toAllow(bad)
    expect(isolated).toAllow(inShop, { inventory: inventory([policyInShop], { complete: false }) })
    expect(privileged).toAllow(review({ object: good }))
  })

  it('shows what was found instead, where, and why', () => {
    expect(failure(() => expect(privileged).toAllow(bad))).toMatchInlineSnapshot(`
      "expected policy \`test/privileged\` to allow Pod app, but it is denied

      the object:
         1 | apiVersion: v1
         2 | kind: Pod
         3 | metadata:
         4 |   name: app
         5 | spec:
         6 |   containers:
         7 |     - name: app
         8 |       image: registry.example.com/app:1.0.0
         9 |       securityContext:
      > 10 |         privileged: true
                     ^ [privileged] container app must not be privileged

      how the verdict came about:
      test/privileged
        each container of template.spec.containers + template.spec.ephemeralContainers + template.spec.initContainers → 1 element
          container spec.containers[0]
            where not → true  (vitest.test.ts)
              container.name.in(parameters.exempt) → false
                container.name → "app"
                parameters.exempt → []
            where container.securityContext.privileged.is(true) → true  (vitest.test.ts)
              container.securityContext.privileged → true
            deny → denied"
    `)
  })

  it('does not take for allowed what was not judged', () => {
    expect(failure(() => expect(privileged).toAllow(service()))).toMatchInlineSnapshot(`
      "expected policy \`test/privileged\` to allow Service app, but it is not what the policy is about
      hint: a policy that is not about an object says nothing of it; where that is meant, write toBeNotApplicable()
        kind: the policy is not about \`Service\`

      the object:
        1 | apiVersion: v1
        2 | kind: Service
        3 | metadata:
        4 |   name: app
        5 | spec:
        6 |   selector:
        7 |     app: app
        8 |   ports:
        9 |     - port: 80"
    `)
    expect(
      failure(() => expect(privileged).toAllow(good, { match: { namespaces: ['a'], name: 'b' } })),
    ).toContain('write toBeNotApplicable()')
  })

  it('fails for input that cannot be judged, with the reason', () => {
    expect(failure(() => expect(privileged).toAllow([good]))).toMatchInlineSnapshot(`
      "expected policy \`test/privileged\` to allow the input, but it could not be judged
      hint: an error is never a verdict on the object: mend the input, the match or the parameters
        bad-input: the input is a list, not an object"
    `)
    expect(failure(() => expect(privileged).toAllow({}))).toContain('has no `apiVersion` and `kind`')
    expect(failure(() => expect(privileged).toAllow({ ...good, at: new Date(0) }))).toContain('no JSON')
    expect(failure(() => expect(privileged).toAllow(good, { match: { kind: [] } as never }))).toContain(
      'a match has no `kind`',
    )
    expect(failure(() => expect(privileged).toAllow(good, { parameters: { exempt: 1 as never } }))).toContain(
      'invalid-parameters',
    )
    expect(failure(() => expect(privileged).toAllow(good, { parameter: {} } as never))).toContain(
      'did you mean `parameters`?',
    )
  })

  it('fails where the answer is not known or the object is invalid', () => {
    expect(failure(() => expect(isolated).toAllow(inShop))).toContain('is undetermined')
    expect(failure(() => expect(privileged).toAllow(odd))).toMatchInlineSnapshot(`
      "expected policy \`test/privileged\` to allow Pod app, but it is invalid
      hint: the object does not fit its schema where the policy reads it; where that is meant, write toBeInvalid()

      the object:
        1 | apiVersion: v1
        2 | kind: Pod
        3 | metadata:
        4 |   name: app
        5 | spec:
        6 |   containers:
        7 |     - name: app
        8 |       securityContext:
      > 9 |         privileged: "yes"
                    ^ wrong-type: \`spec.containers[0].securityContext.privileged\` is not true or false

      how the verdict came about:
      test/privileged
        each container of template.spec.containers + template.spec.ephemeralContainers + template.spec.initContainers → 1 element
          container spec.containers[0] → left out
            where not → true  (vitest.test.ts)
              container.name.in(parameters.exempt) → false
                container.name → "app"
                parameters.exempt → []
            where container.securityContext.privileged.is(true) → false  (vitest.test.ts)
              container.securityContext.privileged → "yes""
    `)
  })

  it('shows a change with the object before it', () => {
    const change = review({ object: bad, oldObject: good, userInfo: { username: 'alice' } })
    const said = failure(() => expect(privileged).toAllow(change))
    expect(said).toContain('the object (UPDATE by `alice`):')
    expect(said).toContain('it was before:')
  })
})

describe('toDeny', () => {
  it('holds for what is denied, as it is told', () => {
    expect(privileged).toDeny(bad)
    expect(privileged).toDeny(bad, {
      message: 'container app must not be privileged',
      at: 'spec.containers[0].securityContext.privileged',
      code: 'privileged',
      count: 1,
    })
    expect(privileged).toDeny(bad, {
      message: /^container \w+ must/g,
      at: ['spec', 'containers', 0, 'securityContext', 'privileged'],
    })
    expect(isolated).toDeny(inShop, { inventory: inventory([], { complete: true }), count: 1 })
  })

  it('shows what was denied instead', () => {
    expect(failure(() => expect(privileged).toDeny(bad, { code: 'root', count: 2 }))).toMatchInlineSnapshot(`
      "policy \`test/privileged\` denies Pod app, but otherwise than expected
      expected 2 violations with code \`root\`, found 0; the violations:
        [privileged] container app must not be privileged (at spec.containers[0].securityContext.privileged)

      the object:
         1 | apiVersion: v1
         2 | kind: Pod
         3 | metadata:
         4 |   name: app
         5 | spec:
         6 |   containers:
         7 |     - name: app
         8 |       image: registry.example.com/app:1.0.0
         9 |       securityContext:
      > 10 |         privileged: true
                     ^ [privileged] container app must not be privileged

      how the verdict came about:
      test/privileged
        each container of template.spec.containers + template.spec.ephemeralContainers + template.spec.initContainers → 1 element
          container spec.containers[0]
            where not → true  (vitest.test.ts)
              container.name.in(parameters.exempt) → false
                container.name → "app"
                parameters.exempt → []
            where container.securityContext.privileged.is(true) → true  (vitest.test.ts)
              container.securityContext.privileged → true
            deny → denied"
    `)
  })

  it.each([
    { message: 'container app' },
    { message: /^must/ },
    { at: 'spec' },
    { at: [] },
    { code: '1' },
    { count: 2 },
    { code: 'privileged', at: 'spec' },
  ])('fails for %j', (expected) => {
    expect(failure(() => expect(privileged).toDeny(bad, expected))).toContain('otherwise than expected')
  })

  it('fails for every other verdict', () => {
    expect(failure(() => expect(privileged).toDeny(good))).toContain('to deny Pod app, but it is allowed')
    expect(failure(() => expect(privileged).toDeny(service()))).toContain('is not what the policy is about')
    expect(failure(() => expect(privileged).toDeny(odd))).toContain('is invalid')
    expect(failure(() => expect(isolated).toDeny(inShop))).toContain('is undetermined')
    expect(failure(() => expect(privileged).toDeny([bad]))).toContain('could not be judged')
  })

  it('refuses an expectation that would not be looked at', () => {
    expect(failure(() => expect(privileged).toDeny(bad, { mesage: 'x' } as never))).toContain(
      'did you mean `message`?',
    )
    expect(failure(() => expect(privileged).toDeny(bad, { count: 0 }))).toContain('1 or more')
    expect(failure(() => expect(privileged).toDeny(bad, { code: undefined } as never))).toContain(
      'is given `code`, which is undefined',
    )
  })
})

describe('the other verdicts', () => {
  it('hold', () => {
    expect(privileged).toBeInvalid(odd)
    expect(isolated).toBeUndetermined(inShop)
    expect(privileged).toBeNotApplicable(service())
    expect(privileged).toBeNotApplicable(bad, {
      match: { excludedNamespaces: ['*'], kinds: [{ kinds: ['Job'] }] },
    })
    const match = { namespaceSelector: { matchLabels: { team: 'a' } } }
    const namespaces = [namespace({ metadata: { name: 'shop', labels: { team: 'b' } } })]
    expect(privileged).toBeNotApplicable(inShop, { match, namespaces })
  })

  it('do not take a misspelt kind for one that the policy is not about', () => {
    const misspelt = { ...bad, kind: 'Podd' }
    expect(failure(() => expect(privileged).toBeNotApplicable(misspelt))).toContain('did you mean `Pod`?')
  })

  it('fail with what was found', () => {
    expect(failure(() => expect(privileged).toBeInvalid(good))).toContain('write toAllow()')
    expect(failure(() => expect(privileged).toBeUndetermined(bad))).toContain('write toDeny()')
    expect(failure(() => expect(privileged).toBeNotApplicable(bad))).toContain('not to be about Pod app')
    const match = { namespaceSelector: { matchLabels: { team: 'a' } } }
    expect(failure(() => expect(privileged).toBeNotApplicable(inShop, { match }))).toContain(
      'the namespace `shop` is not known',
    )
  })
})

describe('toFixTo', () => {
  it('holds where the fixes make the expected object', () => {
    expect(privileged).toFixTo(bad, fixed)
    expect(privileged).toFixTo(review({ object: bad }), fixed)
  })

  it('fails for another object, for what needs no fix, and for a policy without one', () => {
    expect(failure(() => expect(privileged).toFixTo(bad, good))).toMatchInlineSnapshot(`
      "policy \`test/privileged\` does not fix Pod app to the expected object
      the object with its fixes:
      apiVersion: v1
      kind: Pod
      metadata:
        name: app
      spec:
        containers:
          - name: app
            image: registry.example.com/app:1.0.0
            securityContext:
              privileged: false

      expected:
      apiVersion: v1
      kind: Pod
      metadata:
        name: app
      spec:
        containers:
          - name: app
            image: registry.example.com/app:1.0.0
      "
    `)
    expect(failure(() => expect(privileged).toFixTo(good, good))).toContain(
      'to deny Pod app, but it is allowed',
    )
    const known = inventory([], { complete: true })
    expect(failure(() => expect(isolated).toFixTo(inShop, inShop, { inventory: known }))).toContain(
      'has no fix',
    )
  })

  it('fails for a fix that mends nothing', () => {
    const useless = policy({
      id: 'test/useless',
      title: 'test',
      severity: 'low',
      target: deployments,
      rule: ({ object }) =>
        object.spec.paused.isNot(true).deny({
          message: message`not paused`,
          at: object.spec.paused,
          fix: set(object.spec.paused, false),
        }),
    })
    const paused = deployment({ spec: { paused: false } })
    expect(failure(() => expect(useless).toFixTo(deployment(), paused))).toContain('leave violations')
  })
})

describe('toBeEquivalentTo', () => {
  const forgetful = (code: string): Policy =>
    policy({
      id: 'test/forgetful',
      title: 'test',
      severity: 'high',
      target: workloads,
      rule: ({ pod: its }) =>
        its.containers
          .filter((c) => c.securityContext.privileged.is(true))
          .deny((c) => ({
            message: message`container ${c.name} must not be privileged`,
            at: c.securityContext.privileged,
            code,
            fix: set(c.securityContext.privileged, false),
          })),
    })
  const hidden = pod({ spec: { initContainers: [container({ securityContext: { privileged: true } })] } })

  it('holds for the same verdicts', () => {
    expect(privileged).toBeEquivalentTo(forgetful('privileged'), [good, bad, odd, service()])
  })

  it('fails for an object that tells them apart', () => {
    const said = failure(() => expect(privileged).toBeEquivalentTo(forgetful('privileged'), [bad, hidden]))
    expect(said).toContain('`test/privileged`: denied\n  [privileged] container app')
    expect(said).toContain('`test/forgetful`: allowed\n  none')
    expect(failure(() => expect(privileged).toBeEquivalentTo(forgetful('other'), [bad]))).toContain('[other]')
  })

  it('fails where nothing was compared, or something could not be judged', () => {
    const other = forgetful('privileged')
    expect(failure(() => expect(privileged).toBeEquivalentTo(other, []))).toContain('nothing was compared')
    expect(failure(() => expect(privileged).toBeEquivalentTo(other, [service()]))).toContain('neither policy')
    expect(failure(() => expect(privileged).toBeEquivalentTo(other, [good, [good]]))).toContain(
      'could not be judged',
    )
  })
})

it('has no negation, which would pass for what was not judged', () => {
  expect(failure(() => expect(privileged).not.toAllow(bad))).toContain(
    '.not.toAllow() would pass for several',
  )
  expect(failure(() => expect(privileged).not.toDeny(good))).toContain('.not.toDeny()')
})

it('judges by one policy, and by nothing else', () => {
  const both = profile({ id: 'both', title: 'both', policies: [privileged, isolated] })
  expect(failure(() => expect(both).toAllow(good))).toContain('a profile has several policies')
  expect(failure(() => expect('text').toAllow(good))).toContain('no policy')
})

testPolicy(privileged, {
  allows: { 'a plain pod': good, 'an exempt one': { object: bad, parameters: { exempt: ['app'] } } },
  denies: { 'a privileged one': bad, 'one by its code': { object: bad, code: 'privileged', count: 1 } },
  invalid: { 'a text for a boolean': odd },
  notApplicable: { 'a service': service() },
})

testPolicy(isolated, {
  inventory: inventory([policyInShop], { complete: true }),
  allows: { 'a namespace with a policy': inShop },
  denies: { 'one without': pod({ metadata: { namespace: 'other' } }) },
  undetermined: {
    'an incomplete inventory': {
      object: pod({ metadata: { namespace: 'other' } }),
      inventory: inventory([], { complete: false }),
    },
  },
})

describe('testPolicy', () => {
  const outcomes = (table: object): readonly string[] =>
    testsOf(privileged, table).map(({ name, run }) => `${name} ${run().pass ? 'passes' : 'fails'}`)

  it('has a test for each case', () => {
    const table = { allows: { good, bad }, denies: { bad, good, other: { object: bad, code: 'other' } } }
    expect(outcomes(table)).toEqual([
      'allows: good passes',
      'allows: bad fails',
      'denies: bad passes',
      'denies: good fails',
      'denies: other fails',
    ])
  })

  it('refuses a table that tests nothing, or not what it seems to', () => {
    expect(() => outcomes({})).toThrow('has no case')
    expect(() => outcomes({ allows: {} })).toThrow('has no case')
    expect(() => outcomes({ allow: { good } })).toThrow('did you mean `allows`?')
    expect(() => outcomes({ denies: { bad: { object: bad, cod: 'x' } } })).toThrow('did you mean `code`?')
    expect(() => outcomes({ allows: { bad: { object: good, code: 'x' } } })).toThrow('has no `code`')
    expect(() => outcomes({ allows: { good: undefined } })).toThrow(
      'case `good` of `allows` is no object, but undefined',
    )
  })

  it('takes an object with a field `object` for an object where it has a kind', () => {
    const things = customResource<{ readonly object: string }>('example.com/v1', 'Thing')
    const about = policy({
      id: 'test/things',
      title: 'test',
      severity: 'low',
      target: things,
      rule: ({ object }) => object.metadata.name.is('x').deny({ message: message`x` }),
    })
    const thing = { apiVersion: 'example.com/v1', kind: 'Thing', object: 'a' }
    expect(testsOf(about, { allows: { thing } }).map(({ run }) => run().pass)).toEqual([true])
  })
})

it('prints a verdict for snapshots', () => {
  expect(verdictOf(privileged, bad)).toMatchInlineSnapshot(`
    denied
      test/privileged [privileged] high: container app must not be privileged
        at spec.containers[0].securityContext.privileged
        fix: set spec.containers[0].securityContext.privileged to false
  `)
  expect({ verdict: verdictOf(privileged, service()) }).toMatchInlineSnapshot(`
    {
      "verdict": not-applicable
        kind: the policy is not about \`Service\`,
    }
  `)
})

it('types what is given by the policy', () => {
  expectTypeOf(expect(privileged).toAllow).parameter(0).toEqualTypeOf<object>()
  const types = (): void => {
    // @ts-expect-error no such parameter
    expect(privileged).toAllow(good, { parameters: { exemt: [] } })
    // @ts-expect-error a list of texts
    expect(privileged).toDeny(good, { parameters: { exempt: [1] } })
    // @ts-expect-error misspelt
    expect(privileged).toDeny(good, { mesage: 'x' })
    // @ts-expect-error not an option of toAllow
    expect(privileged).toAllow(good, { code: 'x' })
    // @ts-expect-error no object
    expect(privileged).toAllow('kind: Pod')
    // @ts-expect-error misspelt section
    testPolicy(privileged, { alows: {} })
    // @ts-expect-error misspelt parameter
    testPolicy(privileged, { parameters: { exemt: [] }, allows: { good } })
  }
  expect(types).toBeTypeOf('function')
})
