import { inputPath, isObject, type Json, kindOf, type TargetIr } from '@gatewright/core'
import { type Parts, put, valueAt } from '../search/parts.js'

type Fields = Readonly<Record<string, Json>>

const roots = ['object', 'oldObject'] as const

/** Parts as people would rather read them, so long as something holds of them: a Pod for a workload, its containers the usual ones. */
export function plainerParts(target: TargetIr, parts: Parts, holds: (plainer: Parts) => boolean): Parts {
  let plain = parts
  for (const change of [
    (of: Parts) => asPods(target, of),
    (of: Parts) => withUsual(of, 'initContainers'),
    (of: Parts) => withUsual(of, 'ephemeralContainers'),
  ]) {
    const plainer = change(plain)
    if (plainer !== plain && holds(plainer)) plain = plainer
  }
  return plain
}

/** The objects as the Pods that they would make. */
function asPods(target: TargetIr, parts: Parts): Parts {
  const binding = Object.values(target.inputs).find(
    ({ root, path }) => root === 'object' && path.length > 0 && typeof path[0] !== 'string',
  )
  const toPod = binding === undefined ? undefined : inputPath(binding, { group: '', kind: 'Pod' })
  if (binding === undefined || toPod === undefined) return parts
  let made = parts
  for (const root of roots) {
    const value = parts[root]
    const kind = kindOf(value)
    if (value === undefined || kind === undefined || kind.kind === 'Pod') continue
    const path = inputPath(binding, kind)
    const within = path === undefined ? undefined : valueAt(value, path)
    if (!isObject(within)) continue
    const pod = put({}, toPod, within) as Fields
    made = { ...made, [root]: { apiVersion: 'v1', kind: 'Pod', ...pod } }
  }
  return made
}

/** Pods with the containers of another list among the usual ones. */
function withUsual(parts: Parts, from: string): Parts {
  let made = parts
  for (const root of roots) {
    const spec = valueAt(parts[root], ['spec'])
    if (!isObject(spec) || !Array.isArray(spec[from])) continue
    const usual = Array.isArray(spec['containers']) ? (spec['containers'] as readonly Json[]) : []
    const { [from]: moved, ...rest } = spec
    made = put(made, [root, 'spec'], {
      ...rest,
      containers: [...usual, ...(moved as readonly Json[])],
    }) as Parts
  }
  return made
}
