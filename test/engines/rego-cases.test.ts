import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json, PolicyIr, Review } from '@gatewright/core'
import { expect, it } from 'vitest'
import { readJson } from '../../packages/sources/src/json/read-json.js'
import { type Asked, bundleOf, checked, differences, type Stored } from './rego-judged.js'

/** A policy and an object that OPA and the reference once differed on, made small. */
interface Kept {
  /** What they differed on. */
  readonly about: string
  readonly policy: PolicyIr
  readonly given?: Readonly<Record<string, Json>>
  readonly parameters?: Json
  readonly review: Review
  readonly stored?: Stored
}

const folder = fileURLToPath(new URL('../cases/rego/', import.meta.url))

const kept = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({
    name,
    case: readJson(readFileSync(join(folder, name), 'utf8'), 0).value as unknown as Kept,
  }))

it.each(kept)('C7: OPA and the reference agree on the kept case $name: $case.about', ({ case: of }) => {
  const { policy, given = {}, parameters = given, review, stored = { objects: [], complete: true } } = of
  const asked: Asked = { policy: checked(policy), given, parameters, reviews: [review] }
  // Rego can say each of them: a case that came to be refused would show nothing
  expect(bundleOf([asked]).modules).toHaveLength(1)
  expect(differences([asked], stored, undefined).differences.map(({ report }) => report)).toEqual([])
})
