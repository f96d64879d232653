import {
  allOf,
  anyOf,
  DefinitionError,
  type Expr,
  imageRef,
  message,
  not,
  policy,
  profile,
  quantity,
  semver,
  set,
  target,
  text,
} from '@gatewright/core'
import { definition, deployments, workloads } from '@gatewright/kubernetes'
import { privilegedContainers } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

/** Expressions as plain JavaScript sees them, where no type stands in the way. */
type Loose = any

const base = { id: 'test/trap', title: 'A trap', severity: 'low', target: workloads } as const
const m = { message: 'm' }
let leak: Loose

/** Defines a policy from a rule that types would mostly refuse. */
const define = (rule: (bindings: Loose) => Loose, more: object = {}): unknown =>
  policy({ ...base, ...more, rule } as Loose)

describe('D3: what cannot see the input is an error at definition', () => {
  const traps: readonly (readonly [name: string, code: string, rule: (bindings: Loose) => Loose])[] = [
    [
      'a && b, named',
      'unused-expression',
      ({ pod }) => {
        const a = pod.hostPID.is(true),
          b = pod.hostIPC.is(true)
        return (a && b).deny(m)
      },
    ],
    [
      'a && b, in a filter',
      'unused-expression',
      ({ pod }) => pod.containers.filter((c: Loose) => c.tty.is(true) && c.stdin.is(true)).deny(() => m),
    ],
    [
      'a || b, named',
      'unused-expression',
      ({ pod }) => {
        const a = pod.hostPID.is(true),
          b = pod.hostIPC.is(true)
        return (a || b).deny(m)
      },
    ],
    [
      'c ? x : y',
      'unused-expression',
      ({ pod }) => (pod.hostPID.is(true) ? pod.containers : pod.initContainers).deny(() => m),
    ],
    [
      'if (condition)',
      'unused-expression',
      ({ pod }) => {
        if (pod.hostPID.is(true)) return pod.containers.deny(() => m)
        return []
      },
    ],
    ['!condition', 'plain-boolean', ({ pod }) => allOf(!pod.hostPID.is(true) as Loose).deny(m)],
    ['===', 'plain-boolean', ({ pod }) => pod.containers.filter((c: Loose) => c.tty === true).deny(() => m)],
    [
      'a template literal',
      'expression-as-value',
      ({ pod }) => pod.containers.deny((c: Loose) => ({ message: `x ${c.name}` })),
    ],
    [
      '+',
      'expression-as-value',
      ({ pod }) => pod.containers.deny((c: Loose) => ({ message: 'x ' + c.name })),
    ],
    [
      '>',
      'expression-as-value',
      ({ pod }) => (pod.activeDeadlineSeconds > 5 ? pod.containers.deny(() => m) : []),
    ],
    [
      'a spread',
      'expression-as-value',
      ({ pod }) => pod.containers.deny((c: Loose) => ({ message: 'x', details: { ...c } })),
    ],
    ['an array spread', 'expression-as-value', ({ pod }) => [...pod.containers]],
    [
      'for … of',
      'expression-as-value',
      ({ pod }) => {
        const all = []
        for (const c of pod.containers) all.push(c)
        return all
      },
    ],
    [
      'JSON.stringify',
      'expression-as-value',
      ({ pod }) => pod.containers.deny((c: Loose) => ({ message: JSON.stringify(c) })),
    ],
    [
      'Object.keys',
      'expression-as-value',
      ({ pod }) => {
        Object.keys(pod.volumes)
        return []
      },
    ],
    ['in', 'expression-as-value', ({ pod }) => ('name' in pod.volumes ? [] : [])],
    [
      'an assignment',
      'expression-as-value',
      ({ pod }) => {
        pod.hostPID = false
        return []
      },
    ],
    [
      'delete',
      'expression-as-value',
      ({ pod }) => {
        delete pod.hostPID
        return []
      },
    ],
    [
      'a computed key',
      'expression-as-value',
      ({ pod }) => pod.containers.filter((c: Loose) => c.resources.limits[c.name].exists()).deny(() => m),
    ],
    [
      'Number()',
      'expression-as-value',
      ({ pod }) => pod.containers.deny(() => ({ message: String(Number(pod.activeDeadlineSeconds)) })),
    ],
    [
      'an element that leaks',
      'out-of-scope',
      ({ pod }) => [
        pod.containers.each((c: Loose) => {
          leak = c
          return c.tty.is(true).deny(m)
        }),
        pod.initContainers.filter(() => leak.name.is('x')).deny(() => m),
      ],
    ],
    [
      'a rule that is not returned',
      'unused-expression',
      ({ pod }) => {
        pod.hostPID.is(true).deny(m)
        return pod.hostIPC.is(true).deny(m)
      },
    ],
    [
      'a filter that is not used',
      'unused-expression',
      ({ pod }) => {
        pod.containers.filter((c: Loose) => c.tty.is(true))
        return pod.containers.deny(() => m)
      },
    ],
    [
      'a fix that is not used',
      'unused-expression',
      ({ pod }) => {
        set(pod.hostPID, false)
        return pod.hostPID.is(true).deny(m)
      },
    ],
    [
      'a function without a return',
      'no-condition',
      ({ pod }) =>
        pod.containers
          .filter((c: Loose) => {
            c.tty.is(true)
          })
          .deny(() => m),
    ],
    [
      'a rule without a return',
      'no-rule',
      ({ pod }) => {
        pod.hostPID
      },
    ],
    ['an async rule', 'async-rule', async ({ pod }) => pod.containers.deny(() => m)],
    [
      'Date.now()',
      'impure-rule',
      ({ pod }) => pod.activeDeadlineSeconds.gt(Date.now()).ifMissing(false).deny(m),
    ],
    [
      'Math.random()',
      'impure-rule',
      ({ pod }) => pod.activeDeadlineSeconds.gt(Math.random()).ifMissing(false).deny(m),
    ],
    [
      'a misspelt field',
      'unknown-field',
      ({ pod }) => pod.containers.filter((c: Loose) => c.securityContext.priviledged.is(true)).deny(() => m),
    ],
    [
      'a misspelt operation',
      'unknown-field',
      ({ pod }) => pod.containers.filter((c: Loose) => c.tty.iss(true)).deny(() => m),
    ],
    ['a key of a map as a property', 'unknown-field', ({ pod }) => pod.metadata.labels.team.exists().deny(m)],
    [
      'an operation that is not called',
      'operation-not-called',
      ({ pod }) => pod.containers.filter((c: Loose) => c.tty.exists).deny(() => m),
    ],
    [
      'an undecided test',
      'undecided',
      ({ pod }) => pod.containers.filter((c: Loose) => c.image.startsWith('x')).deny(() => m),
    ],
    [
      'a boolean that may be missing',
      'undecided',
      ({ pod }) => pod.containers.filter((c: Loose) => c.tty).deny(() => m),
    ],
    [
      'a text as a condition',
      'not-a-condition',
      ({ pod }) => pod.containers.filter((c: Loose) => c.name).deny(() => m),
    ],
    ['a condition as a rule', 'not-a-rule', ({ pod }) => pod.hostPID.is(true)],
    ['null', 'null-literal', ({ pod }) => pod.hostname.is(null).deny(m)],
    ['a literal of another type', 'wrong-literal', ({ pod }) => pod.hostname.is(5).deny(m)],
    [
      'a literal of no enumeration',
      'wrong-literal',
      ({ pod }) => pod.containers.filter((c: Loose) => c.imagePullPolicy.is('always')).deny(() => m),
    ],
    [
      'an unreadable quantity',
      'unreadable-literal',
      ({ pod }) =>
        pod.containers
          .filter((c: Loose) => c.resources.limits.get('cpu').gt('1GB').ifMissing(true))
          .deny(() => m),
    ],
    [
      'a quantity against a version',
      'wrong-unit',
      ({ pod }) =>
        quantity(pod.hostname)
          .gt(semver(pod.hostname) as Loose)
          .ifMissing(true)
          .deny(m),
    ],
    [
      'a pattern that is not RE2',
      'invalid-pattern',
      ({ pod }) => pod.hostname.matches('(?=a)').ifMissing(false).deny(m),
    ],
    [
      'a wildcard of another tool',
      'invalid-pattern',
      ({ pod }) => pod.hostname.like('[a]*').ifMissing(false).deny(m),
    ],
    [
      '`at` that is computed',
      'not-a-path',
      ({ pod }) => pod.hostPID.is(true).deny({ message: 'm', at: pod.hostname.default('x') }),
    ],
    ['a violation without a message', 'no-message', ({ pod }) => pod.hostPID.is(true).deny({})],
    ['a misspelt key of a violation', 'unknown-key', ({ pod }) => pod.hostPID.is(true).deny({ mesage: 'x' })],
    ['no rules', 'no-rules', () => []],
    [
      'a rule that denies within an unknown severity',
      'unknown-severity',
      ({ pod }) => pod.hostPID.is(true).deny({ message: 'x', severity: 'huge' }),
    ],
    [
      '.ifMissing on what is decided',
      'already-decided',
      ({ pod }) => pod.hostPID.is(true).ifMissing(false).deny(m),
    ],
  ]
  it.each(traps)('%s: %s', (_, code, rule) => {
    const define_ = (): unknown => define(rule)
    expect(define_).toThrow(DefinitionError)
    try {
      define_()
    } catch (error) {
      expect((error as DefinitionError).code).toBe(code)
    }
  })

  it('an expression can be awaited without end only by mistake: it is no promise', async () => {
    let seen: unknown
    policy({
      ...base,
      rule: ({ pod }) => {
        seen = pod.hostPID
        return pod.hostIPC.is(true).deny(m)
      },
    })
    expect(await Promise.resolve(seen)).toBe(seen)
  })

  it('the clock is back when a definition failed', () => {
    expect(() =>
      define(() => {
        throw new Error('x')
      }),
    ).toThrow('x')
    expect(Date.now()).toBeGreaterThan(0)
    expect(Math.random()).toBeLessThan(1)
  })
})

