import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { fixture, fixtures } from './files.js'

const shop = '../../../examples/shop/manifests'
const folder = mkdtempSync(join(tmpdir(), 'gatewright-fixtures-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function written(text: string): URL {
  writeFileSync(join(folder, 'objects.yaml'), text)
  return pathToFileURL(join(folder, 'objects.yaml'))
}

it('reads the objects of a file beside the test', () => {
  expect(fixtures(`${shop}/network.yaml`).map(({ kind }) => kind)).toContain('NetworkPolicy')
  expect(fixture(`${shop}/namespace.yaml`).kind).toBe('Namespace')
})

it('reads the items of a list', () => {
  const items = '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod"}]}'
  expect(fixtures(written(items))).toEqual([{ apiVersion: 'v1', kind: 'Pod' }])
})

it.each([
  ['apiVersion: v1\nkind: Pod\nkind: Pod\n', /objects\.yaml:3`: /],
  ['# nothing\n', 'has no object'],
  ['apiVersion: v1\nkind: Pod\n---\nnone\n', /objects\.yaml/],
])('refuses a file of which a part would be lost', (text, says) => {
  expect(() => fixtures(written(text))).toThrow(says)
})

it('refuses a file that is not there, and several objects where one is meant', () => {
  expect(() => fixtures('none.yaml')).toThrow('there is no such file')
  expect(() => fixture(written('apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\n'))).toThrow(
    'has 2 objects, not one',
  )
})
