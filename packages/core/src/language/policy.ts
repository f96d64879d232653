import { z } from 'zod'
import { irVersion, type PolicyIr } from '../ir/policy.js'
import type { Severity } from '../ir/node.js'
import { equalJson, type Json } from '../json.js'
import { DefinitionError, nearest } from './definition-error.js'
import type { Expr } from './expression.js'
import { record } from './recording.js'
import type { Condition, Rules } from './rule.js'
import { numbered, ruleNodes } from './rules.js'
import { inputExpression, type Target } from './target.js'
import { conditionArgument } from './values.js'
import { schemaFromZod } from './zod-schema.js'
import { irProblems } from '../check.js'
import { markSource, sourceOf, type SourceLocation } from './source-location.js'

/** What a policy is, beside its rule. */
export interface PolicyDescription {
  /** `pack/name` in kebab-case; it names the policy in reports, suppressions and published artefacts. */
  readonly id: string
  /** One line, as a requirement: `Containers must not run privileged`. */
  readonly title: string
  readonly severity: Severity
  /** Why it matters and what to do, in Markdown. */
  readonly description?: string
  /** The rule of the field that it answers, such as `privileged-containers`. */
  readonly topic?: string
  /** Sections of benchmarks and standards, by their names: `{ 'cis-kubernetes': ['5.2.2'] }`. */
  readonly controls?: Readonly<Record<string, readonly string[]>>
  /** Whether an undetermined verdict denies in places that enforce; by default it warns. */
  readonly undetermined?: 'warn' | 'deny'
}

/** The parameters that a rule is given, by its zod schema. */
export type ParametersOf<P extends z.ZodObject | undefined> = P extends z.ZodObject ? z.output<P> : {}

/** The parameters that people give, by the zod schema: those with a default may be left out. */
export type GivenParametersOf<P extends z.ZodObject | undefined> = P extends z.ZodObject ? z.input<P> : {}

/** What a rule is given: the target's bindings, and the parameters. */
export type RuleInput<B, P extends z.ZodObject | undefined> = B & {
  readonly parameters: Expr<ParametersOf<P>>
}

declare const given: unique symbol

/** A policy: a value that holds what it means, ready to be judged with, compiled, tested and published. */
export interface Policy<P = any, Given = Partial<P>> {
  readonly id: string
  readonly ir: PolicyIr
  readonly parameters: z.ZodObject | undefined
  /** Values set by `with`; what is not among them has its default, or must be given. */
  readonly values: Readonly<Record<string, Json>>
  /** The same policy with some parameters set. Unknown or ill-typed ones throw. */
  with(values: WithParameters<P>): Policy<P>
  /** Where it was defined. */
  readonly source: SourceLocation | undefined
  /** Never there: it carries the type of the parameters that people have to give. */
  [given]?(parameters: Given): void
}

/** Some of a policy's parameters, by name. */
export type WithParameters<P> = Partial<P>

/** Needs `strict` in the tsconfig: without `strictNullChecks` nothing may be missing, and the types cannot help. */
type Strict = undefined extends string ? 'gatewright needs "strict": true in tsconfig.json' : unknown

/**
 * Defines a policy. The rule is run once, here, and records what it means; nothing of it runs when objects are judged.
 *
 * Throws a `DefinitionError` for what the types cannot see.
 */
