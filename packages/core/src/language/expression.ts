import type { z } from 'zod'
import type { unit } from '../unit.js'
import type { Condition, Fix, NotAValue, Rule, Rules, Truth, Undecided, Violation } from './rule.js'
import type { answer, decision, value } from './phantom.js'

/**
 * A typed expression over a value of type `T`; `| undefined` says that it may be missing.
 *
 * Fields are properties, operations are calls. A value that is surely there can be given where one that may be missing is asked
 * for, never the other way round.
 */
export type Expr<T> =
  IsAny<T> extends true
    ? UnknownExpr
    : [Whole<T>] extends [never]
      ? UnknownExpr
      : typeof unit extends keyof Whole<T>
        ? Measured<T, Whole<T>>
        : [Whole<T>] extends [boolean]
          ? BooleanExpr<Answer<T>>
          : [Whole<T>] extends [infer S extends string]
            ? StringExpr<S, Answer<T>>
            : [Whole<T>] extends [number]
              ? NumberExpr<Answer<T>>
              : unknown extends T
                ? UnknownExpr
                : [Whole<T>] extends [infer S extends Literal]
                  ? ScalarExpr<S, Answer<T>>
                  : [Whole<T>] extends [readonly (infer E)[]]
                    ? IsUnion<Whole<E>> extends true
                      ? [Whole<E>] extends [object]
                        ? ListExpr<E> & VariantList<E>
                        : ListExpr<E>
                      : ListExpr<E>
                    : [Whole<T>] extends [NotJson]
                      ? Unsupported<'not a JSON value: use a string and timestamp(), duration() or quantity()'>
                      : [Whole<T>] extends [object]
                        ? string extends keyof Whole<T>
                          ? MapExpr<Whole<T>[keyof Whole<T>]>
                          : IsUnion<Whole<T>> extends true
                            ? UnionExpr<T>
                            : ObjectExpr<T>
                        : UnknownExpr

type Literal = string | number | boolean
type IsAny<T> = 0 extends 1 & T ? true : false
type Gap<T> = undefined extends T ? undefined : null extends T ? undefined : never
// taken out of a tuple, so that editors and errors show the type itself and not `Whole<…>`
type Whole<T> = [T & {}][0]
type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never
type Answer<T> = undefined extends T ? Undecided : null extends T ? Undecided : Condition
type AllKeys<T> = T extends unknown ? keyof T : never
type NotJson =
  | Date
  | bigint
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...all: never) => unknown)
type Measured<T, W> =
  'quantity' extends UnitOf<W>
    ? QuantityExpr<Answer<T>>
    : 'timestamp' extends UnitOf<W>
      ? TimestampExpr<Answer<T>>
      : DurationExpr<Answer<T>>
type UnitOf<W> = W extends { readonly [unit]?: infer U } ? U : never

/** Marks a type that has no expression, with the reason. */
export interface Unsupported<Why extends string> {
  readonly [decision]: Why
}

/** What every expression can be asked. `A` is what a test of it gives: `Condition`, or `Undecided` when it may be missing. */
export interface Value<out T, out A = Undecided> extends NotAValue {
  /** Whether it is there, and of its declared type. */
  exists(): Condition
  /** Whether it is not there; the complement of `exists()`. */
  missing(): Condition
  /** Equal, or both missing. */
  sameAs(other: Value<unknown>): Condition
  /** Not equal, or only one of them missing; the complement of `sameAs()`. */
  differsFrom(other: Value<unknown>): Condition
  readonly [value]: T
  readonly [answer]: A
}

/** What texts, numbers and booleans share. `W` is the type that expressions are compared by. */
export interface Scalar<out T, W, out A = Undecided> extends Value<T, A> {
  /** Equals it; false when missing. Against another expression that may be missing it is undecided. */
  is<B = never>(other: T | Value<W, B>): Condition | B
  /** The complement of `is()`; true when missing. */
  isNot<B = never>(other: T | Value<W, B>): Condition | B
  /** Is one of these; false when missing. */
  in(list: readonly T[] | Value<readonly W[], Condition>): Condition
  /** Is none of these; true when missing. */
  notIn(list: readonly T[] | Value<readonly W[], Condition>): Condition
}

