import { appendFileSync, mkdirSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import {
  canonicalText,
  encodeIr,
  type Json,
  type Policy,
  readParameters,
  withoutSources,
} from '@gatewright/core'
import { jsonOf } from '../review.js'
import { type Asked, isQuiet, onAsked } from './asked.js'
import { inventoryAnswers } from './inventory-answers.js'
import { recordVariable } from './variable.js'
import type { AskedLine, PolicyLine, RecordedExpectation } from './lines.js'

/** Policies of which this worker has written the IR, by the file that it is in. */
const written = new Map<string, Set<string>>()
const digests = new WeakMap<object, string>()

/**
 * Records what tests ask policies, where `GATEWRIGHT_RECORD` names a folder: a file of JSON lines for each worker. `test` gives the
 * name of the test that runs.
 */
export function recordQuestions(test: () => string | undefined): void {
  onAsked((asked) => {
    const folder = process.env[recordVariable]
    if (folder === undefined || folder === '' || isQuiet() || asked.asserted === 'nothing') return
    record(folder, asked, test())
  })
}

function record(folder: string, asked: Asked, test: string | undefined): void {
  const file = join(folder, `${process.pid}-${threadId}.jsonl`)
  let known = written.get(file)
  if (known === undefined) {
    mkdirSync(folder, { recursive: true })
    written.set(file, (known = new Set()))
  }
  const { policy } = asked
  const digest = digestOf(policy)
  const lines: (PolicyLine | AskedLine)[] = []
  if (!known.has(digest)) {
    known.add(digest)
    lines.push({
      version: 1,
      kind: 'policy',
      id: policy.id,
      digest,
      ...sourceIn(policy),
      ir: encodeIr(policy.ir),
    })
  }
  lines.push({ version: 1, kind: 'asked', policy: policy.id, digest, ...questionOf(asked, test) })
  appendFileSync(file, lines.map((line) => `${canonicalText(line as unknown as Json)}\n`).join(''))
}

function questionOf(
  asked: Asked,
  test: string | undefined,
): Omit<AskedLine, 'version' | 'kind' | 'policy' | 'digest'> {
  const { policy, object, parameters, inventory, asserted, isLeftOut } = asked
  const read = readParameters(policy, parameters)
  if ('problems' in read)
    throw new TypeError(`the parameters of policy \`${policy.id}\` were judged and cannot be recorded`)
  return {
    ...(test === undefined ? {} : { test }),
    object: jsonOf(object, 'the object'),
    parameters: jsonOf(read.parameters, 'the parameters'),
    ...(inventory === undefined
      ? {}
      : { inventory: inventoryAnswers(policy.ir, inventory) as unknown as Json }),
    ...(asserted === 'all' || asserted === 'nothing' ? {} : { expected: expectationOf(asserted) }),
    ...(isLeftOut ? { isLeftOut } : {}),
  }
}

/** What is asserted as JSON; a pattern is an object with its source. */
function expectationOf(expected: Exclude<Asked['asserted'], string>): RecordedExpectation {
  const { verdict, violation } = expected
  if (violation === undefined) return { verdict }
  const { message, at, ...rest } = violation
  return {
    verdict,
    violation: {
      ...rest,
      ...(at === undefined ? {} : { at: typeof at === 'string' ? at : [...at] }),
      ...(message === undefined
        ? {}
        : {
            message: typeof message === 'string' ? message : { source: message.source, flags: message.flags },
          }),
    },
  }
}

const sourceIn = ({ source }: Policy): Pick<PolicyLine, 'source'> => (source === undefined ? {} : { source })

/** Tells versions of a policy apart. */
function digestOf({ ir }: Policy): string {
  let digest = digests.get(ir)
  if (digest === undefined) {
    const text = canonicalText(withoutSources(encodeIr(ir)))
    digests.set(ir, (digest = createHash('sha256').update(text).digest('hex')))
  }
  return digest
}
