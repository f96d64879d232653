import { readFileSync } from 'node:fs'
import type { Policy } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'

/** A case of a suite of Gatekeeper's policy library. */
export interface LibraryCase {
  readonly id: string
  readonly group: string
  readonly expect: 'pass' | 'fail'
  readonly parameters: Readonly<Record<string, unknown>> | null
  readonly objects: readonly unknown[]
  readonly violations: number | null
}

/** The library's policies that the packs have, by their folders there. */
export const libraryPolicies: Readonly<Record<string, Policy>> = {
  'general-disallowinteractive': pack.interactiveTty,
  'psp-allow-privilege-escalation': pack.privilegeEscalation,
  'psp-apparmor': pack.appArmor,
  'psp-capabilities': pack.capabilities,
  'psp-flexvolume-drivers': pack.flexVolumeDrivers,
  'psp-forbidden-sysctls': pack.sysctls,
  'psp-fsgroup': pack.fsGroup,
  'psp-host-filesystem': pack.hostPathVolumes,
  'psp-host-namespaces': pack.hostNamespaces,
  'psp-host-network-ports': pack.hostPorts,
  'psp-host-probes-lifecycle': pack.hostProbesLifecycle,
  'psp-host-process': pack.windowsHostProcess,
  'psp-privileged-containers': pack.privilegedContainers,
  'psp-proc-mount': pack.procMount,
  'psp-read-only-root-filesystem': pack.readOnlyRootFilesystem,
  'psp-seccomp': pack.seccomp,
  'psp-seccompv2': pack.seccomp,
  'psp-selinux': pack.seLinux,
  'psp-users': pack.users,
  'psp-volumes': pack.volumeTypes,
}

/** The cases of policies that the packs have. */
export const libraryCases: readonly LibraryCase[] = readFileSync(
  new URL('gatekeeper-library.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as LibraryCase)
  .filter(({ group }) => libraryPolicies[group] !== undefined)
