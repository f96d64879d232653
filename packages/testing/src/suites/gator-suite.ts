import { dirname, resolve } from 'node:path'
import {
  canonicalText,
  isObject,
  type Json,
  kindOf,
  matchesPattern,
  patternProblem,
  type Policy,
  readParameters,
  type Violation,
} from '@gatewright/core'
import type { Match } from '@gatewright/evaluator'
import { evidence, listed } from '../failure.js'
import { objectsIn, onlyObjectIn } from '../files.js'
import { inventory } from '../inventory.js'
import { type Context, type Judged, judged } from '../judging.js'
import type { Result } from '../matchers.js'
import { failed, type ForeignTest, passed } from './foreign-test.js'

export interface GatorOptions {
  /**
   * Whether the suite's patterns of messages have to match the policy's own messages; true by default. Without it, an assertion with
   * a pattern asks for its number of violations at least, whatever they say.
   */
  readonly messages?: boolean
  /** The kind of the constraints whose tests are run, `K8sRequiredLabels`; without it the suite's tests must all be of one. */
  readonly kind?: string
}

type Fields = Readonly<Record<string, Json>>

/**
 * The tests of a suite for `gator verify`, put to a policy: its cases, with the parameters and the match of their constraints. The
 * template that the suite tests is not looked at. Throws an `Error` for a suite that cannot be read. Source: Gatekeeper 3.23,
 * `pkg/gator/verify`.
 */
export function gatorTests(policy: Policy, path: string, options: GatorOptions = {}): readonly ForeignTest[] {
  const suite = fieldsOf(onlyObjectIn(path, 'the suite'), path)
  if (suite['kind'] !== 'Suite' || !String(suite['apiVersion']).startsWith('test.gatekeeper.sh/'))
    throw new Error(`\`${path}\` is no suite of gator: it has another kind`)
  only(suite, ['apiVersion', 'kind', 'metadata', 'tests', 'skip'], path)
  const skipped = suite['skip'] === true ? 'its suite is skipped' : undefined
  const tests = listOf(suite['tests'], 'tests', path).map((each, i) => {
    const test = fieldsOf(each, `${path}: test ${i + 1}`)
    const name = nameOf(test, `test ${i + 1}`)
    only(
      test,
      ['name', 'template', 'constraint', 'expansion', 'cases', 'invalid', 'skip'],
      `${path}: ${name}`,
    )
    const file = textOf(test['constraint'], `${path}: ${name}: \`constraint\``)
    const constraint = fieldsOf(onlyObjectIn(resolve(dirname(path), file), 'the constraint'), file)
    return { test, name, constraint, skipped: test['skip'] === true ? 'it is skipped' : skipped }
  })
  const kinds = [...new Set(tests.map(({ constraint }) => String(constraint['kind'])))]
  const { kind = kinds[0] } = options
  if (options.kind === undefined && kinds.length > 1)
    throw new Error(
      `\`${path}\` has constraints of several kinds: say with \`kind\` which, ${kinds.join(', ')}`,
    )
  const chosen = tests.filter(({ constraint }) => constraint['kind'] === kind)
  if (chosen.length === 0)
    throw new Error(
      `\`${path}\` has no test with a constraint of kind \`${String(kind)}\`, but ${kinds.join(', ') || 'none'}`,
    )
  return chosen.flatMap(({ test, name, constraint, skipped: why }) => {
    const told = toldBy(constraint, `${path}: ${name}: the constraint`)
    const skip = why === undefined ? {} : { skipped: why }
    if (test['invalid'] === true)
      return [{ name: `${name}: refused parameters`, ...skip, run: () => refuses(policy, told) }]
    return listOf(test['cases'], 'cases', `${path}: ${name}`).map((each, i) => {
      const one = fieldsOf(each, `${path}: ${name}: case ${i + 1}`)
      const own = nameOf(one, `case ${i + 1}`)
      const where = `${path}: ${name}: ${own}`
      only(one, ['name', 'object', 'inventory', 'assertions', 'skip'], where)
      return {
        name: `${name}: ${own}`,
        ...(one['skip'] === true ? { skipped: 'it is skipped' } : skip),
        run: () => {
          if (test['expansion'] !== undefined)
            return failed(
              `${where}: expansion templates are not expanded; give the policy the workload itself`,
            )
          return runCase(policy, path, one, told, options)
        },
      }
    })
  })
}

/** What a constraint tells its template. */
function toldBy(constraint: Fields, where: string): Pick<Context, 'parameters' | 'match'> {
  const mapOf = (fields: Fields, key: string): Fields | undefined =>
    (fields[key] ?? null) === null ? undefined : fieldsOf(fields[key], `${where}: \`${key}\``)
  const spec = mapOf(constraint, 'spec') ?? {}
  const [match, parameters] = [mapOf(spec, 'match'), mapOf(spec, 'parameters')]
  return {
    ...(match !== undefined && { match: match as unknown as Match }),
    ...(parameters !== undefined && { parameters }),
  }
}

