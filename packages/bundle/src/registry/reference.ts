import { RegistryError } from './registry-error.js'

/** A name in a registry: `registry.example.com/team/policies:1.4`, `localhost:5000/policies@sha256:…`. */
export interface Reference {
  /** The host, with its port where one is named. */
  readonly registry: string
  readonly repository: string
  readonly tag?: string
  /** `sha256:` and 64 hexadecimal digits. Where there is a tag beside it, this decides. */
  readonly digest?: string
}

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const hostPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9A-Fa-f:.]{2,45}\\])(?::(\\d{1,5}))?$`)
const stepPattern = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/
const tagPattern = /^\w[\w.-]{0,127}$/

/** Whether a text is a digest as registries name what they hold by it. */
export const isDigest = (text: string): boolean => /^sha256:[\da-f]{64}$/.test(text)

/**
 * Reads a reference. The registry is always named, and no tag is made up. Throws a `RegistryError` that does not repeat what may be a
 * password.
 */
export function parseReference(text: string): Reference {
  const wrong = (why: string): never => {
    throw new RegistryError('reference', `this is no reference to a registry: ${why}`)
  }
  if (text.length > 1024) return wrong('it is longer than 1,024 characters')
  if (text.includes('://')) return wrong('leave the scheme out: registry.example.com/policies:1')
  const slash = text.indexOf('/')
  if (slash < 0) return wrong('it names no registry: registry.example.com/policies:1')
  const registry = text.slice(0, slash)
  if (registry.includes('@'))
    return wrong('credentials do not belong into it: put them where `docker login` keeps them')
  const port = hostPattern.exec(registry)?.[1]
  const isHost =
    hostPattern.test(registry) && registry.length <= 255 && (port === undefined || Number(port) <= 65_535)
  if (!isHost || !(/[.:]/.test(registry) || registry === 'localhost'))
    return wrong(
      `\`${registry}\` is no registry: a host with a dot or a port, as in registry.example.com/policies:1`,
    )
  const [name = '', digest, ...more] = text.slice(slash + 1).split('@')
  if (more.length > 0) return wrong('it has more than one `@`')
  if (digest !== undefined && !isDigest(digest))
    return wrong('behind `@` stands a digest: sha256: and 64 digits in lower case')
  const colon = name.indexOf(':')
  const repository = colon < 0 ? name : name.slice(0, colon)
  const tag = colon < 0 ? undefined : name.slice(colon + 1)
  if (repository.length > 255 || !repository.split('/').every((step) => stepPattern.test(step)))
    return wrong('the repository is made of lower case letters, digits and `.`, `_`, `-` between them')
  if (tag !== undefined && !tagPattern.test(tag))
    return wrong('a tag has letters, digits, `_`, `.` and `-`, at most 128, and starts with none of the last')
  return {
    registry: registry.toLowerCase(),
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  }
}

/** A reference as text. */
export function referenceText({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}
