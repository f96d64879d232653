import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as pack from '@gatewright/pod-security'
import type { Policy } from '@gatewright/core'
import { afterAll, expect, it } from 'vitest'
import { conditionCoverage, suggestCases, suggestedTests } from '../../packages/testing/src/coverage/index.js'
import { readRecords } from '../../packages/testing/src/recording/index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/suggested-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const compilerOptions = {
  strict: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023', 'dom'],
  types: [],
  noEmit: true,
}
const ids = ['privileged-containers', 'host-namespaces', 'capabilities', 'volume-types']
const exported: readonly (readonly [string, unknown])[] = Object.entries(pack)
const suggested = ids.map((id) => {
  const [name, value] = exported.find(([, each]) => (each as Policy).id === `pod-security/${id}`) ?? []
  if (name === undefined) throw new Error(`the pack does not export ${id}`)
  const policy = value as Policy
  // fewer objects than by default, for the sake of time
  return { id, policy, name, suggestions: suggestCases(policy, [], { budget: 1500 }) }
})

it('suggests tests for policies of the pack that compile and pass, and what they ask is recorded', () => {
  for (const { id, policy, name, suggestions } of suggested) {
    expect(suggestions.cases.length, id).toBeGreaterThan(1)
    const code = suggestedTests(policy, suggestions, { name, from: 'gatewright/policies/pod-security' })
    writeFileSync(join(folder, `${id}.test.ts`), code)
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'vitest.config.js'), 'export default {}\n')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const compiled = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
    { encoding: 'utf8' },
  )
  expect(compiled.stdout).toBe('')
  const records = join(folder, 'records')
  const tested = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder],
    { encoding: 'utf8', env: { ...process.env, GATEWRIGHT_RECORD: records, NO_COLOR: '1' } },
  )
  expect(tested.status, tested.stdout + tested.stderr).toBe(0)

  const recorded = readRecords(records)
  expect(recorded.map(({ policy }) => policy.id)).toEqual(ids.map((id) => `pod-security/${id}`).toSorted())
  for (const { id, policy, suggestions } of suggested) {
    const of = recorded.find((each) => each.policy.id === policy.id)
    if (of === undefined) throw new Error(`nothing of ${id} was recorded`)
    expect(of.suite).toHaveLength(suggestions.cases.length)
    expect(of.suite[0]?.name).toContain(policy.id)
    // the policy that was read shows the same as the one that was asked
    const own = conditionCoverage(policy, of.suite)
    const read = conditionCoverage(of.policy, of.suite)
    expect(read.conditions.map(({ id: each, missing }) => [each, missing])).toEqual(
      own.conditions.map(({ id: each, missing }) => [each, missing]),
    )
    for (const { source } of read.conditions) expect(source?.file).toMatch(/pod-security/)
    const missed = own.conditions.flatMap(({ id: each, missing }) => missing.map((what) => `${each} ${what}`))
    const notFound = suggestions.notFound.map((each) => `${each.id} ${each.observation}`)
    expect(missed.toSorted(), id).toEqual(notFound.toSorted())
  }
}, 180_000)