function refuses(policy: Policy, { parameters = {} }: Pick<Context, 'parameters'>): Result {
  const read = readParameters(policy, parameters)
  return 'problems' in read
    ? passed
    : failed(
        `policy \`${policy.id}\` takes parameters that the suite calls invalid: ${canonicalText(parameters as Json)}`,
      )
}

function runCase(
  policy: Policy,
  path: string,
  one: Fields,
  told: Pick<Context, 'parameters' | 'match'>,
  { messages = true }: GatorOptions,
): Result {
  const file = (given: Json | undefined, what: string): string =>
    resolve(dirname(path), textOf(given, `${path}: ${what}`))
  const known = listOf(one['inventory'] ?? [], 'inventory', path).flatMap((each) =>
    objectsIn(file(each, '`inventory`'), 'the inventory'),
  )
  const assertions = listOf(one['assertions'] ?? [], 'assertions', path).map((each) =>
    assertionOf(each, path),
  )
  if (assertions.length === 0) return failed(`${path}: a case has no assertion`)
  if (!messages && assertions.every(isAboutWords))
    return failed(`${path}: a case asserts nothing but what messages are not there, which are not looked at`)
  const found = judged(policy, onlyObjectIn(file(one['object'], '`object`'), 'the object') as object, {
    ...told,
    // what is synced to Gatekeeper is all that its rules know of
    inventory: inventory(known as readonly object[], { complete: true }),
    namespaces: known.filter((each) => kindOf(each)?.kind === 'Namespace'),
  })
  const { verdict, violations } = found.verdict
  if (verdict !== 'denied' && verdict !== 'allowed' && !isLeftOutByMatch(found))
    return failed(`the verdict is \`${verdict}\`, which no suite of gator knows\n${evidence(found)}`)
  const wrong = assertions.find((each) => !holds(each, violations, messages))
  if (wrong === undefined) return passed
  return failed(`expected ${wanted(wrong)}; the violations:\n${listed(violations)}\n${evidence(found)}`)
}

/** Only a constraint's match makes an object pass; a policy that is about other kinds has judged nothing. */
const isLeftOutByMatch = ({ verdict: { verdict, reasons } }: Judged): boolean =>
  verdict === 'not-applicable' && reasons.some(({ code }) => code.startsWith('match-'))

interface Assertion {
  readonly violations: 'yes' | 'no' | number
  readonly message: string | undefined
}

function assertionOf(given: Json, path: string): Assertion {
  const { violations = 'yes', message } = only(
    fieldsOf(given, `${path}: an assertion`),
    ['violations', 'message'],
    path,
  )
  // gator reads a bare yes and no as texts, which the cluster's YAML reads as true and false
  const expected = violations === true ? 'yes' : violations === false ? 'no' : violations
  if (expected !== 'yes' && expected !== 'no' && !(Number.isInteger(expected) && Number(expected) >= 0))
    throw new Error(`${path}: \`violations\` is yes, no or a number, not ${canonicalText(violations)}`)
  if (message !== undefined) {
    const problem = patternProblem(textOf(message, `${path}: \`message\``))
    if (problem !== undefined) throw new Error(`${path}: \`message\`: ${problem}`)
  }
  return {
    violations: expected as Assertion['violations'],
    message: message as string | undefined,
  }
}

/** Whether an assertion says only that some words are not said. */
const isAboutWords = ({ violations, message }: Assertion): boolean =>
  message !== undefined && (violations === 'no' || violations === 0)

function holds(
  { violations: expected, message }: Assertion,
  violations: readonly Violation[],
  messages: boolean,
): boolean {
  const isAny = message === undefined || !messages
  const count = violations.filter((each) => isAny || matchesPattern(message, each.message)).length
  if (message !== undefined && !messages) {
    // whether these are among the others cannot be told without the words
    return expected === 'no' || expected === 0 || count >= (expected === 'yes' ? 1 : expected)
  }
  if (expected === 'no') return count === 0
  return expected === 'yes' ? count > 0 : count === expected
}

const wanted = ({ violations, message }: Assertion): string =>
  `${violations === 'yes' ? 'a violation' : violations === 'no' ? 'no violation' : `${violations} violations`}${
    message === undefined ? '' : ` whose message matches \`${message}\``
  }`

function fieldsOf(value: Json | undefined, where: string): Fields {
  if (value !== undefined && isObject(value)) return value
  throw new Error(`${where} is no map`)
}

function listOf(value: Json | undefined, key: string, where: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  throw new Error(`${where}: \`${key}\` is no list`)
}

function textOf(value: Json | undefined, where: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`${where} is no text`)
}

const nameOf = ({ name }: Fields, otherwise: string): string => (typeof name === 'string' ? name : otherwise)

/** A map with no keys but those that are read: what another one says would be passed over. */
function only(given: Fields, keys: readonly string[], where: string): Fields {
  const unknown = Object.keys(given).find((key) => !keys.includes(key))
  if (unknown === undefined) return given
  throw new Error(`${where} has \`${unknown}\`, which is not known; known are ${keys.join(', ')}`)
}
