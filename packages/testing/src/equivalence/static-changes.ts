import { canonicalText, isObject, type Json, type Policy } from '@gatewright/core'

/** What two versions of a policy say of themselves differently; undefined where one says nothing. */
export interface StaticChange {
  /** What it is: `severity`, `kinds`, `operations`, `parameter limit`, `value of limit` … */
  readonly what: string
  readonly old: Json | undefined
  readonly new: Json | undefined
}

/** The differences that are seen without asking: names, severity, what the policy is about, its parameters and their defaults. */
export function staticChanges(old: Policy, changed: Policy): readonly StaticChange[] {
  const before = stated(old)
  const after = stated(changed)
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
    const change = { what, old: before.get(what), new: after.get(what) }
    return text(change.old) === text(change.new) ? [] : [change]
  })
}

const text = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : canonicalText(value)

function stated({ ir, values }: Policy): ReadonlyMap<string, Json> {
  const { target, parameters } = ir
  const { properties, required } = (isObject(parameters) ? parameters : {}) as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  const all: readonly (readonly [string, Json | undefined])[] = [
    ['id', ir.id],
    ['title', ir.title],
    ['severity', ir.severity],
    ['controls', ir.controls],
    ['kinds', target.kinds?.map(({ group, kind }) => (group === '' ? kind : `${kind}.${group}`)).toSorted()],
    ['operations', target.operations],
    ['undetermined', ir.undeterminedDenies ? 'deny' : 'warn'],
    ...Object.entries(properties ?? {}).map(([key, schema]): readonly [string, Json] => [
      `parameter ${key}`,
      required?.includes(key) === true ? { ...(schema as object), required: true } : schema,
    ]),
    ...Object.entries(values).map(([key, value]) => [`value of ${key}`, value] as const),
  ]
  return new Map(all.flatMap(([what, value]) => (value === undefined ? [] : [[what, value] as const])))
}
