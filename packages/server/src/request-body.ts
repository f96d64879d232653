import type { IncomingMessage } from 'node:http'

/** What the bodies of many requests may take of the memory at once. */
export class BodyRoom {
  #left: number

  /** @param most - in bytes */
  constructor(most: number) {
    this.#left = most
  }

  /** Takes bytes where there are so many left, and says whether there were. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}

/**
 * The whole body of a request. `too-large` where it is more than the most bytes that are taken, and `no-room` where those of others leave
 * no room for it; then the rest is not read. Rejects where it breaks off. The caller gives the room of a whole body back.
 */
export function readBody(
  request: IncomingMessage,
  most: number,
  room?: BodyRoom,
): Promise<Buffer | 'too-large' | 'no-room'> {
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve('too-large')
  return new Promise((resolve, reject) => {
    let body: Buffer | undefined
    let size = 0
    let isOver = false
    /** Puts a chunk behind the others, into a buffer that doubles: kept one by one, chunks of a byte would take a hundred each. */
    const add = (chunk: Buffer): void => {
      const before = body
      if (before === undefined) body = chunk
      else {
        if (before.length < size + chunk.length) {
          body = Buffer.allocUnsafe(Math.max(4_096, 2 * (size + chunk.length)))
          before.copy(body, 0, 0, size)
        }
        chunk.copy(body ?? before, size)
      }
      size += chunk.length
    }
    /** Forgets what came so far. */
    const forget = (): void => {
      isOver = true
      room?.giveBack(size)
      body = undefined
    }
    const brokenOff = (): void => {
      // a request closes after its end as well
      if (isOver) return
      forget()
      reject(new Error('the request broke off'))
    }
    const refuse = (why: 'too-large' | 'no-room'): void => {
      forget()
      request.pause().removeAllListeners('data')
      resolve(why)
    }
    request.on('data', (chunk: Buffer) => {
      if (size + chunk.length > most) return refuse('too-large')
      if (room?.take(chunk.length) === false) return refuse('no-room')
      add(chunk)
    })
    request.once('error', brokenOff)
    request.once('close', brokenOff)
    request.once('end', () => {
      if (isOver) return
      isOver = true
      resolve(body?.subarray(0, size) ?? Buffer.alloc(0))
    })
  })
}
