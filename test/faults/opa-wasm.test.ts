import { gzipSync } from 'node:zlib'
import { emitWasm } from '@gatewright/compiler'
import type { Json } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import { privilegedContainers } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { loadOpaModule, OpaLoadError, OpaModule } from '../../packages/evaluator/src/opa-wasm/index.js'
import { readAnswer } from '../../packages/evaluator/src/opa-wasm/read-answer.js'

const { bytes, entryPoints } = emitWasm([{ ir: checkedIr(privilegedContainers) }])
const entrypoint = entryPoints[1] as string
const pod = (privileged: boolean, more: object = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { containers: [{ name: 'c', image: 'nginx', securityContext: { privileged } }] },
  ...more,
})
const review = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { operation: 'CREATE', object: pod(true) },
}
const text = JSON.stringify(pod(true))

const codeOf = (make: () => unknown): Promise<string> =>
  Promise.resolve()
    .then(make)
    .then(
      () => 'it was loaded',
      (error: unknown) => (error instanceof OpaLoadError ? error.code : String(error)),
    )

describe('F6, E1: whatever the input is, no evaluation finds nothing for want of looking', () => {
  const module = new OpaModule(bytes, { entrypoint })

  it.each<readonly [string, unknown]>([
    ['an object', pod(true)],
    ['its text', text],
    ['its bytes', new TextEncoder().encode(text)],
    ['a buffer', Buffer.from(text)],
    ['a part of a buffer', Buffer.from(`xx${text}xx`).subarray(2, -2)],
    ['an AdmissionReview', review],
    ['the text of one', JSON.stringify(review)],
  ])('%s is judged', (_, input) => {
    expect(module.evaluate(input)).toMatchObject({ verdict: 'denied', violations: [{ policy: entrypoint }] })
  })

  it.each<readonly [string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['false', false],
    ['0', 0],
    ['an empty text', ''],
    ['no bytes', new Uint8Array()],
    ['a list', [pod(true)]],
    ['a text that is a text', JSON.stringify(text)],
    ['the half of a text', text.slice(0, 50)],
    ['a text with something behind it', `${text}}`],
    ['bytes that are no UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d])],
    ['a map', new Map([['kind', 'Pod']])],
    ['a date', new Date(0)],
    ['a promise', Promise.resolve(pod(true))],
    ['an ArrayBuffer', new TextEncoder().encode(text).buffer],
    ['1,001 levels', Array.from({ length: 1001 }).reduce<unknown>((inner) => ({ inner }), {})],
    ['the text of 100,000 levels', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('%s is an error, and the next evaluation is right', (_, input) => {
    expect(module.evaluate(input)).toMatchObject({ verdict: 'error', violations: [] })
    expect(module.evaluate(pod(true)).verdict).toBe('denied')
    expect(module.evaluate(pod(false)).verdict).toBe('allowed')
  })
})

describe('F6: what is loaded answers what it was asked', () => {
  it('an entry point that is not there, or not said', async () => {
    expect(await codeOf(() => loadOpaModule(bytes))).toBe('no-entry-point')
    for (const each of ['gatewright/none', 'constructor', '__proto__', ''])
      expect(await codeOf(() => loadOpaModule(bytes, { entrypoint: each }))).toBe('no-entry-point')
  })

  it('bytes that are no module, or another one', async () => {
    const empty = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    for (const each of [empty, new Uint8Array(), bytes.subarray(0, -1), Uint8Array.from([...bytes, 7])])
      expect(await codeOf(() => loadOpaModule(each, { entrypoint }))).toBe('bad-module')
  })

  it('a shape of input that nobody said', async () => {
    expect(await codeOf(() => loadOpaModule(bytes, { entrypoint: 'gatewright/decisions' }))).toBe(
      'unknown-shape',
    )
    const all = await loadOpaModule(bytes, { entrypoint: 'gatewright/decisions', shape: 'as-given' })
    expect(all.evaluate(pod(false))).toMatchObject({
      verdict: 'error',
      reasons: [{ code: 'not-a-decision' }],
    })
  })

  it('data that is none', async () => {
    for (const data of [null, [], 'x', '[]', { a: () => 1 }])
      expect(await codeOf(() => loadOpaModule(bytes, { entrypoint, data }))).toBe('bad-data')
  })

  it('memory that is exhausted is an error, and the next evaluation is right', () => {
    const small = new OpaModule(bytes, { entrypoint, memory: { initial: 5, maximum: 16 } })
    const large = JSON.stringify(pod(true, { metadata: { name: 'x'.repeat(2 << 20) } }))
    for (let i = 0; i < 20; i++) {
      expect(small.evaluate(large)).toMatchObject({ verdict: 'error', reasons: [{ code: 'engine-failed' }] })
      expect(small.evaluate(pod(true)).verdict).toBe('denied')
    }
  })

  it('data from one evaluation to the next', () => {
    const module = new OpaModule(bytes, { entrypoint })
    const exempting = (exemptImages: Json): Json => ({
      gatewright: { parameters: { [privilegedContainers.id]: { exemptImages } } },
    })
    for (let i = 0; i < 20; i++) {
      module.setData(exempting(['nginx']))
      expect(module.evaluate(pod(true)).verdict).toBe('allowed')
      module.setData(JSON.stringify(exempting([])))
      expect(module.evaluate(pod(true)).verdict).toBe('denied')
      expect(() => module.setData('{')).toThrow(OpaLoadError)
      module.setData(exempting(7))
      expect(module.evaluate(pod(true)).verdict).toBe('error')
    }
  })
})

describe('F6: an answer that is no decision is an error, never "no violations"', () => {
  const read = (result: unknown): unknown =>
    readAnswer([{ result }], { policy: 'p', severity: 'high' }).verdict

  it.each<readonly [string, unknown]>([
    ['no result', []],
    ['no set', {}],
    ['undefined', undefined],
    ['two results', [{ result: [] }, { result: [] }]],
    ['another result', [{ expressions: [] }]],
    ['null in it', [null]],
  ])('%s', (_, answer) => {
    expect(readAnswer(answer, { policy: 'p', severity: 'high' }).verdict).toBe('error')
  })

  it.each<readonly [unknown, string]>([
    [[], 'allowed'],
    [['privileged'], 'denied'],
    [[{ msg: 'privileged', details: { a: 1 } }], 'denied'],
    [[{ message: 'privileged', at: 'x' }], 'denied'],
    [{ violation: [], deny: [] }, 'allowed'],
    [{ violation: [], deny: ['no'], warn: [] }, 'denied'],
    [{ verdict: 'allowed', violations: [], reasons: [] }, 'allowed'],
    [{ verdict: 'invalid', violations: [], reasons: [{ code: 'a', message: 'b', at: ['c', 0] }] }, 'invalid'],
    [true, 'error'],
    [false, 'error'],
    [null, 'error'],
    ['text', 'error'],
    [{}, 'error'],
    [{ allow: true }, 'error'],
    [{ warn: [] }, 'error'],
    [{ violation: true }, 'error'],
    [{ violation: [], deny: {} }, 'error'],
    [[7], 'error'],
    [[{}], 'error'],
    [[{ msg: 7 }], 'error'],
    [['no', null], 'error'],
    [{ verdict: 'yes', violations: [], reasons: [] }, 'error'],
    [{ verdict: 'allowed' }, 'error'],
    [{ verdict: 'allowed', violations: [{}], reasons: [] }, 'error'],
    [{ verdict: 'allowed', violations: [], reasons: [{ code: 'a', message: 'b' }] }, 'error'],
    [{ verdict: 'denied', violations: [], reasons: [] }, 'error'],
    [{ verdict: 'not-applicable', violations: [], reasons: [] }, 'error'],
    [
      { verdict: 'denied', violations: [{ at: [], code: 'a', message: 7, details: {} }], reasons: [] },
      'error',
    ],
  ])('%j: %s', (result, verdict) => expect(read(result)).toBe(verdict))
})

describe('F6: a bundle that cannot be read whole is refused', () => {
  const manifest = JSON.stringify({
    revision: '',
    roots: [''],
    wasm: [{ entrypoint, module: '/policy.wasm' }],
  })
  const good = { '/data.json': '{}', '/policy.wasm': bytes, '/.manifest': manifest }
  const load = (files: Readonly<Record<string, string | Uint8Array>>, options = {}): Promise<OpaModule> =>
    loadOpaModule(gzipSync(tar(Object.entries(files))), options)

  it('one that is whole', async () => {
    const parameters = { [privilegedContainers.id]: { exemptImages: ['nginx'] } }
    expect((await load(good)).evaluate(pod(true)).verdict).toBe('denied')
    for (const files of [
      { ...good, '/data.json': JSON.stringify({ gatewright: { parameters } }) },
      { ...good, '/gatewright/data.json': JSON.stringify({ parameters }) },
      {
        ...good,
        '/data.json': '{"other":1}',
        '/gatewright/parameters/data.json': JSON.stringify(parameters),
      },
    ])
      expect((await load(files)).evaluate(pod(true)).verdict).toBe('allowed')
    expect((await load(good, { entrypoint })).entryPoint).toBe(entrypoint)
    expect((await load({ 'policy.wasm': bytes }, { entrypoint })).evaluate(pod(true)).verdict).toBe('denied')
  })

  it('long names, folders and extended headers', async () => {
    const long = `${'folder/'.repeat(20)}data.json`
    const entries: readonly (readonly [string, string | Uint8Array, string?])[] = [
      ['folder/', '', '5'],
      ['pax', `${`path=${long}\n`.length + 4} path=${long}\n`, 'x'],
      ['short', '{"a":1}', '0'],
      ...Object.entries(good),
    ]
    expect((await loadOpaModule(gzipSync(tar(entries)), {})).evaluate(pod(true)).verdict).toBe('denied')
  })

  const archive = tar(Object.entries(good))
  const changed = (change: (copy: Uint8Array) => void): Uint8Array => {
    const copy = archive.slice()
    change(copy)
    return copy
  }
  it.each<readonly [string, () => Uint8Array]>([
    ['cut in a file', () => gzipSync(archive.subarray(0, 1200))],
    ['without its end', () => gzipSync(archive.subarray(0, -1024))],
    ['empty', () => gzipSync(new Uint8Array())],
    ['with something behind it', () => gzipSync(Buffer.concat([archive, Buffer.from('x')]))],
    ['cut where it is packed', () => gzipSync(archive).subarray(0, -20)],
    ['with bytes behind what is packed', () => Buffer.concat([gzipSync(archive), Buffer.from('x')])],
    ['with a byte of a header changed', () => gzipSync(changed((copy) => (copy[3] = 0x7a)))],
    ['with a link', () => gzipSync(tar([...Object.entries(good), ['link', '', '2']]))],
    ['with a device', () => gzipSync(tar([...Object.entries(good), ['null', '', '3']]))],
    ['with a name twice', () => gzipSync(tar([...Object.entries(good), ['./data.json', '{}']]))],
    ['with a name that leads out', () => gzipSync(tar([...Object.entries(good), ['../data.json', '{}']]))],
    ['with data that is no JSON', () => gzipSync(tar(Object.entries({ ...good, '/data.json': '{' })))],
    ['with data in YAML', () => gzipSync(tar(Object.entries({ ...good, '/data.yaml': 'a: 1' })))],
    [
      'with data said twice',
      () => gzipSync(tar(Object.entries({ ...good, '/data.json': '{"a":1}', '/a/data.json': '{}' }))),
    ],
    ['with a manifest that is no JSON', () => gzipSync(tar(Object.entries({ ...good, '/.manifest': '' })))],
    ['with a module that is not there', () => gzipSync(tar(Object.entries({ '/.manifest': manifest })))],
    ['without a module', () => gzipSync(tar(Object.entries({ '/data.json': '{}' })))],
    ['that is a bomb', () => gzipSync(Buffer.alloc(300 << 20))],
  ])('one %s', async (_, make) => {
    expect(await codeOf(() => loadOpaModule(make(), { entrypoint }))).toBe('bad-bundle')
  })

  it('one cut anywhere', async () => {
    const packed = gzipSync(archive)
    for (let size = 3; size < packed.length; size += 997)
      expect(await codeOf(() => loadOpaModule(packed.subarray(0, size), { entrypoint }))).toBe('bad-bundle')
  })
})

/** A tar archive as Go writes it. */
function tar(
  files: readonly (readonly [name: string, content: string | Uint8Array, type?: string])[],
): Uint8Array {
  const blocks = files.flatMap(([name, content, type = '0']) => {
    const body = Buffer.from(content as Uint8Array)
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write('0000644\0', 100)
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write(`        ${type}`, 148)
    header.write('ustar\u000000', 257)
    const sum = header.reduce((all, byte) => all + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}
