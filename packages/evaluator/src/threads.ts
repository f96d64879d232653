import type { Policy, Profile } from '@gatewright/core'
import { type Evaluation, type EvaluatorOptions, stepwise } from './evaluate.js'
import { readVerdicts } from './wasm/module-instance.js'
import { failed, type TextVerdicts } from './wasm/text-judge.js'
import { type ThreadData, ThreadPool } from './wasm/thread-pool.js'

export interface ThreadOptions extends EvaluatorOptions {
  /** Threads at most; as many as there are processors by default. They start as they are needed. */
  readonly threads?: number
  /** Milliseconds that the module may take for one document, after which that is an error; no limit by default. */
  readonly timeout?: number
}

/** An evaluator whose module runs in other threads, so that a large document holds nobody up. */
export interface ThreadedEvaluator {
  readonly policies: readonly Policy[]
  /** As `evaluateText` of an evaluator; may be called again before it has answered. */
  evaluateText(input: string | Uint8Array): Promise<Evaluation>
  /** Ends the threads; what they have not answered becomes an error. */
  close(): Promise<void>
}

/**
 * Prepares policies to judge texts in threads of Node, for servers and scans. What a module cannot say is judged in this one, as an
 * evaluator does.
 */
export async function evaluatorInThreads(
  of: readonly (Policy | Profile)[],
  options: ThreadOptions = {},
): Promise<ThreadedEvaluator> {
  const { Worker } = await import('node:worker_threads')
  const { availableParallelism } = await import('node:os')
  const { threads = availableParallelism(), timeout, ...others } = options
  const { evaluator, steps } = stepwise(of, others)
  const file = new URL('./wasm/judging-thread.js', import.meta.url)
  const start = (workerData: ThreadData) => new Worker(file, { workerData })
  let pool: ThreadPool | undefined
  let isClosed = false
  return {
    policies: evaluator.policies,
    evaluateText: async (input) => {
      // the caller may write over its bytes before they are judged; `slice` of a Buffer would share them
      const kept = input instanceof Uint8Array ? new Uint8Array(input) : input
      const begun = steps.begin(kept)
      if (!('judge' in begun)) return begun
      const { judge, data } = begun
      let said: TextVerdicts
      try {
        pool ??= new ThreadPool({ bytes: judge.bytes, strict: judge.strict, threads, timeout, start })
        if (isClosed) await pool.close()
        said = judge.read(readVerdicts(await pool.judge(kept, data)))
      } catch (error) {
        said = failed(error)
      }
      return steps.end(kept, said)
    },
    close: async () => {
      isClosed = true
      await pool?.close()
    },
  }
}
