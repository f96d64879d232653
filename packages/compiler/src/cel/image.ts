import { textLiteral } from './literal.js'

// the grammar of `distribution/reference`, as `core` reads it
const component = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${component}(?:\\.${component})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`
const pathComponent = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const path = `${pathComponent}(?:/${pathComponent})*`
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const digest = 'sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}'

const reference = textLiteral(`^(?:${domain}/)?${path}(?::${tag})?(?:@(?:${digest}))?$`)
const whole = textLiteral(`^${domain}/$`)
const identifier = textLiteral('^[a-f0-9]{64}$')
/** The first component with its slash where it is a registry. */
const registry = textLiteral('^(?:[^/@]*[.:A-Z][^/@]*|localhost)/')

const named = (name: string): string => `${name}.find(${registry})`
const registryOf = (name: string): string =>
  `(${named(name)} in ["", "index.docker.io/"] ? "docker.io" : ${named(name)}.replace("/", ""))`
const rest = (name: string): string => `${name}.split("@")[0].substring(size(${named(name)}))`
const pathOf = (name: string): string => `${rest(name)}.split(":")[0]`
const isOfficial = (name: string): string =>
  `(${named(name)} in ["", "docker.io/", "index.docker.io/"] && !${pathOf(name)}.contains("/"))`

/** Whether a text is an image reference. */
export const isImage = (name: string): string =>
  `(size(${name}) <= 1024 && !${name}.matches(${identifier}) && ${name}.matches(${reference}) && (${named(name)} == "" || ${named(name)}.matches(${whole})) && size(${pathOf(name)}) <= (${isOfficial(name)} ? 247 : 255))`

const repositoryOf = (name: string): string =>
  `(${isOfficial(name)} ? "library/" + ${pathOf(name)} : ${pathOf(name)})`

const parts: Readonly<Record<string, (name: string) => string>> = {
  registry: registryOf,
  repository: repositoryOf,
  name: (name) => `${registryOf(name)} + "/" + ${repositoryOf(name)}`,
  tag: (name) => `${rest(name)}.contains(":") ? dyn(${rest(name)}.split(":")[1]) : dyn(null)`,
  digest: (name) => `${name}.contains("@") ? dyn(${name}.split("@")[1]) : dyn(null)`,
}

/** A part of the image reference that a text is; null where it is none, or has no such part. */
export const imagePart = (part: string, name: string): string =>
  `${isImage(name)} ? dyn(${(parts[part] ?? (() => 'dyn(null)'))(name)}) : dyn(null)`

/** Whether the image reference that a text is lies in a registry, or in a repository of it. */
export function isWithin(
  name: string,
  prefix: { readonly registry: string; readonly repository: string },
): string {
  const isThere = `${registryOf(name)} == ${textLiteral(prefix.registry)}`
  if (prefix.repository === '') return isThere
  const repositories = [
    prefix.repository,
    ...(prefix.registry === 'docker.io' && !prefix.repository.includes('/')
      ? [`library/${prefix.repository}`]
      : []),
  ]
  const lies = repositories.map(
    (each) =>
      `${repositoryOf(name)} == ${textLiteral(each)} || ${repositoryOf(name)}.startsWith(${textLiteral(`${each}/`)})`,
  )
  return `${isThere} && (${lies.join(' || ')})`
}
