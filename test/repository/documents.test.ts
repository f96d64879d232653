import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (name === 'node_modules' || name === 'dist' || name === 'generated') continue
    if (statSync(path).isDirectory()) yield* sources(path)
    else if (name.endsWith('.ts') && !name.endsWith('.test.ts')) yield path
  }
}

const made = /(?:DefinitionError|Refusal)\(\s*'([a-z][a-z-]+)'/g

it('explains every error code', () => {
  const documented = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  const codes = [...sources(join(root, 'packages'))].flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(made)].map(([, code]) => code as string),
  )
  expect(codes.length).toBeGreaterThan(60)
  expect([...new Set(codes)].filter((code) => !documented.includes(`\`${code}\``))).toEqual([])
})

it('names no file that is not there', () => {
  for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
    const text = readFileSync(join(root, name), 'utf8')
    for (const [, path] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(() => statSync(join(root, path as string)), `${name} links ${path as string}`).not.toThrow()
    }
  }
})
