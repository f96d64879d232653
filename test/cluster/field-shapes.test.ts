import {
  allOf,
  anyOf,
  type Condition,
  inputPath,
  type Json,
  kindOf,
  type ObjectSchema,
  type Path,
  pathText,
  policy,
  type Policy,
  type ReadTree,
  readsOf,
  type Schema,
  type Verdict,
} from '@gatewright/core'
import { evaluator, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import {
  customResource,
  definition,
  findResource,
  type ServedResource,
  servedResources,
  unknownFields,
} from '@gatewright/kubernetes'
import { podSecurity } from '@gatewright/pod-security'
import { expect, inject, it } from 'vitest'
import { seeded } from '../fuzz/random-policies.js'
import { inParallel } from './in-parallel.js'
import { manifests } from './manifests.js'
import { misshapen } from './misshapen-objects.js'
import { RandomObjects } from './random-objects.js'
import { Api, apiPath, apiVersionOf } from './rig/api.js'
import { kubernetesVersion } from '../binaries.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 4000)
const random = seeded(seed)
const api = new Api(inject('cluster'))

/** An object to be made, and what is out of shape in it; nothing is where the path is empty. */
interface Case {
  readonly of: ServedResource
  readonly schema: ObjectSchema
  readonly object: Json
  readonly path: Path
  readonly change: 'key' | 'value'
}

function cases(): Case[] {
  const objects = new RandomObjects(random)
  const creatable = servedResources().filter(
    ({ from, to, kind }) =>
      from <= kubernetesVersion && kubernetesVersion <= to && !['Binding', 'ComponentStatus'].includes(kind),
  )
  return Array.from({ length: runs }, (_, i) => {
    const base =
      i % 2 === 0
        ? (manifests[(i / 2) % manifests.length] as Json)
        : objects.of(creatable[i % creatable.length] as ServedResource, kubernetesVersion)
    const of = findResource(kindOf(base) ?? { group: '', kind: '' }) as ServedResource
    const schema = definition(of.definition, kubernetesVersion) as ObjectSchema
    const right = { object: base, path: [], change: 'value' as const }
    return { of, schema, ...(random() < 0.1 ? right : misshapen(base, schema, random)) }
  })
}

/**
 * What the server says of an object. Beyond the shape of values it asks for their grammar and range (quantities, base64, the
 * width of integers), which the language's types do not say; that is told apart.
 */
type Said =
  | 'takes it'
  | 'unknown field'
  | 'type'
  | 'grammar or range'
  | 'refuses it for what it says'
  | 'falls over'

interface ServerAnswer {
  readonly said: Said
  readonly message: string
  readonly unknown: readonly string[]
}

async function serverSays({ object, of }: Case): Promise<ServerAnswer> {
  const path = apiPath(of, of.namespaced ? 'default' : undefined)
  const answer = await api
    .send('POST', `${path}?dryRun=All&fieldValidation=Strict`, object)
    .catch((error: NodeJS.ErrnoException) => error)
  if (answer instanceof Error) {
    // some objects that make no sense are too much for it: it ends the connection, and is there for the next
    if (answer.code !== 'ECONNRESET') throw answer
    return { said: 'falls over', message: answer.message, unknown: [] }
  }
  const { status, text } = answer
  const { message = '' } = JSON.parse(text) as { readonly message?: string }
  const unknown = [...message.matchAll(/unknown field "([^"]*)"/g)].map(([, field]) => String(field))
  return { said: status < 300 ? 'takes it' : reason(message), message, unknown }
}

function reason(message: string): Said {
  if (message.includes('strict decoding error')) return 'unknown field'
  if (/cannot unmarshal number \S+ into .* of type u?(int|float)/.test(message)) return 'grammar or range'
  if (message.includes('cannot unmarshal')) return 'type'
  return message.includes('cannot be handled as') ? 'grammar or range' : 'refuses it for what it says'
}

/** An expression, as far as a path through any object needs it. */
interface Readable {
  exists(): Condition
  some(condition: (item: Readable) => Condition): Condition
  at(index: number): Readable
  get(key: string): Readable
  values(): Readable
}

/** A policy that asks for the value at a path and for what it consists of, so that it reads exactly that. */
function reader({ of, schema, path }: Case): Policy {
  return policy({
    id: 'test/reader',
    title: 'Reads one value',
    severity: 'low',
    target: customResource<object>(apiVersionOf(of), of.kind, { schema }),
    rule: ({ object }) => {
      let at: Schema = schema
      let value = object as unknown as Readable
      for (const step of path) {
        if (at.type === 'list') [at, value] = [at.items, value.at(Number(step))]
        else if (at.type === 'map') [at, value] = [at.values, value.get(String(step))]
        else if (at.type === 'object')
          [at, value] = [at.fields[step]?.schema as Schema, Reflect.get(value, step) as Readable]
      }
      const parts = at.type === 'list' ? [value] : at.type === 'map' ? [value.values()] : []
      const asked = [value.exists(), ...parts.map((each) => each.some((part) => part.exists()))]
      // never denied, since a denial would go before the shape
      return allOf(anyOf(...asked), asked[0]?.not() as Condition).deny({ message: 'it is and is not there' })
    },
  })
}

/** Whether a policy's conditions look at the value at a path, or at something that would be under it. */
function isRead({ ir }: Policy, { object, path }: Case): boolean {
  const kind = kindOf(object) ?? { group: '', kind: '' }
  return [...readsOf(ir).all].some(([name, tree]) => {
    const binding = ir.target.inputs[name]
    const root = binding?.root === 'object' ? inputPath(binding, kind) : undefined
    if (root === undefined) return false
    if (path.length <= root.length) return path.every((step, i) => step === root[i])
    return root.every((step, i) => step === path[i]) && reaches(tree, path.slice(root.length))
  })
}

function reaches(tree: ReadTree | undefined, [step, ...rest]: Path): boolean {
  if (tree === undefined || step === undefined) return tree !== undefined
  return typeof step === 'number'
    ? reaches(tree.elements, rest)
    : reaches(tree.fields.get(step), rest) || reaches(tree.values, rest)
}

const isOutOfShape = ({ reasons }: Verdict): boolean => reasons.some(({ code }) => code === 'wrong-type')

/** Go reads a list as bytes, where the API's documents say that there is a text. */
const isReadAsBytes = ({ object, path }: Case): boolean => {
  const value = path.reduce<Json | undefined>((of, key) => (of as Record<string, Json>)[key], object)
  return Array.isArray(value)
}

const pack = evaluator([podSecurity])

/** What is wrong with our verdicts on an object, given what the server says of it. */
function* disagreements(each: Case, { said, unknown }: ServerAnswer): Generator<string> {
  if (said === 'falls over') return
  const told = unknownFields(each.object, kubernetesVersion).map(({ path }) => pathText(path))
  if (said !== 'type' && said !== 'grammar or range' && told.sort().join() !== [...unknown].sort().join())
    yield `unknown fields: ours ${told.join()}, theirs ${unknown.join()}`
  if (each.change === 'key') return
  const readers = [javascriptEngine, referenceEngine].map(
    (engine) => evaluator([reader(each)], { engine }).evaluate(each.object).judgements[0]?.verdict as Verdict,
  )
  const judged = pack.evaluate(each.object).judgements
  if (said === 'type') {
    for (const { verdict } of readers) if (verdict !== 'invalid') yield `read and ${verdict}`
    for (const { policy, verdict } of judged) {
      if (['allowed', 'not-applicable'].includes(verdict.verdict) && isRead(policy, each))
        yield `${policy.id} reads it and gives ${verdict.verdict}`
    }
  }
  if (said === 'takes it' || said === 'refuses it for what it says') {
    const verdicts = [...readers, ...judged.map(({ verdict }) => verdict)]
    if (verdicts.some(isOutOfShape) && !isReadAsBytes(each)) yield 'called out of shape'
    if (said === 'takes it' && verdicts.some(({ verdict }) => verdict === 'error')) yield 'called an error'
    if (said === 'takes it' && judged.some(({ verdict }) => verdict.verdict === 'invalid'))
      yield 'called invalid'
  }
}

it(`${runs} objects, most of them out of shape, are called so where the API server does (seed ${seed})`, async () => {
  const counts: Partial<Record<Said, number>> = {}
  const wrong: string[] = []
  await inParallel(8, cases(), async (each) => {
    const answer = await serverSays(each)
    counts[answer.said] = (counts[answer.said] ?? 0) + 1
    for (const disagreement of disagreements(each, answer)) {
      wrong.push(
        `${disagreement}: ${each.of.kind} ${pathText(each.path)}: server ${answer.said} ${answer.message}\n${JSON.stringify(each.object)}`,
      )
    }
  })
  console.log(counts)
  expect(wrong.slice(0, 10)).toEqual([])
  for (const said of ['takes it', 'unknown field', 'type', 'refuses it for what it says'] as const)
    expect(counts[said], said).toBeGreaterThan(runs / 20)
})