export function policy<B, P extends z.ZodObject | undefined = undefined>(
  definition: PolicyDescription & {
    readonly target: Target<B>
    readonly parameters?: P
    /** Where it does not hold, the policy is not applicable; that is reported, and is no pass. */
    readonly when?: (input: RuleInput<B, P>) => Condition
    readonly rule: (input: RuleInput<B, P>) => Rules
  } & Strict,
): Policy<ParametersOf<P>, GivenParametersOf<P>> {
  checkDescription(definition)
  checkTarget(definition)
  const { id, title, severity, description, topic, target, parameters } = definition
  const schema = parameters === undefined ? undefined : schemaFromZod(parameters)
  const input = (): RuleInput<B, P> => {
    const bound = {
      ...target.bind(),
      parameters: inputExpression('parameters', schema ?? { type: 'object', fields: {} }, { vouched: false }),
    }
    return bound as RuleInput<B, P>
  }
  const what = `policy \`${id}\``
  const variables = { next: 0 }
  const when =
    definition.when === undefined
      ? undefined
      : record(
          `\`when\` of ${what}`,
          () => conditionArgument(definition.when?.(input()), '`when`'),
          variables,
        )
  const rules = record(what, () => ruleNodes(definition.rule(input()), '`rule`'), variables)
  const ir: PolicyIr = {
    format: irVersion,
    id,
    title,
    severity,
    ...(description === undefined ? {} : { description }),
    ...(topic === undefined ? {} : { topic }),
    controls: definition.controls ?? {},
    target: { ...target.ir, inputs: { ...target.ir.inputs, parameters: { root: 'parameters', path: [] } } },
    ...(when === undefined ? {} : { when }),
    undeterminedDenies: definition.undetermined === 'deny',
    rules: numbered(rules),
  }
  if (parameters !== undefined) addLazily(ir, 'parameters', () => parameterSchema(id, parameters))
  const problems = irProblems(ir)
  if (problems.length > 0) {
    throw new DefinitionError(
      problems[0]?.code ?? 'invalid',
      `${what}: ${problems.map((each) => each.message).join('; ')}`,
    )
  }
  return policyValue(ir, parameters, {})
}

/**
 * A policy out of an IR that was written down, with parameters that were worked out already: it takes them and no others.
 */
export function policyOfIr(ir: PolicyIr, parameters: Readonly<Record<string, Json>>): Policy {
  const fixed = Object.entries(parameters).map(
    ([name, value]) =>
      [name, z.custom<Json>((given) => given !== undefined && equalJson(given as Json, value))] as const,
  )
  return policyValue(ir, z.object(Object.fromEntries(fixed)), parameters)
}

function policyValue<P, Given = Partial<P>>(
  ir: PolicyIr,
  parameters: z.ZodObject | undefined,
  values: Readonly<Record<string, Json>>,
): Policy<P, Given> {
  const made: Policy<P, Given> = {
    id: ir.id,
    ir,
    parameters,
    values,
    with: (more) => {
      const merged = { ...values, ...(more as Readonly<Record<string, Json>>) }
      checkParameterNames(ir.id, parameters, merged)
      checkParameterValues(ir.id, parameters, merged)
      return policyValue(ir, parameters, merged)
    },
    get source() {
      return sourceOf(made)
    },
  }
  markSource(made)
  return made
}

function checkDescription({ id, title }: PolicyDescription): void {
  if (
    typeof id !== 'string' ||
    !/^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/.test(id) ||
    id.length > 200
  ) {
    throw new DefinitionError(
      'invalid-id',
      `the policy id \`${String(id)}\` is not kebab-case`,
      'use lower-case letters, digits and `-`, with `/` between pack and name: `pod-security/privileged-containers`',
    )
  }
  if (typeof title !== 'string' || title.trim() === '' || /[\n\r]/.test(title)) {
    throw new DefinitionError('invalid-title', `the title of policy \`${id}\` is not one line of text`)
  }
}

function checkTarget({ id, target }: { readonly id: string; readonly target: unknown }): void {
  if (target !== null && typeof target === 'object' && 'bind' in target) return
  throw new DefinitionError(
    'not-a-target',
    `the target of policy \`${id}\` is none`,
    Array.isArray(target)
      ? 'join several kinds with `.or()`: `target: roles.or(clusterRoles)`'
      : 'give a resource of `gatewright/kubernetes`, or what `target(name, schema)` makes',
  )
}

