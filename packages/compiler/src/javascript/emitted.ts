import {
  callOperator,
  compareText,
  equalJson,
  Fault,
  holeText,
  type Inventory,
  type InventoryResource,
  isObject,
  isOfType,
  type Json,
  type JudgeOptions,
  type OperatorName,
  parseDecimal,
  patternFault,
  type PolicyIr,
  type ReadType,
  type Reference,
  type Review,
  type Severity,
  type Verdict,
  check,
  decodeIr,
} from '@gatewright/core'
import { compileJavaScript } from './compile.js'
import { bail, type Plainly } from './frame.js'
import { ownValue, typed } from './value.js'

/** What an emitted module hands over. */
export interface EmittedParts {
  /** As `encodeIr` writes it. */
  readonly ir: Json
  readonly parameters: Json
  readonly plainly: Plainly
}

/** A policy that was built ahead, its parameters in it. */
export interface EmittedPolicy {
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly ir: PolicyIr
  /** Judges a review, `{ object }` at the least, as every engine would. */
  judge(review: Review, options?: JudgeOptions): Verdict
}

/** Makes a policy of an emitted module. Throws a `TypeError` where the module is not what was built. */
export function emittedPolicy(make: (runtime: EmittedRuntime) => EmittedParts): EmittedPolicy {
  const { ir, parameters, plainly } = make(emittedRuntime)
  const decoded = decodeIr(ir)
  if ('problem' in decoded) throw new TypeError(`the module is not what was built: ${decoded.problem}`)
  const checked = check(decoded.policy)
  if ('problems' in checked)
    throw new TypeError(`the module is not what was built: ${checked.problems[0]?.message ?? ''}`)
  const compiled = compileJavaScript(checked, plainly)
  const { id, title, severity } = checked
  return {
    id,
    title,
    severity,
    ir: checked,
    judge: (review, options) => compiled.judge(parameters, review, options),
  }
}

/** The functions that emitted source calls, by name. */
export type EmittedRuntime = Readonly<Record<string, unknown>>

/** Each means what the closures do in its place. */
export const emittedRuntime: EmittedRuntime = {
  bail,
  Fault,
  isOfType: (value: unknown, type: ReadType): boolean => isOfType(value as Reference, type),
  own: ownValue,
  typed,
  number: (text: string): Json | undefined => parseDecimal(text),
  /** A field that is not there: of a fault nothing is known. */
  absent: (of: unknown): undefined => {
    if (of instanceof Fault) throw bail
    return undefined
  },
  /** An element that is visited: a fault may decide or not. */
  shown: (element: unknown): unknown => {
    if (element instanceof Fault) throw bail
    return element
  },
  isEqual: (a: unknown, b: unknown): boolean => a !== undefined && equalJson(a as Json, (b ?? null) as Json),
  /** Whether an element is the value that is looked for. */
  has: (wanted: unknown, element: unknown): boolean =>
    element !== undefined && element !== null && equalJson(wanted as Json, element as Json),
  /** A predicate of two operands that were not both of the common type. */
  decide: (operator: OperatorName, a: unknown, b: unknown): unknown => call(operator, [a, b]),
  call,
  overList,
  message: (holes: readonly unknown[]): string => holes.map((hole) => holeText(hole as Reference)).join(''),
  record: (fields: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> => {
    const record: Record<string, unknown> = {}
    for (const [key, value] of fields) {
      if (value instanceof Fault) throw bail
      if (value !== undefined) record[key] = value
    }
    return record
  },
  keysOf: (of: unknown): readonly string[] => {
    if (of instanceof Fault) throw bail
    if (!isObject(of as Json)) return []
    const map = of as Readonly<Record<string, unknown>>
    return Object.keys(map)
      .filter((key) => map[key] !== null)
      .toSorted(compareText)
  },
  items: (
    inventory: Inventory | undefined,
    resource: InventoryResource,
    namespace: unknown,
  ): readonly unknown[] => {
    if (inventory === undefined) throw bail
    const wanted =
      namespace === undefined || namespace === null || typeof namespace === 'string' ? namespace : null
    let answer: ReturnType<Inventory['list']>
    try {
      answer = inventory.list(resource, wanted)
    } catch {
      throw bail
    }
    if (!answer.complete) throw bail
    return answer.items
  },
}

function call(operator: OperatorName, operands: readonly unknown[]): unknown {
  const values = operands as readonly Reference[]
  for (const value of values) if (value instanceof Fault) throw bail
  if ((operator === 'like' || operator === 'matches') && patternFault(operator, values[1]) !== undefined)
    throw bail
  const lenient = operator === 'matchesSelector'
  if (values.some((value, index) => value === undefined && !(lenient && index > 0))) return undefined
  const result = callOperator(operator, values)
  if (result instanceof Fault) throw bail
  return result ?? undefined
}

/** An operator over a list: `sum`, `join`. */
function overList(operator: OperatorName, elements: readonly unknown[], separator?: unknown): unknown {
  if (elements.some((element) => element instanceof Fault)) throw bail
  if (operator !== 'join') return call(operator, [elements])
  return typeof separator === 'string'
    ? elements.map((element) => holeText(element as Reference)).join(separator)
    : undefined
}
