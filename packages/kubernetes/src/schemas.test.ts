import type { Schema } from '@gatewright/core'
import { expect, it } from 'vitest'
import { podTemplatePath } from './pod-template.js'
import {
  definition,
  kubernetesVersions,
  nearestKind,
  newestVersion,
  schemaOf,
  servedResources,
} from './schemas.js'

it('knows at least five minor versions', () => {
  expect(kubernetesVersions().length).toBeGreaterThanOrEqual(5)
  expect(newestVersion()).toBe(kubernetesVersions().at(-1))
  expect(() => definition('core/v1/Pod', '1.2')).toThrow('no schemas of Kubernetes `1.2`')
})

/** Walks a schema as deep as it goes, each definition once. */
function* walk(schema: Schema, seen: Set<Schema>, path: string): Generator<readonly [string, Schema]> {
  if (seen.has(schema)) return
  seen.add(schema)
  yield [path, schema]
  if (schema.type === 'object') {
    for (const [key, field] of Object.entries(schema.fields))
      yield* walk(field.schema, seen, `${path}.${key}`)
  }
  if (schema.type === 'list') yield* walk(schema.items, seen, `${path}[]`)
  if (schema.type === 'map') yield* walk(schema.values, seen, `${path}{}`)
}

it.each(kubernetesVersions())('reads every definition of %s', (version) => {
  let parts = 0
  for (const { definition: name, from, to } of servedResources()) {
    if (version < from || version > to) continue
    const schema = definition(name, version)
    expect(schema?.type, name).toBe('object')
    for (const [path, each] of walk(schema as Schema, new Set(), name)) {
      parts++
      expect(each.type, path).toMatch(/^(string|number|boolean|scalar|list|map|object|unknown)$/)
      if (each.type === 'string')
        for (const value of each.values ?? []) expect(value, path).not.toMatch(/[|;()]/)
    }
  }
  expect(parts).toBeGreaterThan(3000)
})

it('finds the pod template of every built-in kind that has a PodSpec', () => {
  const podSpec = definition('core/v1/PodSpec')
  const holders = servedResources().filter(({ group, version, kind }) => {
    const schema = schemaOf({ group, version, kind })
    return schema !== undefined && [...walk(schema, new Set(), kind)].some(([, each]) => each === podSpec)
  })
  expect(holders.length).toBeGreaterThanOrEqual(9)
  expect(
    holders
      .filter(({ group, kind }) => podTemplatePath({ group, kind }) === undefined)
      .map(({ kind }) => kind),
  ).toEqual([])
})

it('knows what is required, enumerated, and a quantity', () => {
  const container = definition('core/v1/Container')
  if (container?.type !== 'object') throw new Error('no Container')
  expect(container.fields['name']?.required).toBe(true)
  expect(container.fields['image']?.required).toBe(false)
  expect(container.fields['imagePullPolicy']?.schema).toMatchObject({
    type: 'string',
    values: ['Always', 'IfNotPresent', 'Never'],
  })
  const resources = container.fields['resources']?.schema
  if (resources?.type !== 'object') throw new Error('no resources')
  expect(resources.fields['limits']?.schema).toMatchObject({ type: 'map', values: { unit: 'quantity' } })
})

it.each([
  ['Pdo', 'Pod'],
  ['Deploymnt', 'Deployment'],
  ['networkpolicy', 'NetworkPolicy'],
])('the kind nearest to %s is %s', (wrong, right) => {
  expect(nearestKind(wrong)).toBe(right)
})

it('knows the schemas of kinds that newer versions no longer serve', () => {
  for (const { group, version, kind } of servedResources())
    expect(schemaOf({ group, version, kind })?.type, `${group}/${version} ${kind}`).toBe('object')
})
