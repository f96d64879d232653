import type { WasmModule } from '@gatewright/compiler'
import { canonicalText, type Json, policy, type Verdict } from '@gatewright/core'
import {
  checkedIr,
  evaluator,
  inventoryOf,
  javascriptEngine,
  wasmEngine,
  WasmFailure,
} from '@gatewright/evaluator'
import { anyObject, pods } from '@gatewright/kubernetes'
import { podSecurity, privilegedContainers } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { compiled } from '../../packages/evaluator/src/wasm/engine.js'
import { PolicyModule } from '../../packages/evaluator/src/wasm/policy-module.js'
import { randomObjects } from '../engines/random-objects.js'
import { Dice } from '../fuzz/dice.js'

const pod = (privileged: boolean, more: object = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'nginx', securityContext: { privileged } }] },
  ...more,
})
const bytesOfModule = (compiled([checkedIr(privilegedContainers)]) as WasmModule).bytes
const good = JSON.stringify(pod(false))
const bad = JSON.stringify(pod(true))
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const judge = evaluator([privilegedContainers])
const verdictOf = (input: unknown): Verdict | undefined =>
  judge.evaluateText(input as string).judgements[0]?.verdict

/** The evaluation after one that failed. */
function nextIsRight(): void {
  expect(verdictOf(bytesOf(bad))?.verdict).toBe('denied')
  expect(verdictOf(bytesOf(good))?.verdict).toBe('allowed')
}

describe('E1: a text that is no object is an error, never an empty set of violations', () => {
  const texts: readonly (readonly [string, unknown])[] = [
    ['nothing', ''],
    ['blanks', ' \n'],
    ['null', 'null'],
    ['a list', `[${bad}]`],
    ['a text', '"text"'],
    ['an object as a text', JSON.stringify(bad)],
    ['a number', '7'],
    ['true', 'true'],
    ['the end missing', bad.slice(0, -1)],
    ['the half missing', bad.slice(0, bad.length / 2)],
    ['something behind', `${bad}x`],
    ['two objects', bad + bad],
    ['a NUL behind', `${bad}\0`],
    ['a byte-order mark', `\uFEFF${bad}`],
    ['YAML', 'kind: Pod'],
    ['a comma too many', bad.replace('}', ',}')],
    ['single quotes', bad.replaceAll('"', "'")],
    ['a number that is none', bad.replace('"p"', 'NaN')],
    ['a control character', bad.replace('"p"', '"\n"')],
    ['an unknown escape', bad.replace('"p"', '"\\x"')],
    ['an AdmissionReview without a request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'],
    [
      'an AdmissionReview of v2',
      `{"apiVersion":"admission.k8s.io/v2","kind":"AdmissionReview","request":{"object":${bad}}}`,
    ],
    ['a list of objects', `{"apiVersion":"v1","kind":"List","items":[${bad}]}`],
    ['undefined', undefined],
    ['no text', null],
    ['an object', pod(true)],
    ['a list of bytes', [...bytesOf(bad)]],
    ['a buffer without a view', bytesOf(bad).buffer],
  ]
  it.each(texts)('%s', (_, input) => {
    for (const each of typeof input === 'string' ? [input, bytesOf(input)] : [input]) {
      const { judgements, problem } = judge.evaluateText(each as string)
      expect(problem?.code).toBe('bad-input')
      expect(judgements[0]?.verdict).toMatchObject({ verdict: 'error', reasons: [{ code: 'bad-input' }] })
      nextIsRight()
    }
  })

  it('bytes that are no UTF-8', () => {
    const bytes = bytesOf(bad)
    bytes[bad.indexOf('nginx')] = 0xff
    expect(verdictOf(bytes)?.reasons[0]?.code).toBe('bad-input')
    nextIsRight()
  })

  it('what is wrong where no policy looks, unless reading is lax', () => {
    const lax = evaluator([privilegedContainers], { reading: 'lax' })
    const text = bad.replace('"p"', '"\\x"')
    expect(lax.evaluateText(text).judgements[0]?.verdict.verdict).toBe('denied')
    expect(verdictOf(text)?.verdict).toBe('error')
  })

  it('says nothing of what the text holds', () => {
    const secret = `{"kind":"Secret","data":"hunter2`
    expect(JSON.stringify(verdictOf(secret))).not.toContain('hunter2')
    expect(
      JSON.stringify(evaluator([privilegedContainers], { engine: javascriptEngine }).evaluateText(secret)),
    ).not.toContain('hunter2')
  })
})

