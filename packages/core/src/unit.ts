import type { Unit } from './schema.js'

export declare const unit: unique symbol

/** A text or number in a grammar that gives it an order: Kubernetes' `Quantity`, `Time`, `Duration`. Plain literals are assignable. */
export type InUnit<U extends Unit, T> = T & { readonly [unit]?: U }
