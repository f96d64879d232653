import type { FieldGroup, Shape } from './shape.js'

/**
 * What an API server asks of objects of a definition beyond their schema. A field that is not among `fields` is left out of valid
 * objects: what it takes is not known here.
 */
export interface DefinitionRules {
  readonly fields: Readonly<Record<string, FieldRule>>
  /** Fields that are always there, beside those that the schema requires. */
  readonly always?: readonly string[]
  /** Fields that are there more often than not. */
  readonly often?: readonly string[]
  /** Fields that are hardly ever there. */
  readonly seldom?: readonly string[]
  readonly groups?: readonly FieldGroup[]
  /** Fields that an object gets after it was created, so that only updates have them. */
  readonly later?: Readonly<Record<string, FieldRule>>
  /** Makes the fields agree with each other. It does nothing to an object whose fields do. */
  readonly repair?: (draft: never) => void
}

/** `schema`: as the schema has it; a list rule says more of a list whose elements are as the schema has them. */
export type FieldRule = 'schema' | Shape | ListRule

export interface ListRule {
  readonly is: 'list of schema'
  readonly least?: number
  readonly most?: number
  readonly apartBy?: readonly string[]
}

export const list = (more: Omit<ListRule, 'is'>): ListRule => ({ is: 'list of schema', ...more })

/** The fields of which exactly one is there. */
export const exactlyOne = (...of: readonly string[]): FieldGroup => ({ of, required: true })
/** The fields of which at most one is there. */
export const atMostOne = (...of: readonly string[]): FieldGroup => ({ of, required: false })

/** A type whose values may still be changed. */
export type DraftOf<T> = T extends string | number | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? DraftOf<Item>[]
    : T extends object
      ? { -readonly [K in keyof T]: DraftOf<T[K]> }
      : T
