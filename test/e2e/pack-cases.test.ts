import { readFileSync } from 'node:fs'
import { type Engine, evaluator, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import type { Policy } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { emittedEngine } from '../emitted-engine.js'

interface Case {
  readonly id: string
  readonly group: string
  readonly expect: 'pass' | 'fail'
  readonly parameters: Readonly<Record<string, unknown>> | null
  readonly objects: readonly unknown[]
  readonly violations: number | null
}

/** The library's policies that the packs have, by their folders there. */
const policies: Readonly<Record<string, Policy>> = {
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

const cases = readFileSync(new URL('../cases/gatekeeper-library.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)
  .filter(({ group }) => policies[group] !== undefined)

it('finds the cases of the packs', () => {
  expect(cases.length).toBeGreaterThan(50)
})

describe.each([javascriptEngine, referenceEngine, emittedEngine])('the $name engine', (engine) => {
  it.each(cases)('$id: $expect', ({ group, parameters, objects, ...expected }) => {
    const policy = policies[group] as Policy
    const judge = evaluator([policy], {
      engine: engine as Engine,
      parameters: { [policy.id]: parameters ?? {} },
    })
    const verdicts = objects.map((object) => judge.evaluate(object).judgements[0]?.verdict)
    const violations = verdicts.flatMap((verdict) => verdict?.violations ?? [])
    if (expected.expect === 'fail') expect(verdicts.map((each) => each?.verdict)).toContain('denied')
    else expect(verdicts.map((each) => each?.verdict)).not.toContain('denied')
    for (const verdict of verdicts)
      expect(['allowed', 'denied', 'not-applicable']).toContain(verdict?.verdict)
    if (expected.violations !== null && expected.violations > 0)
      expect(violations).toHaveLength(expected.violations)
  })
})
