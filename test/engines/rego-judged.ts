import { emitRego, emitRegoLibrary, type RegoModule, RegoUnsupported } from '@gatewright/compiler'
import {
  check,
  type CheckedPolicy,
  judge,
  type Json,
  type PolicyIr,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import { type Decision, differenceOf } from './decisions.js'
import { complaints, evaluated, exactJson, type RegoFile } from './opa.js'

/** A policy, the parameters that it is given and sees, and what it is asked about. */
export interface Asked {
  readonly policy: CheckedPolicy
  readonly given: Readonly<Record<string, Json>>
  readonly parameters: Json
  readonly reviews: readonly Review[]
}

/** The other objects of the cluster, and whether these are all. */
export interface Stored {
  readonly objects: readonly Json[]
  readonly complete: boolean
}

export interface Difference {
  readonly asked: Asked
  readonly review: Review
  readonly report: string
}

/** Whether Rego can say a policy; what it cannot is refused, and no difference. */
export function isSaid(policy: CheckedPolicy): boolean {
  try {
    emitRego({ ir: policy })
    return true
  } catch (error) {
    if (error instanceof RegoUnsupported) return false
    throw error
  }
}

/** Policies as a bundle. */
export function bundleOf(asked: readonly Asked[]): {
  readonly modules: readonly RegoModule[]
  readonly files: readonly RegoFile[]
} {
  const modules = asked.map(({ policy }) => emitRego({ ir: policy }))
  return { modules, files: [...modules, emitRegoLibrary(modules)] }
}

/** Where OPA and the reference differ on reviews, after `opa check --strict` and `opa fmt` found nothing to say of the modules. */
export function differences(
  asked: readonly Asked[],
  stored: Stored,
  spelling: number | undefined,
): { readonly verdicts: readonly string[]; readonly differences: readonly Difference[] } {
  const { modules, files } = bundleOf(asked)
  const complaint = complaints(files)
  if (complaint !== '') throw new Error(complaint)
  const answers = answersOf(files, modules, asked, stored, spelling)
  const inventory = inventoryOf(stored.objects, stored)
  const verdicts: string[] = []
  const found: Difference[] = []
  for (const [i, each] of asked.entries()) {
    const { package: name, text } = modules[i] as RegoModule
    for (const [j, review] of each.reviews.entries()) {
      const expected = judge(each.policy, each.parameters, { ...review, inventory })
      const actual = answers[name]?.[j] as Decision | undefined
      verdicts.push(expected.verdict)
      const difference = differenceOf(expected, actual)
      if (difference !== undefined)
        found.push({
          asked: each,
          review,
          report: report(difference, each, review, stored, expected, actual, text),
        })
    }
  }
  return { verdicts, differences: found }
}

/** What OPA answers, by package and in the order of the reviews. */
export function answersOf(
  files: readonly RegoFile[],
  modules: readonly RegoModule[],
  asked: readonly Asked[],
  stored: Stored,
  spelling?: number | undefined,
): Readonly<Record<string, readonly unknown[]>> {
  const inputs = Object.fromEntries(
    modules.map((module, i) => [module.package, (asked[i] as Asked).reviews.map(inputOf)]),
  )
  const parameters = Object.fromEntries(asked.map(({ policy, given }) => [policy.id, given]))
  const data: Json = {
    gatewright: { parameters, inventory: { complete: stored.complete } },
    inventory: inventoryData(stored.objects),
  }
  return evaluated(files, inputs, 'decision', data, { spelling })
}

/** A review as OPA is asked: the object itself, or an AdmissionReview where there is more to it. */
export function inputOf({ object, oldObject, operation, request }: Review): Json {
  if (request === undefined && oldObject === undefined && operation === 'CREATE' && object !== undefined)
    return object
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...request,
      uid: '1',
      ...(operation === undefined ? {} : { operation }),
      ...(object === undefined ? { object: null } : { object }),
      ...(oldObject === undefined ? {} : { oldObject }),
    },
  }
}

/** Objects as Gatekeeper keeps them. */
export function inventoryData(objects: readonly Json[]): Json {
  type Tree = { [key: string]: Tree | Json }
  const root: Tree = {}
  for (const object of objects) {
    const { apiVersion, kind, metadata } = object as {
      readonly apiVersion: string
      readonly kind: string
      readonly metadata: { readonly name: string; readonly namespace?: string }
    }
    const above = metadata.namespace === undefined ? ['cluster'] : ['namespace', metadata.namespace]
    let at = root
    for (const step of [...above, apiVersion, kind]) at = (at[step] ??= {}) as Tree
    at[metadata.name] = object
  }
  return root as Json
}

export function checked(policy: PolicyIr): CheckedPolicy {
  const result = check(policy)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

function report(
  difference: string,
  { policy, given, parameters }: Asked,
  review: Review,
  stored: Stored,
  expected: Verdict,
  actual: Decision | undefined,
  rego: string,
): string {
  const json = (value: unknown): string => (value === undefined ? 'undefined' : exactJson(value as Json))
  const kept = { about: '', policy, given, parameters, review, stored }
  return [
    difference,
    `reference  ${json(expected)}`,
    `OPA        ${json(actual)}`,
    `review     ${json(review)}`,
    `parameters ${json(given)}`,
    ...(/lib\.listed/.test(rego) ? [`stored     ${json(stored)}`] : []),
    `policy     ${json({ when: policy.when ?? null, rules: policy.rules })}`,
    `to keep    ${json(kept)}`,
    rego,
  ].join('\n')
}
