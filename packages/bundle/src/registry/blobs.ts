import { type Answer, Passing } from './connection.js'
import { type Session, unexpected } from './session.js'
import { RegistryError } from './registry-error.js'

/** How much is sent at once: what a broken connection can cost. */
const chunkSize = 4 * 1024 * 1024
const actions = 'pull,push'

/** Uploads a blob that is not there yet, going on where a connection broke off. Says whether it had to. */
export async function uploadBlob(session: Session, digest: string, bytes: Uint8Array): Promise<boolean> {
  if (await isThere(session, digest)) return false
  let failures = 0
  /** Counts a failure, and waits before the next attempt. */
  const failed = async (error: unknown): Promise<void> => {
    if (!(error instanceof Passing)) throw error
    failures++
    if (failures >= session.attempts)
      throw new RegistryError('unavailable', `${error.message}, after ${failures} attempts`)
    await session.wait(failures, error.pause)
  }
  for (;;) {
    const upload = await begin(session)
    try {
      const end = await sendRest(session, upload, bytes, failed)
      if (end !== undefined) {
        await finish(session, end.place, digest, bytes.subarray(end.offset))
        return true
      }
      // the registry has forgotten what it had: from the start
      await failed(new Passing('the registry lost an upload'))
    } catch (error) {
      await failed(error)
      // the answer may be what was lost
      if (await isThere(session, digest)) return true
    }
  }
}

async function isThere(session: Session, digest: string): Promise<boolean> {
  const answer = await session.ask(session.at(`blobs/${digest}`), { method: 'HEAD', actions, most: 0 })
  if (answer.status === 200) return true
  if (answer.status === 404) return false
  throw unexpected(answer, 'it cannot be seen whether a blob is there')
}

interface Upload {
  readonly place: URL
  readonly offset: number
  /** The least that a chunk may be, but for the last. */
  readonly least: number
}

async function begin(session: Session): Promise<Upload> {
  const answer = await session.ask(session.at('blobs/uploads/'), {
    method: 'POST',
    actions,
    most: 1 << 20,
  })
  if (answer.status !== 202) throw unexpected(answer, 'an upload cannot be started')
  const least = Number(answer.headers.get('oci-chunk-min-length') ?? 0)
  return { place: nextPlace(session, answer), offset: 0, least: Number.isSafeInteger(least) ? least : 0 }
}

const nextPlace = (session: Session, answer: Answer): URL =>
  session.follow(answer.headers.get('location'), answer.url)

/** Sends all but the last chunk. Gives undefined where the registry no longer knows the upload. */
async function sendRest(
  session: Session,
  start: Upload,
  bytes: Uint8Array,
  failed: (error: unknown) => Promise<void>,
): Promise<Upload | undefined> {
  let upload = start
  const size = Math.max(chunkSize, start.least)
  while (bytes.length - upload.offset > size) {
    const chunk = bytes.subarray(upload.offset, upload.offset + size)
    try {
      const answer = await session.ask(upload.place, {
        method: 'PATCH',
        headers: {
          'content-type': 'application/octet-stream',
          'content-range': `${upload.offset}-${upload.offset + chunk.length - 1}`,
        },
        body: chunk,
        actions,
        attempts: 1,
        most: 1 << 20,
      })
      if (answer.status === 404) return undefined
      if (answer.status === 416) throw new Passing('the registry is at another place of the upload')
      if (answer.status !== 202) throw unexpected(answer, 'a part cannot be uploaded')
      upload = { ...upload, place: nextPlace(session, answer), offset: upload.offset + chunk.length }
    } catch (error) {
      await failed(error)
      const there = await progress(session, upload, bytes.length)
      if (there === undefined) return undefined
      upload = there
    }
  }
  return upload
}

/** How far an upload has come, by the registry. */
async function progress(session: Session, upload: Upload, length: number): Promise<Upload | undefined> {
  const answer = await session.ask(upload.place, { method: 'GET', actions, most: 1 << 20 })
  if (answer.status === 404) return undefined
  if (answer.status !== 204) throw unexpected(answer, 'it cannot be seen how far an upload has come')
  const last = Number(/^(?:bytes=)?0-(\d+)$/.exec(answer.headers.get('range') ?? '')?.[1] ?? Number.NaN)
  // `0-0` is also what registries say of nothing at all; a single byte is never what we sent
  const offset = last === 0 ? 0 : last + 1
  if (!Number.isSafeInteger(offset) || offset > length) return undefined
  const location = answer.headers.get('location')
  return { ...upload, offset, place: location === null ? upload.place : nextPlace(session, answer) }
}

async function finish(session: Session, place: URL, digest: string, rest: Uint8Array): Promise<void> {
  const url = new URL(place)
  url.searchParams.set('digest', digest)
  const answer = await session.ask(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: rest,
    actions,
    attempts: 1,
    most: 1 << 20,
  })
  if (answer.status === 404) throw new Passing('the registry lost an upload')
  if (answer.status !== 201) throw unexpected(answer, 'an upload cannot be finished')
  const said = answer.headers.get('docker-content-digest')
  if (said !== null && said !== digest)
    throw new RegistryError('refused', `the registry took ${digest} for ${said}`)
}
