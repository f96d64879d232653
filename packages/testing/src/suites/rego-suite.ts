import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalText, isObject, type Json, kindOf, type Policy } from '@gatewright/core'
import { readText } from '@gatewright/evaluator'
import { inventory } from '../inventory.js'
import { judged } from '../judging.js'
import { verdictText } from '../verdict-text.js'
import { failed, type ForeignTest, passed } from './foreign-test.js'

export interface RegoOptions {
  /** The rule that the tests ask: `violation`, as Gatekeeper has it, or one whose elements are messages; `violation` by default. */
  readonly rule?: string
  /** The package of that rule; by default that of the tests, without `_test` at its end. */
  readonly package?: string
  /** The kind of the objects that say none, which Rego does not need and a policy does. */
  readonly objectKind?: { readonly apiVersion: string; readonly kind: string }
  /** The program of OPA; `opa` by default. */
  readonly opa?: string
}

type Fields = Readonly<Record<string, Json>>

/** What OPA says of a test. */
interface Tested {
  readonly package: string
  readonly name: string
  readonly fail?: boolean
  readonly skip?: boolean
  readonly error?: unknown
  /** What was printed, in Base64. */
  readonly output?: string
}

/** How a policy answers what a test asks: as elements of the rule, or why it has no answer. */
type Answer = { readonly elements: readonly Json[] } | { readonly problem: string }

/**
 * The tests of Rego files for `opa test`, put to a policy: OPA runs them, and the rule that they ask answers with the policy's
 * violations. The files are the tests and what they import, not the Rego policy itself. Throws an `Error` where OPA is not there or
 * refuses the files.
 */
export function regoTests(
  policy: Policy,
  paths: readonly string[],
  options: RegoOptions = {},
): readonly ForeignTest[] {
  const rule = options.rule ?? 'violation'
  const named = options.package ?? packageOf(paths)
  const both = paths.find((path) => defines(path, named, rule))
  if (both !== undefined)
    throw new Error(
      `\`${both}\` has the rule \`${rule}\` itself, so that its violations would join those of the policy: give the tests, and what they import`,
    )
  const answers = new Map<string, Answer>()
  for (let round = 0; round < mostRounds; round++) {
    const tested = runTests(paths, named, rule, answers, options.opa ?? 'opa')
    const open = tested.flatMap((test) => questionsOf(test).filter((question) => !answers.has(question)))
    if (open.length === 0) return tested.map((test) => foreignTest(test, policy, answers))
    for (const question of open) answers.set(question, answered(policy, question, rule, options))
  }
  throw new Error(
    `the tests ask something else each time they are run, ${mostRounds} times: take the time and what is random out of their inputs`,
  )
}

/** How often tests may ask what hangs on an answer. */
const mostRounds = 20

/** The package that the first file is for. */
function packageOf(paths: readonly string[]): string {
  const found = paths.map((path) => declaredPackage(path)).find((each) => each !== undefined)
  if (found === undefined) throw new Error(`there is no package in ${paths.join(', ') || 'no file'}`)
  return found.replace(/_test$/, '')
}

const declaredPackage = (path: string): string | undefined =>
  /^\s*package\s+([\w.]+)/m.exec(readFileSync(path, 'utf8'))?.[1]

