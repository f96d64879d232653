/** The other objects of the cluster, as Gatekeeper keeps them in the host's data document. */
import { bytesOf, keyAt, OBJECT, sizeOf, STRING, tagOf, TRUE, valueAt } from '../cells'
import { countOf, isFault, itemPlace, newElements, push, setRest, sortKeys } from './elements'
import { fieldOf } from './field'
import { compareBytes } from '../bytes'
import { data } from './parameters'
import { named } from './review'

const EVERYWHERE: u32 = 0

/**
 * The objects of a kind, in one namespace where `scope` is 1: without a namespace where that is missing. Ordered by namespace and
 * name; `incomplete` is the fault that stands for those that are not known, where the data does not say that it holds all.
 */
export function inventory(group: u32, kind: u32, scope: u32, namespace: u32, incomplete: u32): u32 {
  const found = newElements(8)
  if (scope != EVERYWHERE && isFault(namespace)) {
    setRest(found, namespace)
    return found
  }
  const stored = named(data, 'inventory')
  const cluster = named(stored, 'cluster')
  const namespaces = named(stored, 'namespace')
  const isNamed = namespace != 0 && tagOf(namespace) == STRING && sizeOf(namespace) > 0
  if (scope != EVERYWHERE) collect(isNamed ? fieldOf(namespaces, namespace) : cluster, group, kind, found)
  else {
    collect(cluster, group, kind, found)
    // what the host gave is in the order of its keys
    const count: u32 = namespaces == 0 || tagOf(namespaces) != OBJECT ? 0 : sizeOf(namespaces)
    for (let i: u32 = 0; i < count; i++) collect(valueAt(namespaces, i), group, kind, found)
  }
  const isComplete = named(named(named(data, 'gatewright'), 'inventory'), 'complete')
  if (isComplete == 0 || tagOf(isComplete) != TRUE) setRest(found, incomplete)
  return found
}

function collect(versions: u32, group: u32, kind: u32, to: u32): void {
  if (versions == 0 || tagOf(versions) != OBJECT) return
  const byName = newElements(8)
  const count = sizeOf(versions)
  for (let i: u32 = 0; i < count; i++) {
    if (!isOfGroup(keyAt(versions, i), group)) continue
    const objects = fieldOf(valueAt(versions, i), kind)
    const all: u32 = objects == 0 || tagOf(objects) != OBJECT ? 0 : sizeOf(objects)
    for (let j: u32 = 0; j < all; j++) push(byName, keyAt(objects, j), valueAt(objects, j))
  }
  sortKeys(byName)
  const all = countOf(byName)
  for (let i: u32 = 0; i < all; i++) push(to, itemPlace(byName, i), 0)
}

/** Whether a version of an API, `apps/v1` or `v1`, is of a group. */
function isOfGroup(api: u32, group: u32): bool {
  const bytes = bytesOf(api)
  const size = sizeOf(api)
  let slash: u32 = 0
  while (slash < size && load<u8>(bytes + slash) != 0x2f) slash++
  if (slash == size) slash = 0
  return compareBytes(bytes, slash, bytesOf(group), sizeOf(group)) == 0
}
