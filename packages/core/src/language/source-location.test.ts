import { runInThisContext } from 'node:vm'
import { expect, it } from 'vitest'
import { markSource, sourceOf } from './source-location.js'

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
