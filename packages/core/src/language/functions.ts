import type { Node } from '../ir/node.js'
import { DefinitionError } from './definition-error.js'
import type {
  CidrExpr,
  DurationExpr,
  Expr,
  ImageRefExpr,
  MapExpr,
  MaybeText,
  NumberExpr,
  QuantityExpr,
  RatioExpr,
  SemverExpr,
  StringExpr,
  Text,
  TimestampExpr,
  Value,
} from './expression.js'
import { inDomain } from './operations/domain.js'
import { expressionOf } from './proxy.js'
import { made } from './recording.js'
import { ruleNodes } from './rules.js'
import type { Condition, Fix, Rule, Rules, Undecided } from './rule.js'
import type { Schema } from '../schema.js'
import type { Subject, ValueSubject } from './subject.js'
import {
  condition,
  conditionArgument,
  literalSubject,
  plainValue,
  predicate,
  presenceOfAll,
  stringSchema,
  unknownSchema,
  valueArgument,
  valueCall,
  valueSubject,
} from './values.js'
import { refuseDomain, removeFix, setFix } from './violation.js'
import { textArgument } from './operations/text.js'

type Literal = string | number | boolean

/** A message with values in it; a missing one shows as `<missing>` and never changes a verdict. */
export function message(
  strings: TemplateStringsArray,
  ...holes: readonly (Literal | Value<unknown>)[]
): StringExpr {
  const parts = interleaved(strings, holes)
  for (const part of parts) refuseDomain(part, 'the message')
  return expressionOf(valueCall('message', parts, stringSchema))
}

/** A text made of parts, for keys and patterns; missing when a part is missing. */
export function text<A = Condition>(
  strings: TemplateStringsArray,
  ...holes: readonly (string | number | Value<unknown, A>)[]
): StringExpr<string, A> {
  const parts = interleaved(strings, holes)
  for (const part of parts) refuseDomain(part, 'the text')
  return expressionOf(valueCall('text', parts, stringSchema))
}

function interleaved(strings: TemplateStringsArray, holes: readonly unknown[]): readonly ValueSubject[] {
  return strings.flatMap((part, index) => {
    const before = part === '' ? [] : [literalSubject(plainValue(part, 'the text') as string)]
    return index < holes.length ? [...before, valueArgument(holes[index], 'a hole of the text')] : before
  })
}

/** Whether all conditions hold; true of none. */
export function allOf(...conditions: readonly Condition[]): Condition {
  return expressionOf(condition({ kind: 'and', all: conditionNodes(conditions, 'allOf()') }))
}

/** Whether one of the conditions holds; false of none. */
export function anyOf(...conditions: readonly Condition[]): Condition {
  return expressionOf(condition({ kind: 'or', any: conditionNodes(conditions, 'anyOf()') }))
}

/** The complement of a condition. */
export function not(holds: Condition): Condition {
  return expressionOf(condition({ kind: 'not', of: conditionArgument(holds, 'the operand of not()') }))
}

function conditionNodes(conditions: readonly unknown[], what: string): readonly Node[] {
  return conditions.map((each) => conditionArgument(each, `an operand of ${what}`))
}

/** The rules where a condition holds. */
export function onlyIf(holds: Condition, rules: Rules): Rule {
  const subject: Subject = {
    is: 'rule',
    rules: [
      {
        kind: 'onlyIf',
        if: conditionArgument(holds, 'the condition of onlyIf()'),
        rules: ruleNodes(rules, 'onlyIf()'),
      },
    ],
  }
  return expressionOf(made(subject, () => 'onlyIf(…)'))
}

type AsExpr<V> = V extends Value<unknown> ? V : V extends Literal ? Expr<V> : never
type Merge<V> = [V] extends [StringExpr<infer S extends string, infer A>]
  ? StringExpr<S, A>
  : [V] extends [NumberExpr<infer A>]
    ? NumberExpr<A>
    : V

/** A choice of values under way; it ends with `otherwise`. */
export interface When<V> {
  when<const U extends Literal | Value<unknown>>(holds: Condition, value: U): When<V | AsExpr<U>>
  otherwise<const U extends Literal | Value<unknown>>(value: U): Merge<V | AsExpr<U>>
}

/** A value that depends on conditions: the first one that holds decides. */
export function when<const U extends Literal | Value<unknown>>(holds: Condition, value: U): When<AsExpr<U>> {
  return choice([caseOf(holds, value)])
}

interface Case {
  readonly if: Node
  readonly value: ValueSubject
}

function caseOf(holds: unknown, value: unknown): Case {
  return {
    if: conditionArgument(holds, 'the condition of when()'),
    value: valueArgument(value, 'the value of when()'),
  }
}

