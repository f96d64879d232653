import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { message, policy, target } from '@gatewright/core'
import { ingresses, workloads } from '@gatewright/kubernetes'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { regoTests } from '../../packages/testing/src/suites/rego-suite.js'
import { binaries } from '../binaries.js'

const { opa } = binaries('opa')

const labels = policy({
  id: 'test/labels',
  title: 'Pods have their labels',
  severity: 'low',
  target: workloads,
  parameters: z.object({ labels: z.array(z.object({ key: z.string() })).default([]) }),
  rule: ({ object, parameters }) =>
    parameters.labels
      .filter((label) => object.metadata.labels.get(label.key).missing())
      .deny((label) => ({ message: message`label ${label.key} is missing`, at: object.metadata.labels })),
})

const hosts = policy({
  id: 'test/hosts',
  title: 'Hosts are of one ingress',
  severity: 'high',
  target: ingresses,
  rule: ({ object, cluster }) =>
    cluster
      .list(ingresses)
      .filter((other) => other.metadata.namespace.differsFrom(object.metadata.namespace))
      .filter((other) =>
        other.spec.rules.some((theirs) =>
          object.spec.rules.some((ours) => ours.host.is(theirs.host).ifMissing(false)),
        ),
      )
      .deny((other) => ({
        message: message`${other.metadata.namespace} has the host`,
        at: object.spec.rules,
      })),
})

const folder = mkdtempSync(join(tmpdir(), 'gatewright-rego-tests-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function file(text: string): string {
  const path = join(folder, `file-${++files}.rego`)
  writeFileSync(path, text)
  return path
}

const outcomes = (...given: Parameters<typeof regoTests>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    regoTests(given[0], given[1], { opa, ...given[2] }).map(({ name, skipped, run }) => {
      if (skipped !== undefined) return [name, skipped]
      const { pass, message: said } = run()
      return [name, pass ? 'passed' : (said().split('\n')[0] ?? '')]
    }),
  )

const kindOfPod = { objectKind: { apiVersion: 'v1', kind: 'Pod' } }

// helpers, comprehensions and old syntax: all that a reader of our own would have to read
const old = `package requiredlabels

test_all_there {
  results := violation with input as asked({"app": "web"}, ["app"])
  count(results) == 0
}
test_one_of_two_missing {
  results := violation with input as asked({"app": "web"}, ["app", "team"])
  count(results) == 1
  results[_].msg == "label team is missing"
}
test_wrong {
  results := violation with input as asked({}, ["app"])
  count(results) == 0
}
test_two_questions {
  count(violation) == 0 with input as asked({}, [])
  count(violation) == 2 with input as asked({}, ["a", "b"])
}
test_nothing_asked {
  1 == 1
}
todo_test_later {
  count(violation) == 1
}
asked(given, keys) = {
  "review": {"object": {"metadata": {"name": "x", "labels": given}}},
  "parameters": {"labels": [{"key": key} | key := keys[_]]},
}
`

describe('tests in Rego, put to a policy', () => {
  it('are run by OPA, and asked of the policy', () => {
    expect(outcomes(labels, [file(old)], kindOfPod)).toEqual({
      test_all_there: 'passed',
      test_one_of_two_missing: 'passed',
      test_wrong: 'it does not hold for policy `test/labels`',
      test_two_questions: 'passed',
      test_nothing_asked: 'it does not ask the rule, so that it tests nothing of `test/labels`',
      todo_test_later: 'it is skipped',
    })
  })

  it('of another package, for a rule of messages, with what they import', () => {
    const tests = file(`package main_test

import rego.v1
import data.main
import data.fixtures.pod

test_denied if "label team is missing" in main.deny with input as {"review": {"object": pod}, "parameters": {"labels": [{"key": "team"}]}}
test_allowed if count(main.deny) == 0 with input as pod
`)
    const fixtures = file(
      'package fixtures\n\npod := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}\n',
    )
    expect(outcomes(labels, [tests, fixtures], { rule: 'deny' })).toEqual({
      test_denied: 'passed',
      test_allowed: 'passed',
    })
  })

  it('have the inventory that they give', () => {
    const tests = file(`package hosts

import rego.v1

ingress(namespace) := {
  "apiVersion": "networking.k8s.io/v1",
  "kind": "Ingress",
  "metadata": {"name": "x", "namespace": namespace},
  "spec": {"rules": [{"host": "a.example.com"}]},
}
known(namespaces) := {"namespace": {namespace: {"networking.k8s.io/v1": {"Ingress": {"x": ingress(namespace)}}} | some namespace in namespaces}}

test_alone if count(violation) == 0 with input as {"review": {"object": ingress("a")}}
test_itself if count(violation) == 0 with input as {"review": {"object": ingress("a")}} with data.inventory as known(["a"])
test_others if count(violation) == 2 with input as {"review": {"object": ingress("a")}} with data.inventory as known(["a", "b", "c"])
`)
    expect(outcomes(hosts, [tests])).toEqual({
      test_alone: 'passed',
      test_itself: 'passed',
      test_others: 'passed',
    })
  })

  it('pass nothing that is not judged', () => {
    const [first] = regoTests(labels, [file(old)], { opa })
    expect(first?.run().message()).toMatch(
      /^the verdict is `invalid`, which Rego does not know\nhint: say with `objectKind`/,
    )
    const unread = file(
      'package x\n\nimport rego.v1\n\ntest_bad if count(violation) == 0 with input as {"review": {"object": {"kind": "Pod", "apiVersion": "v1"}}, "parameters": {"labels": 7}}\n',
    )
    expect(outcomes(labels, [unread])['test_bad']).toContain('the verdict is `error`')
  })

  it('have every digit of the numbers that they give', () => {
    const few = policy({
      id: 'test/few',
      title: 'Few rows',
      severity: 'low',
      target: target('sheet', z.object({ rows: z.number() })),
      rule: ({ input }) => input.rows.gt(9007199254740992).deny({ message: 'too many', at: input.rows }),
    })
    const tests = file(
      'package x\n\ntest_one_more if count(violation) == 1 with input as {"rows": 9007199254740993}\n',
    )
    expect(outcomes(few, [tests])).toEqual({ test_one_more: 'passed' })
  })

  it('are refused where they ask something else each time', () => {
    const asking =
      'package x\n\ntest_now if count(violation) == 0 with input as {"kind": "Pod", "apiVersion": "v1", "now": time.now_ns()}\n'
    expect(() => outcomes(labels, [file(asking)])).toThrow('ask something else each time')
  })

  it('are refused with the policy beside them, without a test, and where OPA does not take them', () => {
    const own = file('package requiredlabels\n\nviolation[{"msg": "x"}] {\n  input.x\n}\n')
    expect(() => outcomes(labels, [file(old), own], kindOfPod)).toThrow('has the rule `violation` itself')
    const indented = file('package requiredlabels\n\n  violation [{"msg": "x"}] {\n  input.x\n}\n')
    expect(() => outcomes(labels, [file(old), indented], kindOfPod)).toThrow(
      'has the rule `violation` itself',
    )
    expect(() => outcomes(labels, [file('package x\n')])).toThrow('there is no test in the Rego files')
    expect(() => outcomes(labels, [file('package x\n\ntest_a if {')])).toThrow('opa does not take the tests')
    expect(() => outcomes(labels, [file(old)], { opa: 'no-such-opa' })).toThrow(
      'there is no `no-such-opa` on PATH',
    )
  })
})
