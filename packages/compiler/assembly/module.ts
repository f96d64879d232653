/**
 * What the encoder tells the runtime of the policies of a module: tables in the module's data, of 32-bit words. The first is at a
 * fixed address below the runtime's own data.
 */

const HEADER: u32 = 64

export function policyCount(): u32 {
  return load<u32>(HEADER, 4)
}

/** The table of a policy. */
export function policyAt(index: u32): u32 {
  return load<u32>(load<u32>(HEADER, 8) + (index << 2))
}

/** The names of the entry points with their numbers, as an object. */
export function entryPoints(): u32 {
  return load<u32>(HEADER, 12)
}

/** What of a document the policies read. */
export function projection(): u32 {
  return load<u32>(HEADER, 16)
}

/** How many slots the tables have that are looked at once a document. */
export function slotCount(): u32 {
  return load<u32>(HEADER, 20)
}

/** A policy: its id, its function in the table, what it is about, the schema of its parameters, and how many denies it has. */
export function idOf(policy: u32): u32 {
  return load<u32>(policy)
}

export function functionOf(policy: u32): u32 {
  return load<u32>(policy, 4)
}

/** The operations that a policy is about: a bit for each, in the order CREATE, UPDATE, DELETE, CONNECT. */
export function operationsOf(policy: u32): u32 {
  return load<u32>(policy, 8)
}

/** `CREATE, UPDATE`, as people read it. */
export function operationNames(policy: u32): u32 {
  return load<u32>(policy, 12)
}

/** How many kinds a policy is about; all kinds where it is the greatest number. */
export function kindCount(policy: u32): u32 {
  return load<u32>(policy, 16)
}

/** The kinds: of each its group, its name, and a list of versions; each is 0 where any will do. */
export function kindsOf(policy: u32): u32 {
  return load<u32>(policy, 20)
}

/** The slot of what was found of a policy's kinds. */
export function slotOfKinds(policy: u32): u32 {
  return load<u32>(policy, 32)
}

/** The JSON Schema of a policy's parameters, or 0 where they are folded in or there are none. */
export function parameterSchema(policy: u32): u32 {
  return load<u32>(policy, 24)
}

/** What a policy was given by whoever made the module, before what the host gives. */
export function presetParameters(policy: u32): u32 {
  return load<u32>(policy, 28)
}

/** Where the runtime's own data ends, and that of a module may begin. */
export function runtimeEnd(): u32 {
  return <u32>__heap_base
}
