/** What a thread runs: it judges documents by a module, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { WasmFailure } from './module-instance.js'
import { PolicyModule } from './policy-module.js'
import type { Answer, Question, ThreadData } from './thread-pool.js'

const { bytes, strict } = workerData as ThreadData
const module = new PolicyModule(bytes)
let data = '{}'

parentPort?.on('message', (question: Question) => {
  data = question.data ?? data
  // a thread has no origin
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(answerTo(question.document))
})

function answerTo(document: Uint8Array | string): Answer {
  try {
    return { verdicts: module.judgeToText(document, data, { strict }) }
  } catch (error) {
    const { code, message } = error as WasmFailure
    return { failure: code, message }
  }
}
