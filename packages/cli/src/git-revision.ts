import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { UsageError } from './usage-error.js'

/** A file of a revision, laid out with all else that the revision has. */
export interface CheckedOut {
  /** The file. */
  readonly path: string
  /** The folder of the revision's files. */
  readonly root: string
  /** Takes all of it away. */
  readonly remove: () => void
}

/** The revision and the path that a name has: `main:policies/shop.ts`; undefined where it has none. */
export function revisionIn(
  name: string,
  directory: string,
): { readonly revision: string; readonly path: string } | undefined {
  const [, revision, path] = /^([^:]{2,}|[^:\\/a-zA-Z]):(.+\.[mc]?[jt]s)$/.exec(name) ?? []
  if (revision === undefined || path === undefined || existsSync(resolve(directory, name))) return undefined
  return { revision, path }
}

/**
 * Lays a revision of the repository out in a folder of its own, so that a module finds what it imports: its neighbours as they were,
 * and packages as they are installed now. Paths are from the root of the repository, or with `./` from the directory, as git has them.
 * Submodules are not laid out.
 */
export function checkedOut(revision: string, path: string, directory: string): CheckedOut {
  const git = (args: readonly string[], env: NodeJS.ProcessEnv = {}, why?: string): string => {
    const { stdout, stderr, status, error } = spawnSync('git', args, {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, ...env },
      maxBuffer: 1 << 28,
    })
    if (error !== undefined) throw new UsageError(`git does not run: ${error.message}`)
    if (status !== 0) throw new UsageError(`\`${revision}:${path}\` is not there: ${why ?? stderr.trim()}`)
    return stdout.trim()
  }
  const top = realpathSync(git(['rev-parse', '--show-toplevel']))
  const commit = git(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    {},
    `git knows no revision \`${revision}\``,
  )
  const within = path.startsWith('.') ? relative(top, resolve(realpathSync(directory), path)) : path
  git(['cat-file', '-e', `${commit}:${within.split('\\').join('/')}`])
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-revision-')))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const root = join(folder, 'files')
    mkdirSync(root)
    // an index of its own, so that neither the repository nor what is staged in it is touched
    const env = { GIT_INDEX_FILE: join(folder, 'index'), GIT_WORK_TREE: root }
    git(['read-tree', commit], env)
    git(['-C', top, 'checkout-index', '--all', '--quiet', `--prefix=${root}/`], env)
    linkPackages(top, root, git(['ls-tree', '-r', '-d', '--name-only', '--full-tree', commit]).split('\n'))
    return { path: join(root, within), root, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** Packages are not in the repository: each folder of the revision has those that are installed in it now. */
function linkPackages(top: string, root: string, folders: readonly string[]): void {
  for (const folder of ['.', ...folders]) {
    const installed = join(top, folder, 'node_modules')
    const link = join(root, folder, 'node_modules')
    if (existsSync(installed) && !existsSync(link) && existsSync(dirname(link)))
      symlinkSync(installed, link, 'junction')
  }
}