/** Adds a field that is worked out when it is first read: most runs never ask for it. */
function addLazily<T extends object, K extends keyof T>(to: T, key: K, make: () => T[K]): void {
  Object.defineProperty(to, key, {
    enumerable: true,
    configurable: true,
    get: () => {
      const value = make()
      Object.defineProperty(to, key, { value, enumerable: true })
      return value
    },
  })
}

function parameterSchema(id: string, parameters: z.ZodObject): Json {
  try {
    const { $schema: _, ...schema } = z.toJSONSchema(parameters, { io: 'input' }) as Readonly<
      Record<string, Json>
    >
    return schema
  } catch (error) {
    throw new DefinitionError(
      'schema-not-carried',
      `the parameters of policy \`${id}\` cannot be said in JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** What is wrong with parameters: where, and what. */
export interface ParameterProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/**
 * Reads the parameters of a policy: checks them against its schema and fills in the defaults (law 11).
 *
 * Gives the parameters that a rule sees, or what is wrong with those that were given. An unknown name is wrong.
 */
export function readParameters(
  of: Policy,
  given: Readonly<Record<string, unknown>> = {},
): { readonly parameters: Json } | { readonly problems: readonly ParameterProblem[] } {
  if (given !== null && (typeof given !== 'object' || Array.isArray(given)))
    return { problems: [{ path: [], message: 'parameters are a map of names to values' }] }
  const values = { ...of.values, ...given }
  const unknown = unknownNames(of.parameters, values, [])
  if (unknown.length > 0) return { problems: unknown }
  if (of.parameters === undefined) return { parameters: {} }
  const read = of.parameters.safeParse(values)
  if (read.success) return { parameters: read.data as Json }
  const problems = read.error.issues.map((issue) => ({
    path: issue.path.filter((step) => typeof step !== 'symbol'),
    message: issue.message,
  }))
  return { problems }
}

function unknownNames(
  schema: z.core.$ZodType | undefined,
  value: unknown,
  path: readonly (string | number)[],
): readonly ParameterProblem[] {
  const definition = schema?._zod.def as
    | {
        readonly type: string
        readonly innerType?: z.core.$ZodType
        readonly element?: z.core.$ZodType
        readonly shape?: Readonly<Record<string, z.core.$ZodType>>
        readonly catchall?: unknown
      }
    | undefined
  if (typeof value !== 'object' || value === null) return []
  if (definition?.innerType !== undefined) return unknownNames(definition.innerType, value, path)
  if (Array.isArray(value)) {
    // a schema that says nothing of elements knows no names in them
    if (definition?.element === undefined) return []
    return value.flatMap((item, index) => unknownNames(definition.element, item, [...path, index]))
  }
  if (definition !== undefined && (definition.type !== 'object' || definition.catchall !== undefined))
    return []
  const shape = definition?.shape ?? {}
  return Object.entries(value).flatMap(([key, item]) => {
    if (Object.hasOwn(shape, key)) return unknownNames(shape[key], item, [...path, key])
    const near = nearest(key, Object.keys(shape))
    const help = near === undefined ? '' : `; did you mean \`${near}\`?`
    return [{ path: [...path, key], message: `there is no parameter \`${key}\`${help}` }]
  })
}

function checkParameterNames(
  id: string,
  schema: z.ZodObject | undefined,
  values: Readonly<Record<string, unknown>>,
): void {
  const [problem] = unknownNames(schema, values, [])
  if (problem !== undefined)
    throw new DefinitionError('unknown-parameter', `policy \`${id}\`: ${problem.message}`)
}

/** Checks the values that are given; what is not given may still be missing. */
function checkParameterValues(
  id: string,
  schema: z.ZodObject | undefined,
  values: Readonly<Record<string, unknown>>,
): void {
  const read = schema?.partial().safeParse(values)
  if (read === undefined || read.success) return
  const [issue] = read.error.issues
  throw new DefinitionError(
    'invalid-parameter',
    `policy \`${id}\`: parameter \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? ''}`,
  )
}
