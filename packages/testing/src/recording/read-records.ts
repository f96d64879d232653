import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  canonicalText,
  decodeIr,
  isObject,
  type Json,
  type Policy,
  type PolicyIr,
  type SourceLocation,
} from '@gatewright/core'
import { readText } from '@gatewright/evaluator'
import { z } from 'zod'
import type { Expected, PolicyCase } from '../cases.js'
import { type InventoryAnswer, inventoryFrom } from './inventory-answers.js'
import { recordVariable } from './variable.js'
import type { AskedLine, PolicyLine, RecordedExpectation } from './lines.js'

/** A policy that tests asked, with what they asked it. */
export interface RecordedPolicy {
  readonly policy: Policy
  /** Tells policies with the same id apart, which are not the same. */
  readonly digest: string
  /** The questions of all test files, each once. */
  readonly suite: readonly PolicyCase[]
  /** Questions that a `match` answered before the policy was asked. */
  readonly leftOut: number
}

/**
 * Reads what test runs recorded to a folder: each version of each policy with its suite, ordered by id. Throws an `Error` that names
 * the file and the line for what cannot be read.
 */
export function readRecords(folder: string): readonly RecordedPolicy[] {
  const records = new Map<string, Recorded>()
  for (const name of namesIn(folder)) {
    if (!name.endsWith('.jsonl')) continue
    const file = join(folder, name)
    const lines = readFileSync(file, 'utf8').split('\n')
    // a file ends with a line break
    if (lines.at(-1) === '') lines.pop()
    for (const [i, line] of lines.entries()) {
      try {
        readLine(line, records)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        throw new Error(
          `${file}:${i + 1}: the record cannot be read: ${message}; run the tests again with an empty folder`,
          { cause: error },
        )
      }
    }
  }
  return [...records.values()]
    .map(({ policy, digest, cases, leftOut }) => ({ policy, digest, suite: [...cases.values()], leftOut }))
    .toSorted((a, b) => compare(a.policy.id, b.policy.id) || compare(a.digest, b.digest))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch (error) {
    throw new Error(
      `there are no records in ${folder}: run the tests with ${recordVariable} set to that folder`,
      { cause: error },
    )
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

interface Recorded {
  readonly policy: Policy
  readonly digest: string
  /** By what is asked and asserted. */
  readonly cases: Map<string, PolicyCase>
  leftOut: number
}

function readLine(text: string, records: Map<string, Recorded>): void {
  // every digit of a number counts, so no JSON.parse
  const read = readText(text)
  if ('problem' in read) throw new SyntaxError(read.problem.message)
  const line = read.value
  if (!isObject(line)) throw new TypeError('it is no object')
  if (line['version'] !== 1)
    throw new TypeError(`its version is ${canonicalText(line['version'] ?? null)}, not 1`)
  if (line['kind'] === 'policy') readPolicy(line as unknown as PolicyLine, records)
  else if (line['kind'] === 'asked') readAsked(line as unknown as AskedLine, records)
  else throw new TypeError(`it is of no known kind: ${canonicalText(line['kind'] ?? null)}`)
}

const keyOf = (id: string, digest: string): string => `${digest} ${id}`

function readPolicy({ id, digest, ir, source }: PolicyLine, records: Map<string, Recorded>): void {
  if (records.has(keyOf(id, digest))) return
  const decoded = decodeIr(ir)
  if ('problem' in decoded) throw new TypeError(decoded.problem)
  if (decoded.policy.id !== id) throw new TypeError(`it says \`${id}\`, and its IR \`${decoded.policy.id}\``)
  records.set(keyOf(id, digest), {
    policy: policyOf(decoded.policy, source),
    digest,
    cases: new Map(),
    leftOut: 0,
  })
}

/** A policy value of an IR alone. Its parameters are checked by their JSON Schema. */
function policyOf(ir: PolicyIr, source: SourceLocation | undefined): Policy {
  if (!Object.hasOwn(z, 'fromJSONSchema'))
    throw new TypeError('the zod that is installed has no `z.fromJSONSchema`: install a newer one')
  const parameters =
    ir.parameters === undefined
      ? undefined
      : z.fromJSONSchema(ir.parameters as Parameters<typeof z.fromJSONSchema>[0])
  const withValues = (values: Policy['values']): Policy => ({
    id: ir.id,
    ir,
    parameters: parameters as Policy['parameters'],
    values,
    source,
    with: (more) => withValues({ ...values, ...more }),
  })
  return withValues({})
}

function readAsked(line: AskedLine, records: Map<string, Recorded>): void {
  const of = records.get(keyOf(line.policy, line.digest))
  if (of === undefined) throw new TypeError(`the policy \`${line.policy}\` is not described above it`)
  if (line.object === undefined || !isObject(line.parameters)) throw new TypeError('it lacks what was asked')
  if (line.isLeftOut === true) {
    of.leftOut++
    return
  }
  const { test, object, parameters, inventory, expected } = line
  of.cases.set(canonicalText([object, parameters, inventory ?? null, (expected ?? null) as Json]), {
    ...(test === undefined ? {} : { name: test }),
    object,
    parameters: parameters as Readonly<Record<string, Json>>,
    ...(inventory === undefined
      ? {}
      : { inventory: inventoryFrom(inventory as unknown as readonly InventoryAnswer[]) }),
    ...(expected === undefined ? {} : { expected: expectedOf(expected) }),
  })
}

function expectedOf({ verdict, violation }: RecordedExpectation): Expected {
  if (violation === undefined) return { verdict }
  const { message, ...rest } = violation
  return {
    verdict,
    violation: {
      ...rest,
      ...(message === undefined
        ? {}
        : { message: typeof message === 'string' ? message : new RegExp(message.source, message.flags) }),
    },
  }
}