describe('D1: a misspelt field is refused, with the right one named', () => {
  const container = definition('core/v1/Container')
  const spec = definition('core/v1/PodSpec')
  if (container?.type !== 'object' || spec?.type !== 'object') throw new Error('no schemas')
  const swapped = (name: string): string =>
    name.slice(0, 2) + (name[3] ?? 'x') + (name[2] ?? 'x') + name.slice(4)
  const fields = [
    ...Object.keys(container.fields).map((key) => ['container', key]),
    ...Object.keys(spec.fields).map((key) => ['pod', key]),
  ] as const
  const cases = fields.filter(([, key]) => key !== undefined && key.length > 4 && swapped(key) !== key)

  it.each(cases)('%s.%s', (of, key) => {
    const wrong = swapped(key as string)
    const rule = ({ pod }: Loose): Loose =>
      of === 'pod'
        ? pod[wrong].exists().deny(m)
        : pod.containers.filter((c: Loose) => c[wrong].exists()).deny(() => m)
    expect(() => define(rule)).toThrow(`did you mean \`${key as string}\`?`)
  })

  it('is enough of them', () => expect(cases.length).toBeGreaterThan(40))
})

describe('D4: an expression that nests too deep is refused, without overflowing', () => {
  it.each([100, 400])('%i levels are fine', (depth) => {
    expect(() =>
      define(({ pod }) => {
        let c = pod.hostPID.is(true)
        for (let i = 0; i < depth; i++) c = c.not()
        return c.deny(m)
      }),
    ).not.toThrow()
  })
  it.each([1_000, 10_000])('%i levels are not', (depth) => {
    expect(() =>
      define(({ pod }) => {
        let c = pod.hostPID.is(true)
        for (let i = 0; i < depth; i++) c = c.not()
        return c.deny(m)
      }),
    ).toThrow('nests deeper than 500 levels')
  })
})

