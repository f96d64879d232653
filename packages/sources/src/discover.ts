import { type Dirent, lstatSync, type PathLike, readdirSync, type Stats, statSync } from 'node:fs'
import { extname, join, resolve, sep } from 'node:path'
import { compareText } from '@gatewright/core'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { reasonOf, type Skipped } from './skipped.js'

/** A file to read; `name` is what reports call it. */
export interface SourceFile {
  readonly name: string
  readonly path: string
}

/** Standard input, named `-`. */
export const standardInput: SourceFile = { name: '-', path: '-' }

export interface DiscoverOptions {
  /** What relative paths and globs start from; the working directory by default. */
  readonly cwd?: string
}

const extensions: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])
const neverEntered: ReadonlySet<string> = new Set(['.git', 'node_modules'])

/**
 * Finds the files behind paths, folders, globs and `-`, in the order given and by name within a folder, each once. A named file
 * is taken whatever its extension; of folders, the `.yaml`, `.yml` and `.json` files in them at any depth, except below `.git` and
 * `node_modules`. What cannot be read, links inside folders, and everything that is no regular file is given as skipped, with the
 * reason, and never opened.
 */
export function* discover(
  inputs: readonly string[],
  options: DiscoverOptions = {},
): Generator<SourceFile | Skipped, void, undefined> {
  const cwd = resolve(options.cwd ?? '.')
  const seen = new Set<string>()
  for (const input of inputs) {
    for (const found of input === '-' ? [standardInput] : expand(input, cwd)) {
      const key = 'path' in found ? found.path : found.name
      if (seen.has(key)) continue
      seen.add(key)
      yield found
    }
  }
}

function* expand(input: string, cwd: string): Generator<SourceFile | Skipped> {
  const path = resolve(cwd, input)
  const stats = statsOf(path, statSync)
  if (!('code' in stats)) {
    if (stats.isDirectory()) yield* walk(input, path)
    else yield classify(input, path, stats)
  } else if (isDynamicPattern(input)) {
    yield* matches(input, cwd)
  } else {
    yield { ...stats, name: slashes(input) }
  }
}

/** A glob that ends in `*` names no kind of file, so it finds manifests only. */
function* matches(pattern: string, cwd: string): Generator<SourceFile | Skipped> {
  const names = globSync(slashes(pattern), {
    cwd,
    onlyFiles: false,
    expandDirectories: false,
    followSymbolicLinks: false,
    dot: true,
    // the matcher leaves out links, pipes and devices; they are to be listed as skipped
    fs: { readdirSync: everythingAsFiles },
    ignore: [...neverEntered].map((folder) => `**/${folder}/**`),
  })
  const found = names
    .filter((name) => !name.endsWith('/') && (!pattern.endsWith('*') || isManifest(name)))
    .toSorted(compareText)
  for (const name of found) yield entry(name, resolve(cwd, name))
  if (found.length === 0) {
    yield { name: slashes(pattern), code: 'no-match', message: 'no file matches the pattern' }
  }
}

/** The matcher asks for directory entries; `never` stands for them in every overload of `readdirSync`. */
function everythingAsFiles(path: PathLike): never[] {
  return readdirSync(path, { withFileTypes: true }).map((listed) =>
    listed.isDirectory() ? listed : Object.create(listed, { isFile: { value: () => true } }),
  ) as never[]
}

function* walk(name: string, path: string): Generator<SourceFile | Skipped> {
  let entries: Dirent[]
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch (error) {
    yield { name: slashes(name), ...reasonOf(error) }
    return
  }
  for (const { name: child } of entries.toSorted((a, b) => compareText(a.name, b.name))) {
    const childName = join(name, child)
    const childPath = join(path, child)
    const stats = statsOf(childPath, lstatSync)
    if ('code' in stats) {
      if (isManifest(child)) yield { ...stats, name: slashes(childName) }
    } else if (stats.isDirectory()) {
      if (!neverEntered.has(child)) yield* walk(childName, childPath)
    } else if (isManifest(child) || (stats.isSymbolicLink() && leadsToFolder(childPath))) {
      yield classify(childName, childPath, stats)
    }
  }
}

function entry(name: string, path: string): SourceFile | Skipped {
  const stats = statsOf(path, lstatSync)
  return 'code' in stats ? { ...stats, name: slashes(name) } : classify(name, path, stats)
}

function classify(name: string, path: string, stats: Stats): SourceFile | Skipped {
  if (stats.isFile()) return { name: slashes(name), path }
  if (stats.isSymbolicLink()) {
    return { name: slashes(name), code: 'symbolic-link', message: 'links inside folders are not followed' }
  }
  return { name: slashes(name), code: 'not-a-file', message: 'it is no regular file' }
}

function leadsToFolder(path: string): boolean {
  const target = statsOf(path, statSync)
  return !('code' in target) && target.isDirectory()
}

type Reason = Pick<Skipped, 'code' | 'message'>

function statsOf(path: string, read: (path: string) => Stats): Stats | Reason {
  try {
    return read(path)
  } catch (error) {
    return reasonOf(error)
  }
}

function isManifest(name: string): boolean {
  return extensions.has(extname(name).toLowerCase())
}

function slashes(name: string): string {
  return sep === '/' ? name : name.replaceAll(sep, '/')
}
