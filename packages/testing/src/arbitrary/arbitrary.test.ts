import {
  type Json,
  message,
  type Path,
  pathText,
  policy,
  quantity,
  type Schema,
  schemaFromZod,
  target,
} from '@gatewright/core'
import {
  configMaps,
  cronJobs,
  customResource,
  daemonSets,
  definition,
  deployments,
  findResource,
  ingresses,
  jobs,
  kubernetesVersions,
  namespaces,
  networkPolicies,
  type Pod,
  pods,
  replicaSets,
  schemaOf,
  secrets,
  services,
  statefulSets,
  unknownFields,
  workloads,
} from '@gatewright/kubernetes'
import { evaluator, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { arbitrary, type ArbitraryKind } from './arbitrary.js'
import { rulesOf } from './schema-shapes.js'

const kinds: Readonly<Record<string, ArbitraryKind>> = {
  pods,
  deployments,
  statefulSets,
  daemonSets,
  replicaSets,
  jobs,
  cronJobs,
  services,
  configMaps,
  networkPolicies,
  namespaces,
  secrets,
  ingresses,
}

/** What of a value is of no type that its schema has. */
function* misfits(value: Json | undefined, schema: Schema, path: Path): Generator<string> {
  const wrong = `${pathText(path)}: ${JSON.stringify(value)}`
  switch (schema.type) {
    case 'string':
      if (typeof value !== 'string' || (schema.values?.includes(value) === false && value !== '')) yield wrong
      return
    case 'number':
      if (typeof value !== 'number' || (schema.integer === true && !Number.isInteger(value))) yield wrong
      return
    case 'boolean':
      if (typeof value !== 'boolean') yield wrong
      return
    case 'scalar':
      if (!schema.of.some((each) => typeof value === each)) yield wrong
      return
    case 'list':
      if (!Array.isArray(value)) return yield wrong
      for (const [i, each] of value.entries()) yield* misfits(each as Json, schema.items, [...path, i])
      return
    case 'map':
    case 'object': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return yield wrong
      const fields = schema.type === 'object' ? schema.fields : {}
      for (const [key, each] of Object.entries(value)) {
        const below = schema.type === 'map' ? schema.values : fields[key]?.schema
        if (below === undefined) yield `${pathText([...path, key])} is unknown`
        else yield* misfits(each as Json, below, [...path, key])
      }
      for (const [key, { required }] of Object.entries(fields))
        if (required === true && !Object.hasOwn(value, key)) yield `${pathText([...path, key])} is missing`
      return
    }
    case 'union':
    case 'unknown':
      return
  }
}

it.each(Object.entries(kinds))('valid %s fit the schemas of every version', (_, kind) => {
  for (const kubernetesVersion of [undefined, kubernetesVersions()[0]]) {
    const schema = (kind as typeof pods).resource
    const found = schemaOf(schema, kubernetesVersion)
    fc.assert(
      fc.property(arbitrary(kind, kubernetesVersion === undefined ? {} : { kubernetesVersion }), (object) => {
        expect(unknownFields(object as Json, kubernetesVersion)).toEqual([])
        expect([...misfits(object as Json, found as Schema, [])]).toEqual([])
      }),
      { numRuns: 200 },
    )
  }
})

it('knows no field that the schemas do not have', () => {
  const all = new Map<string, Schema>()
  const visit = (schema: Schema): void => {
    if (schema.type === 'list') return visit(schema.items)
    if (schema.type === 'map') return visit(schema.values)
    if (schema.type !== 'object' || schema.name === undefined || all.has(schema.name)) return
    all.set(schema.name, schema)
    for (const field of Object.values(schema.fields)) visit(field.schema)
  }
  const others = ['core/v1/ServiceAccount', 'core/v1/PodTemplate', 'core/v1/ReplicationController']
  for (const kind of ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']) {
    const of = findResource({ group: 'rbac.authorization.k8s.io', kind })
    if (of !== undefined) visit(definition(of.definition) as Schema)
  }
  for (const each of others) visit(definition(each) as Schema)
  for (const kind of Object.values(kinds)) visit((kind as typeof pods).schema)
  const unknown = Object.entries(rulesOf).flatMap(
    ([name, { fields, always = [], often = [], seldom = [], groups = [], later = {} }]) => {
      const schema = all.get(name)
      if (schema?.type !== 'object') return [name]
      const named = [
        ...Object.keys(fields),
        ...always,
        ...often,
        ...seldom,
        ...groups.flatMap(({ of }) => of),
        ...Object.keys(later),
      ]
      return named.filter((key) => !Object.hasOwn(schema.fields, key)).map((key) => `${name}.${key}`)
    },
  )
  expect(unknown).toEqual([])
})

