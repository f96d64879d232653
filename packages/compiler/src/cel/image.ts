import type { Compilation } from './compilation.js'
import { textLiteral } from './literal.js'
import { bound } from './value.js'

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

/** A text that may be an image reference, with what is looked at more than once. */
interface Looked {
  readonly text: string
  /** The registry with its slash, and empty where there is none. */
  readonly host: string
  /** What stands between the registry and the tag. */
  readonly path: string
}

function looked(text: string, to: Compilation, use: (image: Looked) => string): string {
  const path = (host: string): string => `${rest({ text, host })}.split(":")[0]`
  return bound(
    `${text}.find(${registry})`,
    to,
    (h) => bound(path(h), to, (p) => use({ text, host: h, path: p }), 'path'),
    'host',
  )
}

const rest = ({ text, host }: Omit<Looked, 'path'>): string =>
  `${text}.split("@")[0].substring(size(${host}))`

const registryOf = ({ host }: Looked): string =>
  `(${host} in ["", "index.docker.io/"] ? "docker.io" : ${host}.replace("/", ""))`

const isOfficial = ({ host, path: own }: Looked): string =>
  `(${host} in ["", "docker.io/", "index.docker.io/"] && !${own}.contains("/"))`

const repositoryOf = (image: Looked): string =>
  `(${isOfficial(image)} ? "library/" + ${image.path} : ${image.path})`

/** Whether a text is an image reference. */
const isImage = (image: Looked): string =>
  `(size(${image.text}) <= 1024 && !${image.text}.matches(${identifier}) && ${image.text}.matches(${reference}) && (${image.host} == "" || ${image.host}.matches(${whole})) && size(${image.path}) <= (${isOfficial(image)} ? 247 : 255))`

const parts: Readonly<Record<string, (image: Looked) => string>> = {
  registry: registryOf,
  repository: repositoryOf,
  name: (image) => `${registryOf(image)} + "/" + ${repositoryOf(image)}`,
  tag: (image) => `${rest(image)}.contains(":") ? dyn(${rest(image)}.split(":")[1]) : dyn(null)`,
  digest: ({ text }) => `${text}.contains("@") ? dyn(${text}.split("@")[1]) : dyn(null)`,
}

/** A part of the image reference that a text is; null where it is none, or has no such part. */
export const imagePart = (part: string, text: string, to: Compilation): string =>
  looked(
    text,
    to,
    (image) => `${isImage(image)} ? dyn(${(parts[part] ?? (() => 'dyn(null)'))(image)}) : dyn(null)`,
  )

/** The registry and the repository of an image with a slash after each, and an empty text for what is no image reference. */
export const imagePlace = (text: string, to: Compilation): string =>
  looked(
    text,
    to,
    (image) => `${isImage(image)} ? ${registryOf(image)} + "/" + ${repositoryOf(image)} + "/" : ""`,
  )

interface Prefix {
  readonly registry: string
  readonly repository: string
}

/** Whether a place of an image, which is one, lies in a registry or in a repository of it. */
export function liesIn(place: string, { registry: host, repository }: Prefix): string {
  const places = [
    `${host}/${repository === '' ? '' : `${repository}/`}`,
    ...(host === 'docker.io' && repository !== '' && !repository.includes('/')
      ? [`docker.io/library/${repository}/`]
      : []),
  ]
  return places.map((each) => `${place}.startsWith(${textLiteral(each)})`).join(' || ')
}

const pathGrammar = textLiteral(`^${path}$`)

/** What a text names as a place for images, as `imagePlace` gives places, and an empty text where it names none. */
export const prefixPlace = (text: string, to: Compilation): string =>
  bound(
    `${text}.endsWith("/") ? ${text}.substring(0, size(${text}) - 1) : ${text}`,
    to,
    (prefix) =>
      bound(
        `(${prefix} + "/").find(${registry})`,
        to,
        (host) =>
          bound(
            `size(${host}) == size(${prefix}) + 1 ? "" : ${prefix}.substring(size(${host}))`,
            to,
            (own) => {
              const isNamed = `(${host} != "" && ${host}.matches(${whole}) || ${host} == "" && ${own} != "")`
              const isPlace = `${isNamed} && (${own} == "" || ${own}.matches(${pathGrammar}))`
              const named = `(${host} in ["", "index.docker.io/"] ? "docker.io/" : ${host})`
              return `${isPlace} ? ${named} + (${own} == "" ? "" : ${own} + "/") : ""`
            },
            'own',
          ),
        'host',
      ),
    'prefix',
  )

/** Whether a place of an image, which is one, lies in a place that is known only when an object is judged. */
export const liesInPlace = (place: string, prefix: string): string =>
  `${place}.startsWith(${prefix}) || ${prefix}.matches(${bareRepository}) && ${place}.startsWith(${prefix}.replace("docker.io/", "docker.io/library/"))`

const bareRepository = textLiteral(String.raw`^docker\.io/[^/]+/$`)
