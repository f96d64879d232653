import type { Json } from '../json.js'
import type { Node, RuleNode, Severity } from './node.js'

/** The version of the format; it changes when an older reader would misread a policy. */
export const irVersion = 'gatewright.ir/1'

/** A policy as the back ends, the tests and the analysis read it. */
export interface PolicyIr {
  readonly format: typeof irVersion
  readonly id: string
  readonly title: string
  readonly description?: string
  readonly severity: Severity
  readonly topic?: string
  readonly controls: Readonly<Record<string, readonly string[]>>
  readonly target: TargetIr
  /** JSON Schema of the parameters, with defaults; absent where the policy has none. */
  readonly parameters?: Json
  readonly when?: Node
  /** An undetermined verdict denies where verdicts are enforced. */
  readonly undeterminedDenies: boolean
  readonly rules: readonly RuleNode[]
}

/** What a policy is about: which objects it takes, and where in a review its inputs are. */
export interface TargetIr {
  readonly name: string
  /** The kinds it takes; absent: any object. */
  readonly kinds?: readonly KindPattern[]
  readonly operations?: readonly Operation[]
  /**
   * The API server decodes these kinds by the schemas that the policy reads them by, so that in admission they fit. Absent for
   * kinds whose schemas others wrote, and for documents that are no objects of an API.
   */
  readonly builtIn?: boolean
  readonly inputs: Readonly<Record<string, InputBinding>>
}

/** A group and kind, and optionally the versions, that a target takes. */
export interface KindPattern {
  readonly group: string
  readonly kind: string
  readonly versions?: readonly string[]
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/**
 * Where an input is in a review: a root, and a path in it that may depend on the object's kind (the pod template of a CronJob
 * lies deeper than that of a Deployment).
 */
export interface InputBinding {
  readonly root: 'object' | 'oldObject' | 'request' | 'parameters'
  readonly path: readonly string[] | readonly KindPath[]
}

export interface KindPath {
  readonly group: string
  readonly kind: string
  readonly path: readonly string[]
}

/** The path of an input in its root for an object of this kind; undefined where the kind has none. */
export function inputPath(
  binding: InputBinding,
  kind: { readonly group: string; readonly kind: string },
): readonly string[] | undefined {
  const [first] = binding.path
  if (first === undefined || typeof first === 'string') return binding.path as readonly string[]
  const paths = binding.path as readonly KindPath[]
  return paths.find((entry) => entry.group === kind.group && entry.kind === kind.kind)?.path
}