it('refuses kinds that a version does not serve, and versions that are not known', () => {
  expect(() => arbitrary(pods, { kubernetesVersion: '1.2' })).toThrow(
    /no schemas of Kubernetes `1.2`; known are/,
  )
  const old = {
    ...pods,
    ir: { ...pods.ir, name: 'PodSecurityPolicy', kinds: [{ group: 'policy', kind: 'PodSecurityPolicy' }] },
  }
  expect(() => arbitrary(old)).toThrow(/serves no PodSecurityPolicy/)
})

const memory = policy({
  id: 'test/memory',
  title: 'Containers ask for no more than they may',
  severity: 'low',
  target: workloads,
  parameters: z.object({ registry: z.string().default('registry.corp.example') }),
  rule: ({ pod }) => [
    pod.allContainers
      .filter((c) => c.resources.limits.get('memory').gt(quantity('768Mi')).ifMissing(false))
      .deny((c) => ({ message: message`${c.name} asks for too much` })),
    pod.allContainers
      .filter((c) => c.securityContext.runAsUser.lt(10_001).ifMissing(false))
      .deny((c) => ({ message: message`${c.name} runs as a user of the host's` })),
    pod.allContainers
      .filter((c) => c.image.startsWith('mirror.corp.example/').ifMissing(false))
      .deny((c) => ({ message: message`${c.name} is from the mirror` })),
  ],
})

it('is drawn to the constants of a policy, and to what lies beside them', () => {
  const seen = new Set<unknown>()
  fc.assert(
    fc.property(arbitrary(pods, { policy: memory }), ({ spec }) => {
      for (const { image, resources, securityContext } of spec?.containers ?? []) {
        seen.add(image)
        seen.add(resources?.limits?.['memory'])
        seen.add(securityContext?.runAsUser)
      }
    }),
    { numRuns: 2000, seed: 1 },
  )
  for (const each of [
    10_000,
    10_001,
    10_002,
    '768Mi',
    '786432Ki',
    '786433Ki',
    '768.5Mi',
    'mirror.corp.example/app:1.0.0',
    'mirror.corp.example.evil.example/app:1.0.0',
    'mirror.corp.example@evil.example/app:1.0.0',
    'evil.example/mirror.corp.example/app:1.0.0',
    'registry.corp.example/app:1.0.0',
    undefined,
  ])
    expect(seen, String(each)).toContain(each)
})

it('gives the same objects for the same seed', () => {
  for (const mode of ['valid', 'nearly-valid', 'hostile'] as const) {
    const drawn = (): unknown =>
      fc.sample(arbitrary(workloads, { mode, policy: memory }), { numRuns: 50, seed: 7 })
    expect(drawn()).toEqual(drawn())
  }
})

it('hostile objects are judged by all engines alike, and none throws', () => {
  const engines = [javascriptEngine, referenceEngine].map((engine) => evaluator([memory], { engine }))
  const verdicts = new Set<string>()
  fc.assert(
    fc.property(arbitrary(workloads, { mode: 'hostile', policy: memory }), (object) => {
      const [one, other] = engines.map((engine) => engine.evaluate(object).judgements)
      expect(one).toEqual(other)
      for (const { verdict } of one ?? []) verdicts.add(verdict.verdict)
    }),
    { numRuns: 600 },
  )
  expect([...verdicts]).toEqual(expect.arrayContaining(['allowed', 'denied', 'invalid']))
})

it('nearly valid objects have something wrong: of their shape, or of what the API asks beyond it', () => {
  const counts = { misfit: 0, all: 0 }
  fc.assert(
    fc.property(arbitrary(pods, { mode: 'nearly-valid' }), (object) => {
      counts.all++
      if ([...misfits(object, pods.schema, [])].length > 0) counts.misfit++
    }),
    { numRuns: 500, seed: 1 },
  )
  expect(counts.misfit / counts.all).toBeGreaterThan(0.6)
})

