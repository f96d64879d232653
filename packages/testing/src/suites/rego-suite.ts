import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
  const { rule = 'violation', opa = 'opa' } = options
  const modules = paths.map((path) => moduleOf(path, opa))
  const named = options.package ?? packageOf(modules, paths)
  const both = paths.find((_, i) => defines(modules[i] ?? {}, named, rule))
  if (both !== undefined)
    throw new Error(
      `\`${both}\` has the rule \`${rule}\` itself, so that its violations would join those of the policy: give the tests, and what they import`,
    )
  const answers = new Map<string, Answer>()
  for (let round = 0; round < mostRounds; round++) {
    const tested = runTests(paths, named, rule, answers, opa)
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

/** What OPA reads of a file, as far as it is looked at. */
interface Module {
  readonly package?: { readonly path: readonly { readonly value: unknown }[] }
  readonly rules?: readonly {
    readonly head: { readonly name?: string; readonly ref?: readonly { readonly value: unknown }[] }
  }[]
}

/** A file as OPA reads it, in the dialect that it takes. */
function moduleOf(path: string, opa: string): Module {
  const problems: string[] = []
  for (const dialect of dialects) {
    try {
      const printed = execFileSync(opa, ['parse', '--format', 'json', ...dialect, path], opaStreams)
      return JSON.parse(printed) as Module
    } catch (error) {
      refuseAbsent(error, opa)
      problems.push(saidBy(error))
    }
  }
  throw new Error(`opa does not take the tests: ${problems[0] ?? ''}`)
}

const dialects = [[], ['--v0-compatible']]

/** The package that the first file is for. */
function packageOf(modules: readonly Module[], paths: readonly string[]): string {
  const found = modules.map(declaredPackage).find((each) => each !== undefined)
  if (found === undefined) throw new Error(`there is no package in ${paths.join(', ') || 'no file'}`)
  return found.replace(/_test$/, '')
}

const declaredPackage = ({ package: declared }: Module): string | undefined =>
  declared?.path
    .slice(1)
    .map(({ value }) => value)
    .join('.')

const defines = (module: Module, named: string, rule: string): boolean =>
  declaredPackage(module) === named &&
  (module.rules ?? []).some(({ head: { name, ref } }) => rule === (ref?.[0]?.value ?? name))

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
    printed = execFileSync(opa, given, opaStreams)
  } catch (error) {
    refuseAbsent(error, opa)
    // a test that fails makes the run fail, and the tests are told all the same
    printed = (error as Ended).stdout ?? ''
    if (!printed.trimStart().startsWith('[')) return { problem: saidBy(error) }
  }
  const tests = (JSON.parse(printed) ?? []) as readonly Tested[]
  if (tests.length === 0) throw new Error('there is no test in the Rego files')
  return { tests }
}

const opaStreams: ExecFileSyncOptionsWithStringEncoding = {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'pipe'],
  maxBuffer: 1 << 30,
}

function refuseAbsent(error: unknown, opa: string): void {
  if ((error as Ended).code === 'ENOENT')
    throw new Error(`tests in Rego are run by OPA, and there is no \`${opa}\` on PATH`, { cause: error })
}

function saidBy(error: unknown): string {
  const { stdout = '', stderr = '' } = error as Ended
  return `${stdout}${stderr}`.trim() || String(error)
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
  const parameters = isReview ? (given['parameters'] ?? undefined) : undefined
  if (parameters !== undefined && !isObject(parameters))
    return { problem: `a test asks with parameters that are no map: ${canonicalText(parameters)}` }
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
