import { canonicalText, isNumber, isObject, type Json, kindOf } from '@gatewright/core'
import { findResource } from '@gatewright/kubernetes'
import { readDocuments } from '@gatewright/sources'
import { beforeAll, expect, inject, it, vi } from 'vitest'
import { YamlCases } from '../engines/yaml-cases.js'
import { seeded } from '../fuzz/random-policies.js'
import { inParallel } from './in-parallel.js'
import { type Answer, Api, apiPath } from './rig/api.js'
import { scalars, yamlManifests } from './yaml-manifests.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 3000)
const api = new Api(inject('cluster'))

const anything = { group: 'test.gatewright.dev', version: 'v1', plural: 'anythings' }

/** A resource whose `spec` may be any value, which the server stores as it reads it. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${anything.plural}.${anything.group}` },
  spec: {
    group: anything.group,
    scope: 'Namespaced',
    names: { plural: anything.plural, singular: 'anything', kind: 'Anything' },
    versions: [
      {
        name: anything.version,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
    ],
  },
}

beforeAll(async () => {
  const crds = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' }
  await api.apply(apiPath(crds, undefined, definition.metadata.name), definition)
  const one = { apiVersion: 'test.gatewright.dev/v1', kind: 'Anything', metadata: { name: 'one' } }
  await vi.waitUntil(async () => (await dryRun(apiPath(anything, 'default'), one, 'json')).status === 201, {
    timeout: 30_000,
  })
})

/** Under strict validation a key that overrides a merged one would be refused; kubectl takes it. */
function dryRun(path: string, body: unknown, type: 'yaml' | 'json'): Promise<Answer> {
  return api.send('POST', `${path}?dryRun=All&fieldValidation=Ignore`, body, {
    'content-type': `application/${type}`,
  })
}

/** The one document of a text; undefined where we refuse to read it. */
function ours(text: string): Json | undefined {
  const { documents, problems } = readDocuments(text, { name: 'case', expect: 'any' })
  return problems.length > 0 ? undefined : documents[0]?.value
}

/** What a JSON text of the server's says, with every digit. */
const theirs = (json: string): Json =>
  readDocuments(json, { name: 'answer', expect: 'any' }).documents[0]?.value ?? null

/** A value as the server keeps what has no type: whole numbers of 64 bits exactly, all others as doubles. */
function kept(value: Json): Json {
  if (isNumber(value)) {
    const whole = typeof value === 'bigint' ? value : undefined
    return whole !== undefined && BigInt.asIntN(64, whole) === whole ? value : Number(canonicalText(value))
  }
  if (Array.isArray(value)) return value.map((item) => kept(item as Json))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, kept(item)]))
}

it(`${runs} random texts are stored as what we read them to be (seed ${seed})`, async () => {
  const random = new YamlCases(seed)
  const texts = Array.from({ length: runs }, (_, i) =>
    i % 2 === 0 ? random.scalars() : random.structure([0, 0.05, 0.2][i % 3] ?? 0),
  ).filter((text) => text.isWellFormed() && !/^(?:---|\.\.\.|%)/m.test(text))
  const counts = { same: 0, 'both refuse': 0, 'we refuse': 0 }
  const wrong: string[] = []
  await inParallel(8, texts, async (inner) => {
    const indented = inner.replaceAll(/^(?=.)/gm, '  ')
    const text = `apiVersion: test.gatewright.dev/v1\nkind: Anything\nmetadata: {name: case}\nspec:\n${indented}`
    const read = ours(text)
    const answer = await dryRun(apiPath(anything, 'default'), text, 'yaml')
    const accepted = answer.status < 300
    if (read === undefined) counts[accepted ? 'we refuse' : 'both refuse']++
    else if (!accepted) wrong.push(`refused ${answer.text}\n${text}`)
    else {
      const { spec = null } = theirs(answer.text) as { readonly spec?: Json }
      const { spec: own = null } = read as { readonly spec?: Json }
      if (canonicalText(kept(spec)) === canonicalText(kept(own))) counts.same++
      else wrong.push(`ours ${canonicalText(own)}\ntheirs ${canonicalText(spec)}\n${text}`)
    }
  })
  console.log(counts)
  expect(wrong.slice(0, 5)).toEqual([])
  expect(counts.same).toBeGreaterThan(runs / 3)
  expect(counts['we refuse']).toBeLessThan(runs / 10)
})

/** An answer without what differs from one request to the next. */
function comparable({ status, text }: Answer): string {
  const answer = theirs(text)
  if (!isObject(answer) || !isObject(answer['metadata'] ?? null)) return `${status} ${text}`
  const {
    uid: _,
    creationTimestamp: __,
    managedFields: ___,
    ...metadata
  } = answer['metadata'] as Record<string, Json>
  return `${status} ${canonicalText({ ...answer, metadata })}`
}

it(`${runs} manifests with odd scalars, anchors and edits get the answer that our reading gets (seed ${seed})`, async () => {
  const random = seeded(seed)
  const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const edits = new YamlCases(seed)
  const texts = Array.from({ length: runs }, () => {
    const text = one(yamlManifests).replaceAll(/«(.*?)»/g, (_, usual: string) =>
      random() < 0.08 ? one(scalars) : usual,
    )
    const edited = random() < 0.5 ? text : edits.mutated(text)
    // kubectl ends the last line before it reads
    return edited.endsWith('\n') ? edited : `${edited}\n`
  }).filter((text) => text.isWellFormed() && !/^(?:---|\.\.\.|%)/m.test(text))
  const counts = { accepted: 0, refused: 0, 'both refuse to read': 0, 'we refuse to read': 0 }
  const wrong: string[] = []
  await inParallel(8, texts, async (text) => {
    const read = ours(text)
    // what we cannot read goes where the manifest was made for
    const kind = kindOf(read) ?? { group: '', version: 'v1', kind: /^kind: (\w+)/m.exec(text)?.[1] ?? '' }
    const resource = findResource(kind) ?? findResource({ group: 'apps', kind: kind.kind })
    if (resource === undefined) return
    const path = apiPath(resource, resource.namespaced ? 'default' : undefined)
    const answer = await dryRun(path, text, 'yaml')
    if (read === undefined) {
      counts[answer.status < 300 ? 'we refuse to read' : 'both refuse to read']++
      return
    }
    const own = await dryRun(path, canonicalText(read), 'json')
    if (comparable(own) === comparable(answer)) counts[answer.status < 300 ? 'accepted' : 'refused']++
    else wrong.push(`ours ${comparable(own)}\ntheirs ${comparable(answer)}\n${text}`)
  })
  console.log(counts)
  expect(wrong.slice(0, 5)).toEqual([])
  expect(counts.accepted).toBeGreaterThan(runs / 5)
  expect(counts.refused).toBeGreaterThan(runs / 20)
  expect(counts['we refuse to read']).toBeLessThan(runs / 20)
})