/** What a property that fails shrinks to. */
function smallest<T>(of: fc.Arbitrary<T>, isFailure: (value: T) => boolean): T | undefined {
  const { counterexample } = fc.check(
    fc.property(of, (value) => !isFailure(value)),
    { numRuns: 3000, seed: 1 },
  )
  return counterexample?.[0]
}

const image = 'registry.example.com/app:1.0.0'
const container = { image, name: 'app' }

it('shrinks to what a property needs and no more', () => {
  const privileged = smallest(arbitrary(pods), ({ spec }) =>
    (spec?.initContainers ?? []).some(({ securityContext }) => securityContext?.privileged === true),
  )
  expect(privileged).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app' },
    spec: {
      containers: [container],
      initContainers: [{ image, name: 'app-2', securityContext: { privileged: true } }],
    },
  })
  const onHost = smallest(arbitrary(deployments), ({ spec }) => spec?.template.spec?.hostNetwork === true)
  expect(onHost).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app' },
    spec: {
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: { containers: [container], hostNetwork: true },
      },
    },
  })
  const open = smallest(arbitrary(services), ({ spec }) => spec?.type === 'LoadBalancer')
  expect(open).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app' },
    spec: { ports: [{ port: 80 }], type: 'LoadBalancer' },
  })
})

it('keeps a mistake where it shrinks, though nothing asks for it', () => {
  for (const mode of ['nearly-valid', 'hostile'] as const) {
    const object = smallest(arbitrary(pods, { mode }), () => true)
    expect([...misfits(object as Json, pods.schema, [])], JSON.stringify(object)).not.toEqual([])
    expect(JSON.stringify(object).length).toBeLessThan(500)
  }
})

it('shrinks through map and filter', () => {
  const names = arbitrary(pods)
    .filter(({ spec }) => (spec?.containers.length ?? 0) > 1)
    .map(({ spec }) => spec?.containers.map(({ name }) => name))
  expect(smallest(names, () => true)).toEqual(['app', 'app-2'])
})

it('takes zod schemas with what they say of lengths, ranges and patterns', () => {
  const schema = z.object({
    name: z.string().regex(/^[a-z]{2,5}$/),
    size: z.int().min(3).max(9),
    share: z.number().gt(0).lt(1).optional(),
    mail: z.email().optional(),
    tags: z.array(z.string().min(1).max(3)).min(1).max(2),
    at: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('host'), host: z.string() }),
      z.object({ kind: z.literal('port'), port: z.int().min(1) }),
    ]),
  })
  fc.assert(fc.property(arbitrary(schema), (value) => schema.safeParse(value).success))
  const even = arbitrary(
    z
      .int()
      .min(0)
      .max(20)
      .refine((value) => value % 2 === 0),
  )
  fc.assert(fc.property(even, (value) => value % 2 === 0))
  expect(() => fc.sample(arbitrary(z.string().refine(() => false)), 1)).toThrow(
    /no value that the schema takes/,
  )
})

it('takes schemas that hold themselves', () => {
  type Tree = { readonly name: string; readonly below?: readonly Tree[] | undefined }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), below: z.array(tree).optional() }))
  fc.assert(fc.property(arbitrary(tree), (value) => tree.safeParse(value).success))
})

it('takes targets of any documents, and custom resources', () => {
  const plan = target('plan', z.object({ region: z.enum(['eu', 'us']), count: z.number() }))
  fc.assert(fc.property(arbitrary(plan), (value) => [...misfits(value, plan.schema, [])].length === 0))
  const schema = schemaFromZod(z.object({ spec: z.object({ size: z.int(), image: z.string().optional() }) }))
  if (schema.type !== 'object') throw new Error('a schema of an object')
  // a custom Service has nothing of the built-in one
  const services = customResource<{ readonly spec: { readonly size: number } }>(
    'serving.example.com/v1',
    'Service',
    { schema },
  )
  fc.assert(
    fc.property(arbitrary(services), (value) => {
      expect(value.apiVersion).toBe('serving.example.com/v1')
      expect(Number.isInteger(value.spec.size)).toBe(true)
    }),
  )
})

it('is typed as the kind is, where it is valid', () => {
  const valid: fc.Arbitrary<Pod> = arbitrary(pods)
  const faulty: fc.Arbitrary<Json> = arbitrary(pods, { mode: 'hostile' })
  const size: fc.Arbitrary<number> = arbitrary(z.object({ size: z.number() })).map((value) => value.size)
  expect([valid, faulty, size]).toHaveLength(3)
})
