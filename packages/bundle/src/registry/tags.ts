import { type Artifact, digestOf, manifestType } from './artifact.js'
import { Passing } from './connection.js'
import { isDigest } from './reference.js'
import { RegistryError } from './registry-error.js'
import { type Session, unexpected } from './session.js'

export const mostManifest: number = 4 * 1024 * 1024

/** What a tag may point at, also where it is nothing of ours. */
const anyManifest = [
  manifestType,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')

/** The digest that a tag, or a digest itself, stands for; undefined where it is not there. */
export async function digestAt(session: Session, name: string): Promise<string | undefined> {
  const url = session.at(`manifests/${name}`)
  const ask = { headers: { accept: anyManifest }, actions: 'pull,push', most: mostManifest } as const
  const seen = await session.ask(url, { ...ask, method: 'HEAD' })
  if (seen.status === 404) return undefined
  const said = seen.headers.get('docker-content-digest')
  if (seen.status === 200 && said !== null && isDigest(said)) return said
  const answer = await session.ask(url, { ...ask, method: 'GET' })
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw unexpected(answer, `it cannot be seen what \`${name}\` is`)
  return digestOf(answer.body)
}

/** Puts the manifest of an artifact under its own digest, where it disturbs nobody. */
export async function putManifest(session: Session, artifact: Artifact): Promise<void> {
  const answer = await session.ask(session.at(`manifests/${artifact.digest}`), {
    method: 'PUT',
    headers: { 'content-type': manifestType },
    body: artifact.manifest,
    actions: 'pull,push',
    most: 1 << 20,
  })
  if (answer.status !== 201) throw unexpected(answer, 'the manifest cannot be put')
  const said = answer.headers.get('docker-content-digest')
  if (said !== null && said !== artifact.digest)
    throw new RegistryError('refused', `the registry took ${artifact.digest} for ${said}`)
}

/** The digest that a tag has to be before it is moved; `none` where it may not be there. */
export type Expected = string | 'none'

/** Throws where a tag is not what it has to be. */
export function checkExpected(tag: string, found: string | undefined, expected: Expected | undefined): void {
  if (expected === undefined || (found ?? 'none') === expected) return
  throw new RegistryError(
    'conflict',
    `the tag \`${tag}\` is ${found ?? 'not there'}, and had to be ${expected === 'none' ? 'not there' : expected}: it was not moved`,
  )
}

/** Moves a tag to an artifact that is there, and looks whether it stayed. */
export async function moveTag(
  session: Session,
  tag: string,
  artifact: Artifact,
  expected: Expected | undefined,
): Promise<void> {
  const condition: Readonly<Record<string, string>> =
    expected === undefined
      ? {}
      : expected === 'none'
        ? { 'if-none-match': '*' }
        : { 'if-match': `"${expected}"` }
  let sent = Date.now()
  for (let attempt = 1; ; attempt++) {
    checkExpected(tag, await digestAt(session, tag), expected)
    try {
      sent = Date.now()
      const answer = await session.ask(session.at(`manifests/${tag}`), {
        method: 'PUT',
        headers: { 'content-type': manifestType, ...condition },
        body: artifact.manifest,
        actions: 'pull,push',
        attempts: 1,
        most: 1 << 20,
      })
      if (answer.status === 412)
        throw new RegistryError(
          'conflict',
          `the tag \`${tag}\` was moved by someone else in between: it was not moved`,
        )
      if (answer.status !== 201) throw unexpected(answer, `the tag \`${tag}\` cannot be moved`)
      break
    } catch (error) {
      if (!(error instanceof Passing)) throw error
      if (attempt >= session.attempts)
        throw new RegistryError('unavailable', `${error.message}, after ${attempt} attempts`)
      await session.wait(attempt, error.pause)
      // only the answer may have been lost, and whoever moved the tag since then did so after us
      if ((await digestAt(session, tag)) === artifact.digest) break
    }
  }
  await checkStayed()
  if (expected === undefined) return
  // whoever looked before we moved it moves it about now
  await new Promise((resolve) => setTimeout(resolve, Math.min(5000, Math.max(250, 3 * (Date.now() - sent)))))
  await checkStayed()

  async function checkStayed(): Promise<void> {
    const found = await digestAt(session, tag)
    if (found === artifact.digest) return
    throw new RegistryError(
      'conflict',
      `the tag \`${tag}\` is ${found ?? 'not there'} after it was moved to ${artifact.digest}: someone else moved it at the same time`,
    )
  }
}