describe('D5: ids', () => {
  it.each([
    'Team/X',
    'a b',
    '',
    '/a',
    'a/',
    'a//b',
    'é',
    'a_b',
    '-a',
    'constructor ',
    '__proto__',
    'x'.repeat(201),
  ])('%s is refused', (id) => {
    expect(() => define(({ pod }) => pod.hostPID.is(true).deny(m), { id })).toThrow('is not kebab-case')
  })
  it.each(['a', 'a/b', 'constructor', 'team/to-string', 'default', 'a/b/c'])('%s is taken', (id) => {
    expect(() => define(({ pod }) => pod.hostPID.is(true).deny(m), { id })).not.toThrow()
  })
  it('a list of kinds is no target, nor is nothing', () => {
    const about = (target: unknown) => () => define(({ pod }) => pod.hostPID.is(true).deny(m), { target })
    expect(about([workloads, deployments])).toThrow('join several kinds with `.or()`')
    for (const target of ['Pod', undefined, null, {}]) expect(about(target)).toThrow('give a resource of')
  })
  it('two policies of one id are refused, and the id named', () => {
    const twin = policy({
      ...base,
      id: privilegedContainers.id,
      rule: ({ pod }) => pod.hostPID.is(true).deny(m),
    })
    expect(() => profile({ id: 'a/b', title: 'x', policies: [twin, privilegedContainers] })).toThrow(
      `two different policies \`${twin.id}\``,
    )
  })
})

