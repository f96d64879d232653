// Prints how long the first compilation of ten policies takes in a process of its own; `wasm.mjs` runs it.
import { emitWasm } from '@gatewright/compiler'
import { check } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'

const policies = [
  pack.privilegedContainers,
  pack.hostNamespaces,
  pack.hostPorts,
  pack.capabilities,
  pack.privilegeEscalation,
  pack.readOnlyRootFilesystem,
  pack.procMount,
  pack.interactiveTty,
  pack.volumeTypes,
  pack.users,
].map((policy) => ({ ir: check(policy.ir), values: policy.values }))
const start = performance.now()
emitWasm(policies)
console.log(`${(performance.now() - start).toFixed(1)} ms`)