/** A text that is surely there. */
export type Text = string | Value<string, Condition>
/** A text that may be missing. */
export type MaybeText = string | Value<string>

/** A text. Order and length are by Unicode code points; case mapping is ASCII. */
export interface StringExpr<out T extends string = string, out A = Condition> extends Scalar<T, string, A> {
  /** This, or what is given where it is missing. */
  default<const U extends string, B = Condition>(otherwise: U | Value<U, B>): StringExpr<T | U, B>
  startsWith<B = never>(prefix: string | Value<string, B>): A | B
  endsWith<B = never>(suffix: string | Value<string, B>): A | B
  /** Contains the text. */
  includes<B = never>(part: string | Value<string, B>): A | B
  /** Matches a wildcard pattern: `*` is any run of characters, `/` included, and `?` is one. */
  like<B = never>(pattern: string | Value<string, B>): A | B
  /** The pattern (RE2 syntax) is found somewhere in it; anchor it with `^` and `$`. */
  matches<B = never>(pattern: RegExp | string | Value<string, B>): A | B
  /** Missing or the empty text. */
  isEmpty(): Condition
  /** ASCII letters in lower case. */
  lower(): StringExpr<string, A>
  split(separator: string): ListExpr<string>
  /** In code points. */
  length(): NumberExpr<A>
  /** The number that it is in JSON grammar; missing where it is none. */
  toNumber(): NumberExpr<Undecided>
  trimPrefix(prefix: Text): StringExpr<string, A>
}

/** A number, exact. */
export interface NumberExpr<out A = Condition> extends Scalar<number, number, A> {
  /** This, or what is given where it is missing. */
  default<B = Condition>(otherwise: number | Value<number, B>): NumberExpr<B>
  gt<B = never>(other: number | Value<number, B>): A | B
  gte<B = never>(other: number | Value<number, B>): A | B
  lt<B = never>(other: number | Value<number, B>): A | B
  lte<B = never>(other: number | Value<number, B>): A | B
  /** At least `min` and at most `max`. */
  between<B = never, C = never>(min: number | Value<number, B>, max: number | Value<number, C>): A | B | C
  /** Of integers within ±2^53; beyond, the verdict is an error. */
  plus<B = never>(other: number | Value<number, B>): NumberExpr<A | B>
  /** Of integers within ±2^53; beyond, the verdict is an error. */
  minus<B = never>(other: number | Value<number, B>): NumberExpr<A | B>
  /** Of integers within ±2^53; beyond, the verdict is an error. */
  times<B = never>(other: number | Value<number, B>): NumberExpr<A | B>
}

/** A boolean; when it cannot be missing, it is a condition. */
export interface BooleanExpr<out A extends Undecided = Condition> extends Scalar<boolean, boolean, A>, Truth {
  readonly [decision]: A[typeof decision]
  /** This, or what is given where it is missing. */
  default<B extends Undecided = Condition>(otherwise: boolean | Value<boolean, B>): BooleanExpr<B>
}

/** A value of several scalar types, such as a port that is a number or a name. */
export interface ScalarExpr<out T, out A = Condition> extends Scalar<T, Literal, A> {
  /** The text, or missing where it is none. */
  asString(): StringExpr<string, Undecided>
  /** The number, or missing where it is none. */
  asNumber(): NumberExpr<Undecided>
  /** The boolean, or missing where it is none. */
  asBoolean(): BooleanExpr<Undecided>
}

/** A value of which nothing is known. */
export interface UnknownExpr extends Value<unknown, Undecided> {
  asString(): StringExpr<string, Undecided>
  asNumber(): NumberExpr<Undecided>
  asBoolean(): BooleanExpr<Undecided>
  asList(): ListExpr<unknown>
  asMap(): MapExpr<unknown>
  /** Reads it as the schema says; parts that are of other types are missing. */
  as<S extends z.ZodType>(schema: S): Expr<z.output<S> | undefined>
  is(other: Literal): Condition
  isNot(other: Literal): Condition
  get(key: Text): UnknownExpr
}

/** A list; missing reads as empty. */
export type ListExpr<E> = Value<readonly E[], Condition> & ListOperations<E, Expr<E>, Expr<E | undefined>>