describe('parameters say what JSON Schema can carry', () => {
  const define_ = (parameters: z.ZodObject): unknown =>
    define(({ pod }) => pod.hostPID.is(true).deny(m), { parameters })
  it.each([
    ['a refinement', z.object({ a: z.string().refine((s) => s.length > 1) })],
    ['a transform', z.object({ a: z.string().transform(Number) })],
    ['a date', z.object({ a: z.date() })],
    ['coercion', z.object({ a: z.coerce.number() })],
    ['a bigint', z.object({ a: z.bigint() })],
    ['a pattern that is not RE2', z.object({ a: z.string().regex(/(?=a)/) })],
    ['a nested refinement', z.object({ a: z.array(z.object({ b: z.number().refine((n) => n % 2 === 0) })) })],
  ])('%s is refused', (_, parameters) => {
    expect(() => define_(parameters)).toThrow('JSON Schema cannot carry')
  })
  it('with() checks names and types', () => {
    expect(() => privilegedContainers.with({ exemptImage: ['a'] } as Loose)).toThrow(
      'did you mean `exemptImages`?',
    )
    expect(() => privilegedContainers.with({ exemptImages: 'a' } as Loose)).toThrow('exemptImages')
  })
})

describe('helpers that types check are checked at run time too', () => {
  const ours = (image: Expr<string | undefined>): Expr<boolean> =>
    imageRef(image).within('reg.io').ifMissing(false) as Loose
  it('a helper is an ordinary function', () => {
    expect(() =>
      define(({ pod }) =>
        pod.allContainers
          .filter((c: Loose) => not(ours(c.image) as Loose))
          .deny((c: Loose) => ({ message: message`${c.image}`, at: c.image })),
      ),
    ).not.toThrow()
  })
  it('a document of any kind is a target', () => {
    const Plan = z.object({ resources: z.array(z.object({ type: z.string(), size: z.number().optional() })) })
    const made = policy({
      id: 'test/plan',
      title: 'A plan',
      severity: 'low',
      target: target('plan', Plan),
      rule: ({ input }) =>
        input.resources
          .filter((r) => anyOf(r.type.is('db'), r.size.gt(5).ifMissing(false)))
          .deny((r) => ({ message: text`${r.type}`, at: r.type })),
    })
    expect(made.ir.rules.length).toBe(1)
  })
  it('oldObject is there only where the policy declares updates', () => {
    expect(() =>
      policy({
        ...base,
        target: deployments,
        rule: ({ oldObject }: Loose) => oldObject.spec.exists().deny(m),
      } as Loose),
    ).toThrow()
  })
})