it('E2: a policy that loops over much is stopped, as an error, and those beside it are not', () => {
  const nested = policy({
    id: 'test/nested',
    title: 'Every container with every other',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.containers.each((a) =>
        object.spec.containers.each((b) =>
          object.spec.containers
            .some((c) => c.name.is(a.name).and(c.name.isNot(b.name)))
            .deny({ message: 'found' }),
        ),
      ),
  })
  const containers = Array.from({ length: 300 }, (_, i) => ({ name: `c${i}`, image: 'nginx' }))
  const text = JSON.stringify(pod(true, { spec: { containers } }))
  const of = [nested, privilegedContainers]
  const evaluation = evaluator(of).evaluateText(text)
  expect(evaluation).toEqual(evaluator(of, { engine: javascriptEngine }).evaluateText(text))
  expect(evaluation.judgements.map(({ verdict }) => verdict.verdict)).toEqual(['error', 'allowed'])
  expect(evaluation.judgements[0]?.verdict.reasons[0]?.code).toBe('budget-exceeded')
  nextIsRight()
})

describe('E3: what is too large or too deep is an error, and the next evaluation is right', () => {
  it('a depth of 10,001', () => {
    for (const [open, shut] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${open.repeat(10_001)}1${shut.repeat(10_001)}`
      expect(verdictOf(bad.replace('"p"', deep))?.reasons[0]?.code).toBe('bad-input')
      nextIsRight()
    }
  })

  it('100,000 containers are judged', () => {
    const containers = Array.from({ length: 100_000 }, () => ({ image: 'nginx' }))
    const last = { name: 'last', image: 'nginx', securityContext: { privileged: true } }
    const text = JSON.stringify(pod(true, { spec: { containers: [...containers, last] } }))
    expect(verdictOf(text)?.violations.map(({ at }) => at)).toEqual([
      ['spec', 'containers', 100_000, 'securityContext', 'privileged'],
    ])
    nextIsRight()
  })

  it('a text of 5 MB, which is parsed', () => {
    const large = pod(true, { metadata: { annotations: { a: 'x'.repeat(5_000_000) } } })
    expect(verdictOf(JSON.stringify(large))?.verdict).toBe('denied')
    const values = `[${'0,'.repeat(2_500_000)}0]`
    expect(verdictOf(bad.replace('"p"', values))?.reasons[0]?.code).toBe('bad-input')
    nextIsRight()
  })
})

describe('E7: an evaluation that breaks off is an error, and the next is right', () => {
  const data = '{}'
  const module = (pages: number): PolicyModule => new PolicyModule(bytesOfModule, pages)

  it('memory that is exhausted', () => {
    const small = module(16)
    const heavy = JSON.stringify(
      pod(true, {
        spec: {
          containers: Array.from({ length: 30_000 }, () => ({ securityContext: { privileged: true } })),
        },
      }),
    )
    for (let i = 0; i < 100; i++) {
      for (const each of [heavy, bytesOf(heavy), `"${'x'.repeat(4 << 20)}"`]) {
        expect(() => small.judge(each, data)).toThrow(WasmFailure)
        expect(small.judge(good, data)).toEqual([0])
        expect(small.judge(bad, data)).toMatchObject([{ verdict: 'denied' }])
      }
    }
  })

  it('data that is exhausting, or no JSON', () => {
    const small = module(16)
    for (const each of ['', '{', `{"a":"${'x'.repeat(2 << 20)}"}`]) {
      expect(() => small.judge(bad, each)).toThrow(WasmFailure)
      expect(small.judge(bad, data)).toMatchObject([{ verdict: 'denied' }])
    }
  })

  it('good and bad documents in turn', () => {
    const dice = new Dice(7)
    for (let i = 0; i < 3000; i++) {
      const text = dice.one([good, bad])
      const broken = dice.one([text.slice(0, dice.below(text.length)), `${text}}`, '{"a":"', '\0'])
      expect(verdictOf(broken)?.verdict).toBe('error')
      expect(verdictOf(text)?.verdict).toBe(text === good ? 'allowed' : 'denied')
    }
  })

  it('bytes that are no module', () => {
    const bytes = bytesOfModule
    for (const each of [
      bytes.subarray(0, 100),
      bytes.subarray(0, -1),
      new Uint8Array(),
      Uint8Array.from([...bytes, 1]),
    ])
      expect(() => new PolicyModule(each)).toThrow('WebAssembly.Module()')
  })
})

describe('E8: an evaluation does not hang on those before it', () => {
  const twice = policy({
    id: 'test/unique',
    title: 'Names are unique',
    severity: 'low',
    target: pods,
    rule: ({ object, cluster }) =>
      cluster
        .list(pods)
        .some((other) => other.metadata.name.is(object.metadata.name).ifMissing(false))
        .deny({ message: 'it is there already' }),
  })

  it('with parameters and inventories that change', () => {
    const dice = new Dice(3)
    const named = (name: string): Json => pod(true, { metadata: { name, namespace: 'default' } })
    const judges = [[], ['nginx'], ['other']].flatMap((exemptImages) =>
      [[], [named('p')], [named('p'), named('q'), named('q')]].flatMap((objects) =>
        [true, false].map((complete) => {
          const options = {
            parameters: { [privilegedContainers.id]: { exemptImages } },
            inventory: inventoryOf(objects, { complete }),
          }
          const of = [privilegedContainers, twice]
          return [
            evaluator(of, { ...options, engine: wasmEngine }),
            evaluator(of, { ...options, engine: javascriptEngine }),
          ] as const
        }),
      ),
    )
    for (let i = 0; i < 2000; i++) {
      const [wasm, javascript] = dice.one(judges)
      const object = dice.one([named('p'), named('q'), named('r'), pod(false)])
      const expected = javascript.evaluateJson(object)
      expect(wasm.evaluateJson(object)).toEqual(expected)
      expect(wasm.evaluateText(JSON.stringify(object))).toEqual(expected)
    }
  })

  it('with an inventory that fails, or says other things each time', () => {
    let answer: () => { items: readonly Json[]; complete: boolean } = () => ({ items: [], complete: true })
    const inventory = { list: () => answer() }
    const wasm = evaluator([twice], { inventory })
    const seen = (): string | undefined => wasm.evaluateText(bad).judgements[0]?.verdict.verdict
    expect(seen()).toBe('allowed')
    answer = () => ({ items: [pod(true)], complete: true })
    expect(seen()).toBe('denied')
    answer = () => ({ items: [], complete: false })
    expect(seen()).toBe('undetermined')
    answer = () => {
      throw new Error('the look-up failed')
    }
    expect(seen()).toBe('error')
    answer = () => ({ items: [], complete: true })
    expect(seen()).toBe('allowed')
  })

  it('in any order', () => {
    const objects = randomObjects(11, 200).map((each) => JSON.stringify(each))
    const pack = evaluator([podSecurity])
    const first = new Map(
      objects.map((each) => [
        each,
        canonicalText(pack.evaluateText(each).judgements.map(({ verdict }) => verdict) as never),
      ]),
    )
    const dice = new Dice(5)
    for (let i = 0; i < 2000; i++) {
      const each = dice.one(objects)
      expect(canonicalText(pack.evaluateText(each).judgements.map(({ verdict }) => verdict) as never)).toBe(
        first.get(each),
      )
    }
  })
})

describe('E9: numbers keep every digit', () => {
  const shown = policy({
    id: 'test/shown',
    title: 'A number is shown',
    severity: 'low',
    target: anyObject,
    rule: ({ object }) =>
      object.metadata.generation
        .exists()
        .deny({ message: 'there', details: { number: object.metadata.generation } }),
  })
  it.each(['9007199254740993', '0.1e400', '1e-400', '12345678901234567890.5', '1e100000'])('%s', (number) => {
    const text = `{"apiVersion":"v1","kind":"Pod","metadata":{"generation":${number}}}`
    const [judgement] = evaluator([shown]).evaluateText(text).judgements
    const [javascript] = evaluator([shown], { engine: javascriptEngine }).evaluateText(text).judgements
    expect(judgement).toEqual(javascript)
  })
  it.each(['generation', 'unread'])('an exponent beyond any is an error: %s', (key) => {
    const text = `{"apiVersion":"v1","kind":"Pod","metadata":{"${key}":1e100001}}`
    for (const options of [{}, { engine: javascriptEngine }])
      expect(evaluator([shown], options).evaluateText(text).problem?.code).toBe('bad-input')
  })
})

const evaluations = Number(process.env['GATEWRIGHT_WASM_EVALUATIONS'] ?? 20_000)

it(`E7: ${evaluations} evaluations in one instance take no more memory than the first ones`, () => {
  const module = new PolicyModule(bytesOfModule)
  const documents = [good, bad, `${bad}x`, '{"a":', JSON.stringify({ a: 'x'.repeat(100_000) })].map(bytesOf)
  const run = (i: number): void => {
    try {
      module.judge(documents[i % documents.length] as Uint8Array, '{}')
    } catch (error) {
      expect(error).toBeInstanceOf(WasmFailure)
    }
  }
  for (let i = 0; i < 100; i++) run(i)
  const before = module.memorySize
  for (let i = 0; i < evaluations; i++) run(i)
  expect(before).toBeGreaterThan(0)
  expect(module.memorySize).toBe(before)
}, 600_000)
