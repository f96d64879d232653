import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { randomObjects } from '../engines/random-objects.js'
import { Dice } from '../fuzz/dice.js'

// threads run what is built
const root = fileURLToPath(new URL('../../', import.meta.url))
const load = async <T>(path: string): Promise<T> => (await import(join(root, path))) as T
const { evaluatorInThreads } = await load<typeof import('@gatewright/evaluator/threads')>(
  'packages/evaluator/dist/threads.js',
)
const { evaluator } = await load<typeof import('@gatewright/evaluator')>('packages/evaluator/dist/index.js')
const { podSecurity } = await load<typeof import('@gatewright/pod-security')>(
  'policies/pod-security/dist/index.js',
)

const plain = evaluator([podSecurity])
const open: { close(): Promise<void> }[] = []
afterAll(async () => {
  for (const each of open) await each.close()
})

async function inThreads(options: object): Promise<Awaited<ReturnType<typeof evaluatorInThreads>>> {
  const made = await evaluatorInThreads([podSecurity], options)
  open.push(made)
  return made
}

it('threads say what an evaluator says, however many are asked at once, and E1: errors are errors', async () => {
  const threads = await inThreads({ threads: 2 })
  const dice = new Dice(1)
  const texts = randomObjects(1, 300).map((each) => {
    const text = JSON.stringify(each)
    return dice.one([text, text, Buffer.from(text), text.slice(0, -2), `${text}x`, '[]', ''])
  })
  const evaluations = await Promise.all(texts.map((each) => threads.evaluateText(each)))
  for (const [i, text] of texts.entries()) expect(evaluations[i]).toEqual(plain.evaluateText(text))
  expect((await threads.evaluateText(undefined as never)).problem?.code).toBe('bad-input')
})

it('bytes that are written over are judged as they were', async () => {
  const threads = await inThreads({ threads: 1 })
  const [object] = randomObjects(4, 1)
  const bytes = Buffer.from(JSON.stringify(object))
  const evaluation = threads.evaluateText(bytes)
  const expected = plain.evaluateText(bytes)
  bytes.fill(0)
  expect(await evaluation).toEqual(expected)
})

it('E7: what takes too long is an error, and the next evaluation is right', async () => {
  const threads = await inThreads({ threads: 1, timeout: 1 })
  const containers = Array.from({ length: 50_000 }, (_, i) => ({ name: `c${i}`, image: 'nginx' }))
  const large = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: { containers } })
  const failed = await threads.evaluateText(large)
  expect(failed.problem?.code).toBe('engine-failed')
  expect(failed.judgements.every(({ verdict }) => verdict.verdict === 'error')).toBe(true)
  const patient = await inThreads({ threads: 1, timeout: 60_000 })
  expect((await patient.evaluateText(large)).problem).toBeUndefined()
})

it('closing answers what waits, with errors', async () => {
  const threads = await inThreads({ threads: 1 })
  const text = JSON.stringify(randomObjects(2, 1)[0])
  const waiting = Array.from({ length: 20 }, () => threads.evaluateText(text))
  await threads.close()
  for (const each of await Promise.all(waiting))
    expect(each.problem === undefined || each.problem.code === 'engine-failed').toBe(true)
  expect((await threads.evaluateText(text)).problem?.code).toBe('engine-failed')
})