const defines = (path: string, named: string, rule: string): boolean =>
  declaredPackage(path) === named &&
  readFileSync(path, 'utf8')
    .split('\n')
    .some(
      (line) => line.startsWith(rule) && /^(?:\s*[[{(:=]|\s+(?:contains|if)\b)/.test(line.slice(rule.length)),
    )

const marker = 'gatewright asks: '

/** A module with the rule that the tests ask: it prints what it is asked, and has the answers that are known. */
const answering = (named: string, rule: string): string => `package ${named}

import rego.v1

${rule} contains answer if {
	question := json.marshal({
		"input": [given | given := input],
		"inventory": [known | known := data.inventory],
	})
	print(concat("", ["${marker}", question]))
	some answer in data.gatewright_answers[question]
}
`

function runTests(
  paths: readonly string[],
  named: string,
  rule: string,
  answers: ReadonlyMap<string, Answer>,
  opa: string,
): readonly Tested[] {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-rego-'))
  try {
    const module = join(folder, 'answers.rego')
    const data = join(folder, 'answers.json')
    writeFileSync(module, answering(named, rule))
    const known = [...answers].map(([question, answer]) => [
      question,
      'elements' in answer ? answer.elements : [],
    ])
    writeFileSync(data, canonicalText({ gatewright_answers: Object.fromEntries(known) }))
    const files = [...paths, module, data]
    const dialects = [[], ['--v0-compatible']]
    const problems: string[] = []
    for (const dialect of dialects) {
      const run = opaRun(opa, ['test', '--verbose', '--format', 'json', ...dialect, ...files])
      if ('tests' in run) return run.tests
      problems.push(run.problem)
    }
    throw new Error(`opa does not take the tests: ${problems[0] ?? ''}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function opaRun(
  opa: string,
  given: readonly string[],
): { readonly tests: readonly Tested[] } | { readonly problem: string } {
  let printed: string
  try {
    printed = execFileSync(opa, given, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 30,
    })
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Ended
    if (code === 'ENOENT')
      throw new Error(`tests in Rego are run by OPA, and there is no \`${opa}\` on PATH`, { cause: error })
    // a test that fails makes the run fail, and the tests are told all the same
    printed = stdout
    if (!printed.trimStart().startsWith('[')) return { problem: `${stdout}${stderr}`.trim() || String(error) }
  }
  const tests = (JSON.parse(printed) ?? []) as readonly Tested[]
  if (tests.length === 0) throw new Error('there is no test in the Rego files')
  return { tests }
}

interface Ended {
  readonly code?: unknown
  readonly stdout?: string
  readonly stderr?: string
}

function questionsOf({ output = '' }: Tested): readonly string[] {
  return Buffer.from(output, 'base64')
    .toString()
    .split('\n')
    .flatMap((line) => (line.startsWith(marker) ? [line.slice(marker.length)] : []))
}

function answered(policy: Policy, question: string, rule: string, { objectKind }: RegoOptions): Answer {
  // every digit of a number counts, so no JSON.parse
  const read = readText(question)
  if ('problem' in read) return { problem: `what a test asks cannot be read: ${read.problem.message}` }
  const { input, inventory: known } = read.value as unknown as {
    readonly input: readonly Json[]
    readonly inventory: readonly Json[]
  }
  const [given] = input
  if (given === undefined) return { problem: 'a test asks without an input' }
  const isReview = isObject(given) && isObject(given['review'])
  const review = isReview ? (given['review'] as Fields) : undefined
  const judgedInput = review === undefined ? withKind(given, objectKind) : withKinds(review, objectKind)
  const parameters = isReview && isObject(given['parameters']) ? given['parameters'] : undefined
  const { verdict } = judged(policy, review === undefined ? judgedInput : { review: judgedInput }, {
    ...(parameters !== undefined && { parameters }),
    inventory: inventory(known.flatMap(inventoryObjects), { complete: true }),
  })
  if (verdict.verdict !== 'allowed' && verdict.verdict !== 'denied') {
    const judgedObjects = review === undefined ? [judgedInput] : [review['object'], review['oldObject']]
    const lacksKind = judgedObjects.some(
      (each) => each !== undefined && each !== null && kindOf(each) === undefined,
    )
    const hint =
      lacksKind && objectKind === undefined
        ? '\nhint: say with `objectKind` of what kind objects are that do not say it themselves'
        : ''
    return {
      problem: `the verdict is \`${verdict.verdict}\`, which Rego does not know${hint}\n${verdictText(verdict)}`,
    }
  }
  return {
    elements: verdict.violations.map(({ message, details, code, at }) =>
      rule === 'violation' ? { msg: message, details: { ...details, code, at } } : message,
    ),
  }
}

function withKind(object: Json | undefined, kind: RegoOptions['objectKind']): Json {
  if (object === undefined || !isObject(object) || kind === undefined || kindOf(object) !== undefined)
    return object ?? null
  return { ...kind, ...object }
}

const withKinds = (review: Fields, kind: RegoOptions['objectKind']): Json => ({
  ...review,
  ...('object' in review && { object: withKind(review['object'], kind) }),
  ...('oldObject' in review && { oldObject: withKind(review['oldObject'], kind) }),
})

/** The objects of Gatekeeper's `data.inventory`: by namespace or none, then group and version, kind and name. */
function inventoryObjects(known: Json): readonly object[] {
  const below = (value: Json | undefined, depth: number): readonly Json[] =>
    value === undefined || !isObject(value)
      ? []
      : depth === 0
        ? [value]
        : Object.values(value).flatMap((each) => below(each, depth - 1))
  const { namespace, cluster } = known as Fields
  return [...below(namespace, 4), ...below(cluster, 3)] as readonly object[]
}

function foreignTest(test: Tested, policy: Policy, answers: ReadonlyMap<string, Answer>): ForeignTest {
  const questions = questionsOf(test)
  return {
    name: test.name,
    ...(test.skip === true && { skipped: 'it is skipped' }),
    run: () => {
      const problem = questions
        .map((question) => answers.get(question))
        .find((each) => each !== undefined && 'problem' in each)
      if (problem !== undefined && 'problem' in problem) return failed(problem.problem)
      if (test.error !== undefined) return failed(`OPA: ${JSON.stringify(test.error)}`)
      // without a question a test says nothing of the policy
      if (questions.length === 0)
        return failed(`it does not ask the rule, so that it tests nothing of \`${policy.id}\``)
      if (test.fail !== true) return passed
      const said = questions.map((question) => {
        const answer = answers.get(question)
        const elements = answer !== undefined && 'elements' in answer ? answer.elements : []
        return `asked ${question}\nanswered ${canonicalText(elements)}`
      })
      return failed([`it does not hold for policy \`${policy.id}\``, ...said].join('\n'))
    },
  }
}