/** What an expression stands for: the type of its value. */
export type ValueOf<S> = S extends { readonly [value]: infer T } ? T : { [K in keyof S]: ValueOf<S[K]> }

/** A record of expressions, as `map` may give. */
export interface Shape {
  readonly [key: string]: Value<unknown> | Shape
}

export interface ListOperations<out E, out Element, out Found> {
  /** Whether the condition holds for an element; false for an empty list. */
  some(holds: (element: Element, index: NumberExpr) => Condition): Condition
  /** Whether the condition holds for each element; true for an empty list. */
  every(holds: (element: Element, index: NumberExpr) => Condition): Condition
  /** Whether the condition holds for no element; true for an empty list. */
  none(holds: (element: Element, index: NumberExpr) => Condition): Condition
  /** The elements for which the condition holds; violations keep their places in the list as it was. */
  filter(holds: (element: Element, index: NumberExpr) => Condition): this
  /** The elements that have the field; it is not missing in what follows. */
  having<F, K extends KeysOf<F>>(
    this: Value<readonly F[], Condition>,
    key: K,
  ): ListExpr<F & { readonly [P in K]-?: NonNullable<FieldOf<F, P>> }>
  /** The first element for which the condition holds, or missing. */
  find(holds: (element: Element) => Condition): Found
  /** By position, from the end when negative; missing past either end. */
  at(index: number): Found
  first(): Found
  last(): Found
  map<S extends Value<unknown> | Shape>(to: (element: Element, index: NumberExpr) => S): ListExpr<ValueOf<S>>
  flatMap<U>(to: (element: Element) => ListExpr<U>): ListExpr<U>
  /** These elements, then those of the other lists. */
  concat(...others: Value<readonly E[], Condition>[]): this
  /** Number of elements; 0 when missing. */
  count(): NumberExpr
  isEmpty(): Condition
  /** Whether an element equals it. */
  includes(element: Whole<E> | Value<E> | Value<string>): Condition
  /** These elements, then those of the other that are not among them. */
  union(other: ListOf<E>): this
  /** The elements that are in the other too. */
  intersection(other: ListOf<E>): this
  /** The elements that are not in the other. */
  difference(other: ListOf<E>): this
  isSubsetOf(other: ListOf<E>): Condition
  isDisjointFrom(other: ListOf<E>): Condition
  /** Without elements that equal an earlier one, and without missing ones. */
  distinct(): this
  /** The elements that equal an earlier one. */
  duplicates(): this
  /** The sum of integers within ±2^53; beyond, the verdict is an error; missing when an element is no integer. */
  sum(): NumberExpr<Undecided>
  /** The elements as a message shows them, with the separator between. */
  join(separator: string): StringExpr
  /** The rules for each element. */
  each(rules: (element: Element, index: NumberExpr) => Rules): Rule
  /** A violation for each element. */
  deny(violation: (element: Element, index: NumberExpr) => Violation): Rule
}

type ListOf<E> = readonly Whole<E>[] | Value<readonly E[] | readonly string[], Condition>
type KeysOf<E> = E extends object ? keyof E & string : never
type FieldOf<E, K extends PropertyKey> = E extends { readonly [P in K]?: infer V } ? V : never

/** A list of one of several shapes. */
export interface VariantList<E> {
  /** The elements of the variants that have these literals. */
  where<const K extends Partial<{ [P in AllKeys<E>]: string }>>(variant: K): ListExpr<Extract<E, K>>
}

/** An object whose keys are data; missing reads as empty. */
export type MapExpr<V> = Value<Readonly<Record<string, V>>, Condition> &
  MapOperations<Expr<V | undefined>, ListExpr<V>, ListExpr<{ key: string; value: V }>>

export interface MapOperations<out Found, out Values, out Entries> {
  /** The value under a key, or missing. */
  get(key: MaybeText): Found
  has(key: Text): Condition
  /** By code point. */
  keys(): ListExpr<string>
  /** In the order of their keys. */
  values(): Values
  /** In the order of their keys. */
  entries(): Entries
  isEmpty(): Condition
  count(): NumberExpr
}

