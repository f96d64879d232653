import { isObject, type Json } from '@gatewright/core'
import type { Dice } from './dice.js'

/** A value while it is made: nobody else has it yet. */
export type Draft = { [key: string]: Json | undefined }

/** What values of a place look like, in enough detail that what is made of it is accepted. */
export type Shape = Leaf | ListShape | MapShape | ObjectShape | ChoiceShape

/** A text, a number, true or false; or any other value that is taken as a whole. */
export interface Leaf {
  readonly is: 'leaf'
  make(dice: Dice): Json
  /** Whether another value would do as well: constants of policies are only put where they fit. */
  accepts(value: Json): boolean
  /** What it shrinks to; undefined where that is not known. */
  readonly plain: Json | undefined
  /** Values just outside of it. */
  readonly beyond?: readonly Json[]
}

export interface ListShape {
  readonly is: 'list'
  readonly items: Shape
  readonly least?: number
  readonly most?: number
  /** The fields that tell elements apart, all together; no two elements have the same. `''` stands for the element itself. */
  readonly apartBy?: readonly string[]
}

/** An object whose keys are data. */
export interface MapShape {
  readonly is: 'map'
  readonly keys: Leaf
  readonly values: Shape
  readonly least?: number
  readonly most?: number
}

export interface ObjectShape {
  readonly is: 'object'
  readonly fields: ReadonlyMap<string, FieldShape>
  /** Groups of fields of which at most one is there, or exactly one. */
  readonly groups?: readonly FieldGroup[]
  /** Makes the fields agree with each other. It does nothing to an object whose fields do. */
  readonly repair?: ((draft: Draft) => void) | undefined
}

export interface FieldShape {
  readonly shape: Shape
  readonly required: boolean
  /** How often it is there where nothing asks for it. */
  readonly share: number
}

export interface FieldGroup {
  readonly of: readonly string[]
  readonly required: boolean
}

/** One of several shapes. */
export interface ChoiceShape {
  readonly is: 'choice'
  readonly of: readonly Shape[]
}

/** Whether a value is of a shape. What fields of an object have to do with each other is not asked. */
export function fits(value: Json | undefined, shape: Shape): boolean {
  switch (shape.is) {
    case 'leaf':
      return value !== undefined && shape.accepts(value)
    case 'choice':
      return shape.of.some((each) => fits(value, each))
    case 'list':
      return Array.isArray(value) && value.every((each) => fits(each as Json, shape.items))
    case 'map':
      return (
        isObject(value) &&
        Object.entries(value).every(([key, each]) => shape.keys.accepts(key) && fits(each, shape.values))
      )
    case 'object':
      return (
        isObject(value) &&
        Object.entries(value).every(([key, each]) => {
          const field = shape.fields.get(key)
          return field !== undefined && fits(each, field.shape)
        }) &&
        [...shape.fields].every(([key, { required }]) => !required || Object.hasOwn(value, key))
      )
  }
}

/** The shape that a value has at a place where it may have one of several; undefined where it has none of them. */
export function shapeOf(
  value: Json | undefined,
  shape: Shape | undefined,
): Exclude<Shape, ChoiceShape> | undefined {
  if (shape?.is !== 'choice') return shape
  const fitting = shape.of.find((each) => fits(value, each))
  return fitting === undefined ? undefined : shapeOf(value, fitting)
}

/** The same shape, read when it is first asked for: schemas can hold themselves. */
export function lazyField(required: boolean, share: number, read: () => Shape): FieldShape {
  let known: Shape | undefined
  return {
    required,
    share,
    get shape() {
      return (known ??= read())
    },
  }
}

export const listOf = (
  items: Shape,
  more: { readonly least?: number; readonly most?: number; readonly apartBy?: readonly string[] } = {},
): ListShape => ({ is: 'list', items, ...more })

export const mapOf = (
  keys: Leaf,
  values: Shape,
  more: { readonly least?: number; readonly most?: number } = {},
): MapShape => ({ is: 'map', keys, values, ...more })

export const choiceOf = (...of: readonly Shape[]): ChoiceShape => ({ is: 'choice', of })
