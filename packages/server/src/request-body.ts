import type { IncomingMessage } from 'node:http'

/**
 * The whole body of a request; undefined where it is more than the most bytes that are taken, and then the rest is not read. Rejects
 * where it breaks off.
 */
export function readBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve(undefined)
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    let isWhole = false
    const brokenOff = (): void => {
      // a request closes after its end as well
      if (!isWhole) reject(new Error('the request broke off'))
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= most) return void chunks.push(chunk)
      chunks.length = 0
      request.pause().removeAllListeners('data')
      resolve(undefined)
    })
    request.once('error', brokenOff)
    request.once('close', brokenOff)
    request.once('end', () => {
      isWhole = true
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size))
    })
  })
}
