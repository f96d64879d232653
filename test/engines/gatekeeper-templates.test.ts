import { spawnSync } from 'node:child_process'
import { type Json, message, policy, type Policy, policiesOf } from '@gatewright/core'
import { evaluator, inventoryOf } from '@gatewright/evaluator'
import { constraint, gatekeeperFiles, type SuiteCase, templateOf, templatesOf } from '@gatewright/gatekeeper'
import { deployments, namespaces } from '@gatewright/kubernetes'
import { podSecurity } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { binaries } from '../binaries.js'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import * as trial from '../language/trial-policies.js'
import { tested } from './gator.js'
import { complaints, withFiles } from './opa.js'

const trialPolicies = Object.values(trial).filter(
  (each): each is Policy => typeof each === 'object' && 'ir' in each,
)
/** Those about objects of Kubernetes; the others have no template. */
const ofKubernetes = trialPolicies.filter(({ ir }) => ir.target.kinds !== undefined)
const policies: readonly Policy[] = [...policiesOf([podSecurity]), ...ofKubernetes]

/** Parameters that policies require. */
const needed: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  // `gator test` judges the templates too
  'trial/labels': { labels: [] },
  'trial/ratios': { ratio: 2 },
  'trial/registries': { repositories: ['registry.example.com'] },
  'trial/removed-apis': { version: '1.25', table: [] },
}

it('gives no template to a policy about something else', () => {
  const others = trialPolicies.filter((each) => !ofKubernetes.includes(each))
  expect(others.length).toBeGreaterThan(0)
  for (const each of others) expect(() => templateOf(each)).toThrow('which is no object of Kubernetes')
})

/** What gator says of a folder of suites. */
function verified(files: readonly { readonly path: string; readonly content: string }[]): {
  readonly status: number | null
  readonly output: string
} {
  return withFiles(
    files.map(({ path, content }) => ({ path, text: content })),
    (folder) => {
      const { status, stdout, stderr } = spawnSync(
        binaries('gator').gator,
        ['verify', '--verbose', `${folder}/...`],
        { encoding: 'utf8', maxBuffer: 1 << 28 },
      )
      return { status, output: `${stdout}${stderr}` }
    },
  )
}

const passes = (output: string): number =>
  output.split('\n').filter((line) => /^\s+--- PASS: /.test(line)).length

describe.each(['v1', 'v0'] as const)('Rego %s', (regoVersion) => {
  it('gator takes every template with a constraint of it', () => {
    const documents = templatesOf(policies, { regoVersion }).flatMap((template) => {
      const found = policies.find(
        ({ id }) => id === template.metadata.annotations?.['gatewright.dev/policy'],
      ) as Policy
      return [template, constraint(found, { name: 'all', parameters: needed[found.id] ?? {} })]
    })
    expect(tested(documents as unknown as readonly Json[])).toEqual([])
  })

  it('C11: `opa check --strict` and `opa fmt` have nothing against any', () => {
    const files = templatesOf(policies, { regoVersion }).map(({ metadata, spec }) => {
      const [target] = spec['targets'] as unknown as readonly {
        readonly rego?: string
        readonly code?: readonly {
          readonly engine: string
          readonly source: { readonly version: string; readonly rego: string }
        }[]
      }[]
      const code = target?.code?.[0]
      if (regoVersion === 'v1') expect(code).toMatchObject({ engine: 'Rego', source: { version: 'v1' } })
      else expect(code).toBeUndefined()
      return { path: `${metadata.name}.rego`, text: code?.source.rego ?? target?.rego ?? '' }
    })
    expect(files.every(({ text }) => text.includes('package gatewright'))).toBe(true)
    expect(complaints(files, ...(regoVersion === 'v0' ? ['--v0-compatible'] : []))).toBe('')
  })

  it("gator verifies the suites of the library's cases, and fails those that say otherwise", () => {
    const suites = new Map<Policy, SuiteCase[]>()
    for (const { id, group, parameters, objects, expect: expected, violations } of libraryCases) {
      const of = libraryPolicies[group] as Policy
      const each: SuiteCase = {
        name: id,
        object: objects[0] as Json,
        parameters: (parameters ?? {}) as Readonly<Record<string, Json>>,
        violations: violations || (expected === 'fail' ? 'yes' : 'no'),
      }
      suites.set(of, [...(suites.get(of) ?? []), each])
    }
    const plan = (turned: boolean): ReturnType<typeof gatekeeperFiles> =>
      gatekeeperFiles({
        policies: [...new Map([...suites.keys()].map((each) => [each.id, each])).values()],
        constraints: [],
        regoVersion,
        suites: Object.fromEntries(
          [...suites].map(([{ id }, cases]) => [
            id,
            cases.map((each) =>
              turned ? { ...each, violations: each.violations === 'no' ? 'yes' : 'no' } : each,
            ),
          ]),
        ),
      })
    const right = verified(plan(false))
    expect(right.status, right.output).toBe(0)
    expect(passes(right.output)).toBeGreaterThanOrEqual(libraryCases.length)
    const wrong = verified(plan(true))
    expect(wrong.status).not.toBe(0)
    expect(
      wrong.output.split('\n').filter((line) => /--- FAIL: .*\t/.test(line)).length,
    ).toBeGreaterThanOrEqual(libraryCases.length)
  })

  it('a suite brings its inventory, and asks for messages', () => {
    const named = policy({
      id: 'test/known-namespace',
      title: 'Deployments stand in labelled namespaces',
      severity: 'low',
      target: deployments,
      rule: ({ object, cluster }) =>
        cluster
          .list(namespaces)
          .some((each) => each.metadata.name.is(object.metadata.namespace.default('')).ifMissing(false))
          .not()
          .deny({ message: message`the namespace (${object.metadata.namespace}) is unknown` }),
    })
    const object = (namespace: string): Json => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: { selector: {}, template: { spec: { containers: [] } } },
    })
    const inventory: readonly Json[] = ['shop', 'bank'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    }))
    const judge = evaluator([named], { inventory: inventoryOf(inventory, { complete: true }) })
    const said = judge.evaluateJson(object('none')).judgements[0]?.verdict.violations[0]?.message as string
    expect(said).toBe('the namespace (none) is unknown')
    const files = (messages: readonly string[]): ReturnType<typeof gatekeeperFiles> =>
      gatekeeperFiles({
        policies: [named],
        constraints: [],
        regoVersion,
        suites: {
          [named.id]: [
            { object: object('shop'), inventory, violations: 'no' },
            { object: object('none'), inventory, violations: 1, messages },
          ],
        },
      })
    const { status, output } = verified(files([said]))
    expect(status, output).toBe(0)
    expect(verified(files(['the namespace none is unknown'])).status).not.toBe(0)
    expect(files([]).map(({ path }) => path)).toContain('templates/sync-set.yaml')
  })
})
