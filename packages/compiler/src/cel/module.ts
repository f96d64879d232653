import type { CheckedPolicy, Json } from '@gatewright/core'
import { Compilation, type CelVariable, type ParametersAt, step } from './compilation.js'
import { conditionOf } from './condition.js'
import { textLiteral } from './literal.js'
import { neededParameters } from './parameters.js'
import { anyOf, concatenated, deniesOf, messagesOf } from './rules.js'
import { noScope } from './scope.js'
import { isAbout } from './target.js'
import { CelUnsupported } from './unsupported.js'

/** Characters that a message does not show (law 8). */
const controls = textLiteral(String.raw`[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}]`)

/** What an admission policy asks, with the policy's parameters in it. */
export interface CelExpressions {
  /** In the order in which they may name each other. */
  readonly variables: readonly CelVariable[]
  /** True where the object is allowed. */
  readonly validation: string
  /** The messages of all violations, joined and cut to what the API server shows. */
  readonly message: string
  /** What is said where the message cannot be. */
  readonly fallback: string
}

/** Longest text that is shown, in code points; the API server shows at most 5,120 bytes. */
const longestText = 1200

/** Longest expression that is written: the API server takes policies of a megabyte, and people read them. */
const longestExpression = 100_000

/**
 * A policy as expressions of CEL for Kubernetes 1.30 and newer, with its parameters built in. It is for kinds that the API server knows
 * itself, whose objects it has read before. Throws a `CelUnsupported` with the place in the source for what CEL cannot say.
 */
export const emitCel = (policy: CheckedPolicy, parameters: Json): CelExpressions =>
  expressionsOf(new Compilation(policy, parameters))

export interface ParametrisedCelOptions {
  /** Whether who evaluates it may ask about other kinds and operations than the policy's: as Gatekeeper does, by what a constraint matches. */
  readonly asksOthers?: boolean
}

/**
 * The same with parameters that are read when an object is judged. They have to fit the policy's schema, which the API server holds them
 * to; where some that are needed are missing, or a pattern among them is none, nothing is allowed.
 */
export function emitParametrisedCel(
  policy: CheckedPolicy,
  at: ParametersAt,
  { asksOthers = false }: ParametrisedCelOptions = {},
): CelExpressions {
  const to = new Compilation(policy, undefined, at)
  const needed = neededParameters(policy, at.values).map((name) => ({
    holds: `${at.root}${step(name)}.orValue(dyn(null)) != null`,
    message: `the parameter ${name} is missing`,
  }))
  const about = asksOthers ? isAbout(policy.target) : 'true'
  const made = expressionsOf(to, about)
  const isThere =
    at.object === undefined
      ? []
      : [{ holds: `${at.object} != null`, message: 'the object with its parameters is not there' }]
  const checks = [...isThere, ...needed, ...to.checks]
  if (checks.length === 0) return made
  const wrong = checks.map(({ holds, message }) => `!(${holds}) ? ${textLiteral(message)}`).join(' : ')
  return {
    ...made,
    variables: [...made.variables, { name: 'wrongParameters', expression: `${wrong} : ""` }],
    validation: `variables.wrongParameters == "" && ${made.validation}`,
    message: `variables.wrongParameters != "" ? variables.wrongParameters : ${made.message}`,
  }
}

function expressionsOf(to: Compilation, about = 'true'): CelExpressions {
  const { policy } = to
  if (policy.target.builtIn !== true)
    throw new CelUnsupported(
      policy,
      undefined,
      'its objects are of no kind that the API server reads by a schema of its own',
    )
  const when = policy.when === undefined ? 'true' : conditionOf(policy.when, noScope, to)
  const applies = [about, when].filter((each) => each !== 'true').join(') && (') || 'true'
  const denies = anyOf(policy.rules.map((rule) => deniesOf(rule, noScope, to)))
  const denied = applies === 'true' ? denies : `(${applies}) && (${denies})`
  const messages = concatenated(policy.rules.map((rule) => messagesOf(rule, noScope, to)))
  const joined = to.variable('text', `${messages}.join("; ")`)
  const long = [denied, messages, ...to.variables.map(({ expression }) => expression)].find(
    (each) => each.length > longestExpression,
  )
  if (long !== undefined)
    throw new CelUnsupported(
      policy,
      undefined,
      `with these parameters an expression has ${long.length} characters`,
    )
  // cut first: what is looked at one character at a time is short then, whatever an object has in it
  const cut = to.variable(
    'cut',
    `size(${joined}) > ${longestText} ? ${joined}.substring(0, ${longestText}) + " ..." : ${joined}`,
  )
  return {
    variables: to.variables,
    validation: denied === 'false' ? 'true' : `!(${denied})`,
    message: `!${cut}.matches(${controls}) ? ${cut} : ${cut}.split("").map(c, c.matches(${controls}) ? "\\ufffd" : c).join("")`,
    fallback: `${policy.id} denies it; what it found is too long to show`,
  }
}
