import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('the types and schemas of Kubernetes are those that its documents give', { timeout: 300_000 }, () => {
  const script = fileURLToPath(new URL('../../packages/kubernetes/scripts/generate.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(status, stdout + stderr).toBe(0)
})
