import { type Json, type Policy, type Schema, type Target } from '@gatewright/core'
import type { KubernetesObject, KubernetesVersion, Resource, Workloads } from '@gatewright/kubernetes'
import type { Arbitrary } from 'fast-check'
import { z } from 'zod'
import { type Bias, biasOf, readsBelow } from './bias.js'
import { withAttacks, withMistakes } from './faults.js'
import { shapeFromJsonSchema } from './json-schema-shapes.js'
import { kindsOf, type KnownKind } from './kind-shapes.js'
import { made, type Making } from './made.js'
import type { Extent } from './schema-shapes.js'
import { shapeFromSchema } from './schema-shapes.js'
import type { Shape } from './shape.js'
import { type Shaped, ShapedArbitrary } from './shaped-arbitrary.js'

/**
 * What objects are like. `valid`: as the API server accepts them. `nearly-valid`: with one or a few mistakes. `hostile`: as an
 * attacker or a broken tool sends them.
 */
export type ArbitraryMode = 'valid' | 'nearly-valid' | 'hostile'

export interface ArbitraryOptions<M extends ArbitraryMode = ArbitraryMode> {
  /** By default `valid`. */
  readonly mode?: M
  /** By default the newest that is known. Kinds that it does not serve are refused. */
  readonly kubernetesVersion?: KubernetesVersion
  /** Policies whose reads, constants and bounds objects are drawn towards. */
  readonly policy?: Policy | readonly Policy[]
  /** How much of what may be left out is there; by default `medium`. */
  readonly size?: ArbitrarySize
}

export type ArbitrarySize = 'small' | 'medium' | 'large'

export const sizes: Readonly<Record<ArbitrarySize, number>> = { small: 0.4, medium: 1, large: 2 }

/** What objects can be made of: a resource, a policy's target, or a zod schema. */
export type ArbitraryKind = Target<unknown> | z.ZodType

/** The type of the objects of a kind. What has mistakes in it has no type: it is any JSON. */
export type ArbitraryObject<K extends ArbitraryKind, M extends ArbitraryMode = 'valid'> = 'valid' extends M
  ? M extends 'valid'
    ? K extends Resource<infer T>
      ? T
      : K extends z.ZodType
        ? z.input<K>
        : K extends Workloads
          ? KubernetesObject
          : Json
    : Json
  : Json

/**
 * Whole objects of a kind, as a fast-check arbitrary: for `fc.assert(fc.property(arbitrary(pods), …))`, to map and to filter. They
 * shrink to small manifests. Throws a `RangeError` where the version of Kubernetes serves no such kind.
 */
export function arbitrary<K extends ArbitraryKind, M extends ArbitraryMode = 'valid'>(
  kind: K,
  options: ArbitraryOptions<M> = {},
): Arbitrary<ArbitraryObject<K, M>> {
  const policies = policiesIn(options.policy)
  const bias = policies.length === 0 ? undefined : biasOf(policies)
  const makers =
    '_zod' in kind ? [ofZod(kind as z.ZodType)] : ofTarget(kind as Target<unknown>, options.kubernetesVersion)
  const mode = options.mode ?? 'valid'
  const isValid = mode === 'valid' ? makers[0]?.isValid : undefined
  return new ShapedArbitrary({
    size: sizes[options.size ?? 'medium'],
    make: (dice) => shapedObject(dice.one(makers), mode, policies, { dice, bias }),
    of: (value) => value as ArbitraryObject<K, M>,
    ...(isValid === undefined ? {} : { isValid }),
  })
}

export const policiesIn = (given: Policy | readonly Policy[] | undefined): readonly Policy[] =>
  given === undefined ? [] : 'ir' in given ? [given] : given

/** What makes objects of a kind. */
export interface ObjectMaker extends KnownKind {
  readonly isValid?: (value: Json) => boolean
}

/** What makes objects of a target's kinds. */
export function ofTarget(
  target: Target<unknown>,
  version: KubernetesVersion | undefined,
): readonly ObjectMaker[] {
  if (target.ir.kinds === undefined) return [ofSchema(target.schema)]
  const { resource } = target as Partial<Pick<Resource<unknown>, 'resource'>>
  return kindsOf(target.ir, target.schema, version, target.ir.kinds.length === 1 ? resource : undefined)
}

const ofSchema = (schema: Schema): ObjectMaker => ({
  group: '',
  kind: '',
  shape: () => shapeFromSchema(schema, 'schema'),
})

/** What JSON Schema cannot say is checked by zod itself. */
function ofZod(schema: z.ZodType): ObjectMaker {
  const shape = shapeFromJsonSchema(z.toJSONSchema(schema, { io: 'input' }) as Json)
  return {
    group: '',
    kind: '',
    shape: () => shape,
    isValid: (value) => schema.safeParse(value).success,
  }
}

/** How often a value is tried that a schema may refuse for more than its shape says. */
const tries = 200

/** An object with what is wrong in it, by its mode. */
export function shapedObject(
  maker: ObjectMaker,
  mode: ArbitraryMode,
  policies: readonly Policy[],
  making: Making & { readonly bias?: Bias | undefined },
  extent: Extent = 'created',
): Shaped {
  const reads = readsBelow(policies, 'object', maker)
  const { dice } = making
  // what the API server would not take may still be sent
  const shape: Shape = maker.shape(mode === 'hostile' && dice.chance(0.3) ? 'schema' : extent)
  const tree = validTree(shape, maker, making, reads)
  if (mode === 'valid') return { tree, shape }
  const faulty = mode === 'hostile' ? withAttacks : withMistakes
  return { tree: faulty(tree, shape, reads, making), shape }
}

function validTree(
  shape: Shape,
  { isValid }: ObjectMaker,
  making: Making,
  reads: ReturnType<typeof readsBelow>,
): Json {
  for (let i = 0; i < tries; i++) {
    const value = made(shape, making, reads)
    if (isValid === undefined || isValid(value)) return value
  }
  throw new TypeError(
    `no value that the schema takes was found in ${tries}: say what it asks with types, lengths, ranges and patterns, or filter another arbitrary`,
  )
}