function choice<V>(cases: readonly Case[]): When<V> {
  return {
    when: (holds, value) => choice([...cases, caseOf(holds, value)]),
    otherwise: (value) => {
      const otherwise = valueArgument(value, 'the value of otherwise()')
      const values = [...cases.map((each) => each.value), otherwise]
      const [first] = values as [ValueSubject]
      const same = values.every(({ schema }) => schema.type === first.schema.type)
      const schema: Schema = !same
        ? unknownSchema
        : first.schema.type === 'string'
          ? stringSchema
          : first.schema
      const node: Node = {
        kind: 'when',
        cases: cases.map((each) => ({ if: each.if, then: each.value.node })),
        otherwise: otherwise.node,
      }
      return expressionOf(valueSubject(node, schema, presenceOfAll(values)))
    },
  }
}

/** A constant as an expression. */
export function literal<const T extends Literal | readonly Literal[]>(value: T): Expr<T> {
  return expressionOf(literalSubject(plainValue(value, 'the literal')))
}

/** A fix that sets a field to a value. */
export function set<T>(at: Value<T>, value: NoInfer<NonNullable<T> | Value<T>>): Fix {
  return expressionOf(setFix(at, value))
}

/** A fix that removes a field or an element. */
export function remove(at: Value<unknown>): Fix {
  return expressionOf(removeFix(at))
}

/** Reads a text or number as a Kubernetes quantity. */
export function quantity(of: string | Value<string | number | undefined | null>): QuantityExpr<Undecided> {
  return expressionOf(inDomain('quantity', of, 'the operand of quantity()'))
}

/** Reads a text as a semantic version. */
export function semver(of: MaybeText): SemverExpr<Undecided> {
  return expressionOf(inDomain('semver', of, 'the operand of semver()'))
}

/** Reads a text as a duration in Go's grammar: `1h30m`. */
export function duration(of: MaybeText): DurationExpr<Undecided> {
  return expressionOf(inDomain('duration', of, 'the operand of duration()'))
}

/** Reads a text as an RFC 3339 time. */
export function timestamp(of: MaybeText): TimestampExpr<Undecided> {
  return expressionOf(inDomain('timestamp', of, 'the operand of timestamp()'))
}

type Numeric = number | Value<number> | QuantityExpr<Undecided>

/** The first divided by the second, numbers or quantities; it can only be compared. */
export function ratio(dividend: Numeric, divisor: Numeric): RatioExpr {
  return expressionOf({
    is: 'ratio',
    dividend: ratioOperand(dividend, 'the first operand of ratio()'),
    divisor: ratioOperand(divisor, 'the second operand of ratio()'),
  })
}

function ratioOperand(given: unknown, what: string): ValueSubject {
  const operand = valueArgument(given, what)
  if (operand.domain?.name === 'quantity') return inQuantities(operand)
  if (operand.schema.type === 'number' || operand.schema.type === 'unknown') return operand
  throw new DefinitionError('not-a-number', `${what} is no number`, 'wrap a quantity: quantity(…)')
}

const inQuantities = (operand: ValueSubject): ValueSubject =>
  operand.domain?.parsed === true
    ? operand
    : { ...valueCall('quantity', [operand], unknownSchema), domain: { name: 'quantity', parsed: true } }

/** Reads a text as an image reference. */
export function imageRef(image: MaybeText): ImageRefExpr {
  const subject = textArgument(image, 'the operand of imageRef()')
  const part = (name: 'registry' | 'repository' | 'name' | 'tag' | 'digest'): StringExpr<string, Undecided> =>
    expressionOf({ ...valueCall(`imageRef.${name}`, [subject], stringSchema), presence: 'maybe' })
  return {
    get registry() {
      return part('registry')
    },
    get repository() {
      return part('repository')
    },
    get name() {
      return part('name')
    },
    get tag() {
      return part('tag')
    },
    get digest() {
      return part('digest')
    },
    within: (prefix: Text) =>
      expressionOf(
        predicate('imageRef.within', [
          { ...subject, presence: 'maybe' },
          textArgument(prefix, 'the operand of .within()'),
        ]),
      ),
  }
}

/** Reads a text as a network in CIDR notation. */
export function cidr(network: MaybeText): CidrExpr {
  const subject: ValueSubject = { ...textArgument(network, 'the operand of cidr()'), presence: 'maybe' }
  return {
    contains: (other) =>
      expressionOf(predicate('cidr.contains', [subject, textArgument(other, 'the operand of .contains()')])),
    overlaps: (other) =>
      expressionOf(predicate('cidr.overlaps', [subject, textArgument(other, 'the operand of .overlaps()')])),
  }
}

/**
 * Whether a label selector matches labels. A selector that is missing matches nothing, an empty one everything, and one that
 * cannot be read nothing; decide otherwise with `.exists()`.
 */
export function matchesSelector(selector: Value<unknown>, labels: MapExpr<string>): Condition {
  const operands = [valueArgument(selector, 'the selector'), valueArgument(labels, 'the labels')]
  const call = {
    kind: 'call',
    operator: 'matchesSelector',
    arguments: operands.map(({ node }) => node),
  } as const
  return expressionOf(condition({ kind: 'decide', of: call, missing: false, assumed: false }))
}
