/** Work that waits for its turn, one after the other, up to a number. */
export interface WorkQueue {
  /**
   * Does something when it is its turn. `full` where as many wait as may, `late` where its turn comes after the time until which the answer
   * is wanted, in milliseconds of `performance.now()`.
   */
  run<T>(work: () => T, until: number): Promise<T | 'full' | 'late'>
  waiting(): number
}

/** How long work may go on before connections are served again, in milliseconds. */
const longestTurn = 1

/** A queue in which at most so many wait. Connections are served in between, so that who is refused is told at once. */
export function workQueue(most: number): WorkQueue {
  const waiting: (() => void)[] = []
  let isRunning = false
  const next = (): void => {
    const from = performance.now()
    let took = 0
    do {
      const work = waiting.shift()
      if (work === undefined) {
        isRunning = false
        return
      }
      work()
      took = performance.now() - from
    } while (took < longestTurn)
    // what came meanwhile is read first: it has to be known who waits, and since when; and one connection is taken in a round
    afterRounds(Math.min(64, 1 + Math.ceil(took)), next)
  }
  return {
    run: <T>(work: () => T, until: number) => {
      if (waiting.length >= most) return Promise.resolve('full' as const)
      return new Promise<T | 'full' | 'late'>((resolve, reject) => {
        waiting.push(() => {
          if (performance.now() > until) return resolve('late')
          try {
            resolve(work())
          } catch (error) {
            reject(error as Error)
          }
        })
        if (isRunning) return
        isRunning = true
        setImmediate(next)
      })
    },
    waiting: () => waiting.length,
  }
}

/** Does something after rounds of the event loop, in each of which connections are served. */
function afterRounds(rounds: number, then: () => void): void {
  setImmediate(() => (rounds > 1 ? afterRounds(rounds - 1, then) : then()))
}
