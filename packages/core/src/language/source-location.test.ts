import { runInThisContext } from 'node:vm'
import { expect, it } from 'vitest'
import { markSource, sourceOf, thrownAt } from './source-location.js'

/** Where a thing seems to be made that a script of this name makes. */
function madeIn(filename: string): string | undefined {
  const make = runInThisContext('(mark, made) => {\n  mark(made)\n  return made\n}', { filename }) as (
    mark: (made: object) => void,
    made: object,
  ) => object
  return sourceOf(make(markSource, {}))?.file
}

it.each(['/policies/100%.ts', '/policies/a%20b.ts', '/policies/a b#c.ts'])('names the file %s', (file) => {
  expect(madeIn(file)).toBe(file)
})

it('reads a URL as one', () => {
  expect(madeIn('file:///policies/a%20b.ts')).toBe('/policies/a b.ts')
})

it('passes a folder over where it is told to', () => {
  const error = new Error('no')
  error.stack = 'Error: no\n    at check (/ours/check.js:3:4)\n    at /policies/config.ts:7:8'
  expect(thrownAt(error)).toEqual({ file: '/ours/check.js', line: 3, column: 4 })
  expect(thrownAt(error, '/ours/')).toEqual({ file: '/policies/config.ts', line: 7, column: 8 })
})
