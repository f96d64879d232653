import type { Worker } from 'node:worker_threads'
import { WasmFailure } from './module-instance.js'

/** What a thread begins with. */
export interface ThreadData {
  readonly bytes: Uint8Array
  readonly strict: boolean
}

/** A document to judge, with the data where it is other than before. */
export interface Question {
  readonly document: Uint8Array | string
  readonly data?: string
}

export type Answer =
  | { readonly verdicts: string }
  | { readonly failure: WasmFailure['code']; readonly message: string }

interface Task {
  readonly document: Uint8Array | string
  readonly data: string
  readonly resolve: (verdicts: string) => void
  readonly reject: (failure: WasmFailure) => void
}

interface Thread {
  readonly worker: Worker
  data: string | undefined
  task: Task | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

export interface PoolOptions extends ThreadData {
  readonly threads: number
  /** Milliseconds that one evaluation may take; the thread of one that takes longer is ended. */
  readonly timeout: number | undefined
  readonly start: (data: ThreadData) => Worker
}

/** Threads that judge by a module, each one document at a time; those that find none free wait in order. */
export class ThreadPool {
  readonly #options: PoolOptions
  readonly #threads = new Set<Thread>()
  readonly #waiting: Task[] = []
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Has a document judged: the verdicts as the module writes them. Rejects with `WasmFailure` alone. */
  judge(document: Uint8Array | string, data: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new WasmFailure('aborted', 'the threads were closed'))
      this.#waiting.push({ document, data, resolve, reject })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const failure = new WasmFailure('aborted', 'the threads were closed')
    for (const { reject } of this.#waiting.splice(0)) reject(failure)
    const threads = [...this.#threads]
    for (const thread of threads) this.#end(thread, failure)
    await Promise.all(threads.map(({ worker }) => worker.terminate()))
  }

  #next(): void {
    const [task] = this.#waiting
    if (task === undefined) return
    const free = [...this.#threads].filter((each) => each.task === undefined)
    const thread =
      free.find(({ data }) => data === task.data) ??
      free[0] ??
      (this.#threads.size < this.#options.threads ? this.#start() : undefined)
    if (thread === undefined) return
    this.#waiting.shift()
    thread.task = task
    thread.worker.ref()
    const { document, data } = task
    // a thread has no origin
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    thread.worker.postMessage({ document, ...(thread.data === data ? {} : { data }) } satisfies Question)
    thread.data = data
    const { timeout } = this.#options
    if (timeout !== undefined) {
      thread.timer = setTimeout(
        () => this.#end(thread, new WasmFailure('aborted', `the evaluation took more than ${timeout} ms`)),
        timeout,
      )
    }
  }

  #start(): Thread {
    const { bytes, strict, start } = this.#options
    const thread: Thread = {
      worker: start({ bytes, strict }),
      data: undefined,
      task: undefined,
      timer: undefined,
    }
    this.#threads.add(thread)
    thread.worker.on('message', (answer: Answer) => this.#answer(thread, answer))
    thread.worker.on('error', (error: Error) =>
      this.#end(thread, new WasmFailure('aborted', `the thread broke off: ${error.message}`)),
    )
    thread.worker.on('exit', () => this.#end(thread, new WasmFailure('aborted', 'the thread ended')))
    return thread
  }

  #answer(thread: Thread, answer: Answer): void {
    const { task } = thread
    clearTimeout(thread.timer)
    thread.task = undefined
    // threads that wait for work keep no process alive
    thread.worker.unref()
    if ('verdicts' in answer) task?.resolve(answer.verdicts)
    else task?.reject(new WasmFailure(answer.failure, answer.message))
    this.#next()
  }

  /** Gives a thread up; the next document has a new one. */
  #end(thread: Thread, failure: WasmFailure): void {
    if (!this.#threads.delete(thread)) return
    clearTimeout(thread.timer)
    thread.task?.reject(failure)
    thread.task = undefined
    void thread.worker.terminate()
    this.#next()
  }
}
