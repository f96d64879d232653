import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('the committed runtime of WebAssembly modules is what its sources give, byte for byte', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/wasm-runtime.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stderr).not.toContain('not what the sources give')
  expect(status).toBe(0)
})