/** An object: its fields, and `keys()`. */
export type ObjectExpr<T> = ObjectOperations<Whole<T>, Answer<T>> & {
  readonly [K in keyof Whole<T> as K extends string ? K : never]-?: Expr<Whole<T>[K] | Gap<T>>
}

export interface ObjectOperations<out T, out A> extends Value<T, A> {
  /** All keys that are there, those that its type does not know as well. */
  keys(): ListExpr<string>
}

/** One of several object shapes: the fields that all have, and `as()` to choose one. */
export type UnionExpr<T> = ObjectOperations<Whole<T>, Answer<T>> &
  Variants<T> & { readonly [K in keyof Whole<T>]-?: Expr<Whole<T>[K] | Gap<T>> }

export interface Variants<T> {
  /** The variant that has these literals; missing where it is another. */
  as<const K extends Partial<{ [P in AllKeys<T>]: string }>>(variant: K): Expr<Extract<T, K> | undefined>
}

/** What values with an order and a grammar share; a text that does not follow it reads as missing. Literals are checked at definition. */
export interface Ordered<U extends string, out A> extends Value<string, A> {
  /** Equals it in value: `1Gi` is `1024Mi`. */
  is<B = never>(other: string | Comparable<U, B>): Condition | B
  isNot<B = never>(other: string | Comparable<U, B>): Condition | B
  gt<B = never>(other: string | Comparable<U, B>): A | B
  gte<B = never>(other: string | Comparable<U, B>): A | B
  lt<B = never>(other: string | Comparable<U, B>): A | B
  lte<B = never>(other: string | Comparable<U, B>): A | B
  readonly [unit]: U
}
/** The other side of a comparison in one unit. */
export interface Comparable<U, out A> {
  readonly [unit]: U
  readonly [answer]: A
}

/** A Kubernetes quantity, exact to a nano. */
export interface QuantityExpr<out A = Condition> extends Ordered<'quantity', A> {
  plus<B = never>(other: string | Comparable<'quantity', B>): QuantityExpr<A | B>
  /** This, or what is given where it is missing. */
  default<B = Condition>(otherwise: string | Comparable<'quantity', B>): QuantityExpr<B>
}
/** A semantic version. */
export interface SemverExpr<out A = Condition> extends Ordered<'semver', A> {
  default<B = Condition>(otherwise: string | Comparable<'semver', B>): SemverExpr<B>
}
/** A duration such as `1h30m`. */
export interface DurationExpr<out A = Condition> extends Ordered<'duration', A> {
  default<B = Condition>(otherwise: string | Comparable<'duration', B>): DurationExpr<B>
}
/** An RFC 3339 time. */
export interface TimestampExpr<out A = Condition> extends Ordered<'timestamp', A> {
  plus<B = never>(duration: string | Comparable<'duration', B>): TimestampExpr<Undecided>
  /** How much later it is than the other. */
  minus<B = never>(other: string | Comparable<'timestamp', B>): DurationExpr<Undecided>
  default<B = Condition>(otherwise: string | Comparable<'timestamp', B>): TimestampExpr<B>
}

/** A ratio; it can only be compared. A zero divisor makes it missing. */
export interface RatioExpr extends NotAValue {
  gt(other: number | Value<number>): Undecided
  gte(other: number | Value<number>): Undecided
  lt(other: number | Value<number>): Undecided
  lte(other: number | Value<number>): Undecided
}

/** The parts of an image reference, as the reference grammar says; all are missing when it cannot be read. */
export interface ImageRefExpr {
  readonly registry: StringExpr<string, Undecided>
  readonly repository: StringExpr<string, Undecided>
  readonly name: StringExpr<string, Undecided>
  readonly tag: StringExpr<string, Undecided>
  readonly digest: StringExpr<string, Undecided>
  /** Whether the image lies in this registry or repository, by whole components; undecided where either cannot be read. */
  within(prefix: Text): Undecided
}

/** A network in CIDR notation. */
export interface CidrExpr {
  /** Whether it holds the address or the whole of the network; undecided where either cannot be read. */
  contains(other: MaybeText): Undecided
  overlaps(other: MaybeText): Undecided
}

export type { Fix }
