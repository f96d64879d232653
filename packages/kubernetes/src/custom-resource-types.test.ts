import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { customResourceTypes } from './custom-resource-types.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

const crd = (properties: object, more: object = {}): never =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets' },
      versions: [
        {
          name: 'v1',
          served: true,
          schema: {
            openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
          },
        },
      ],
      ...more,
    },
  }) as never

const hostile = {
  'in-valid': { type: 'string', description: 'ends */ here `${x}` // and\nnext' },
  __proto__: { type: 'string' },
  class: { type: 'integer' },
  "quote'\\": { type: 'string', enum: ["a'b", 'c\\d', '\u2028'] },
  port: { 'x-kubernetes-int-or-string': true },
  anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  nested: {
    type: 'array',
    items: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        spec: { type: 'object', properties: { a: { type: 'boolean', nullable: true } } },
      },
    },
  },
}

it('writes types that check, whatever the definition holds', () => {
  const made = customResourceTypes(crd(hostile))
  if ('problem' in made) throw new Error(made.problem)
  expect(made.kinds).toEqual(['Widget.v1'])
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/crd-'))
  try {
    const use = `import { policy } from 'gatewright'\nimport { widgets } from './widgets.js'\nexport const p: unknown = policy({ id: 'a/b', title: 'x', severity: 'low', target: widgets, rule: ({ object }) => object.spec.nested.filter((n) => n.name.is('x').and(n.spec.a.is(true))).deny((n) => ({ message: 'm', at: n.name })) })\n`
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(join(folder, 'widgets.ts'), made.code)
    writeFileSync(join(folder, 'use.ts'), use)
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--skipLibCheck',
      '--isolatedDeclarations',
      '--declaration',
      '--types',
      'node',
    ]
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), [...options, join(folder, 'use.ts')], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('names every served version', () => {
  const versions = ['v1', 'v1beta1'].map((name) => ({
    name,
    served: true,
    schema: { openAPIV3Schema: { type: 'object' } },
  }))
  const made = customResourceTypes(crd({}, { versions }))
  expect('kinds' in made && made.kinds).toEqual(['Widget.v1', 'Widget.v1beta1'])
})

it.each([
  [{}, 'no CustomResourceDefinition'],
  [
    { kind: 'CustomResourceDefinition', apiVersion: 'apiextensions.k8s.io/v1beta1' },
    'apiextensions.k8s.io/v1',
  ],
  [{ kind: 'CustomResourceDefinition', apiVersion: 'apiextensions.k8s.io/v1', spec: {} }, 'no group'],
])('refuses %j', (given, says) => {
  const made = customResourceTypes(given as never)
  expect('problem' in made && made.problem).toContain(says)
})
