/** The parts of an image reference, normalised as Docker does: `nginx` is `docker.io/library/nginx`. */
export interface ImageReference {
  readonly registry: string
  readonly repository: string
  /** Registry and repository. */
  readonly name: string
  readonly tag?: string
  readonly digest?: string
}

const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const host = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[(?:[a-fA-F0-9:]+)\\])`
const domain = `${host}(?::[0-9]+)?`
const pathComponent = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const path = `${pathComponent}(?:/${pathComponent})*`

const pathGrammar = new RegExp(`^${path}$`)
const domainGrammar = new RegExp(`^${domain}$`)
const tagGrammar = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestGrammar = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const identifier = /^[a-f0-9]{64}$/

const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** Longest name, of `distribution/reference`. */
const longestName = 255

/**
 * Reads an image reference; undefined where it does not follow the grammar.
 *
 * Source: `github.com/distribution/reference`, `ParseNormalizedNamed`.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > 1024 || identifier.test(text)) return undefined
  const [rest, digest] = splitLast(text, '@')
  if (digest !== undefined && !isDigest(digest)) return undefined
  const slash = rest.indexOf('/')
  const first = slash < 0 ? undefined : rest.slice(0, slash)
  const named = first !== undefined && isDomain(first)
  const remote = named ? rest.slice(slash + 1) : rest
  const colon = remote.indexOf(':')
  const repositoryText = colon < 0 ? remote : remote.slice(0, colon)
  const tag = colon < 0 ? undefined : remote.slice(colon + 1)
  const registry = named && first !== 'index.docker.io' ? first : 'docker.io'
  if (!pathGrammar.test(repositoryText) || !domainGrammar.test(registry)) return undefined
  if (tag !== undefined && !tagGrammar.test(tag)) return undefined
  const official = registry === 'docker.io' && !repositoryText.includes('/')
  const repository = official ? `library/${repositoryText}` : repositoryText
  const name = `${registry}/${repository}`
  if (repository.length > longestName) return undefined
  return {
    registry,
    repository,
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** Whether the first component is a host: it has a dot or a port, is `localhost`, or is not in lower case. */
function isDomain(component: string): boolean {
  return /[.:]/.test(component) || component === 'localhost' || component.toLowerCase() !== component
}

function isDigest(text: string): boolean {
  if (!digestGrammar.test(text)) return false
  const [algorithm = '', hex = ''] = text.split(':')
  const length = digestLengths[algorithm]
  // algorithms that are not known by their length are refused, as the reference library does
  return length !== undefined && hex.length === length && hex === hex.toLowerCase()
}

function splitLast(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/**
 * Whether an image lies in a registry or repository, decided on whole components: `reg.io/team` holds `reg.io/team/app` and not
 * `reg.io/team-b/app`. A prefix without a registry is one of Docker Hub's; a slash at its end is allowed. Undefined where the
 * prefix cannot be read.
 */
export function within(image: ImageReference, prefix: string): boolean | undefined {
  const read = imagePrefix(prefix)
  if (read === undefined) return undefined
  const { registry, repository } = read
  if (registry !== image.registry) return false
  if (repository === '') return true
  return [
    repository,
    ...(registry === 'docker.io' && !repository.includes('/') ? [`library/${repository}`] : []),
  ].some((each) => image.repository === each || image.repository.startsWith(`${each}/`))
}

/** A registry, with a repository in it or none (empty), that images may lie in; undefined where a text names none. */
export function imagePrefix(
  prefix: string,
): { readonly registry: string; readonly repository: string } | undefined {
  const text = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  const [first = '', ...others] = text.split('/')
  const named = isDomain(first)
  const registry = named ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io'
  const repository = named ? others.join('/') : text
  if (!domainGrammar.test(registry) || (repository !== '' && !pathGrammar.test(repository))) return undefined
  return !named && repository === '' ? undefined : { registry, repository }
}
