// Installs what the lock file says and builds, each only when it has to. Needs Node and git only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const pnpm = 'pnpm@10'

/** Runs a program; ends this one with its exit code when it fails. */
export function run(program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? (signal === null ? 1 : 128))
}

/** A program that the workspace has installed. */
export function installed(name) {
  return join(root, 'node_modules', '.bin', name)
}

/** Options that leave a lane's results for `.ci/run` to add up, where it asks for them. */
export function resultsTo(lane) {
  const folder = process.env.GATEWRIGHT_RESULTS
  return folder === undefined
    ? []
    : ['--reporter=default', '--reporter=json', `--outputFile.json=${join(folder, `${lane}.json`)}`]
}

function stamp(name, content) {
  const file = join(root, 'node_modules', `.${name}.stamp`)
  return {
    isCurrent: existsSync(file) && readFileSync(file, 'utf8') === content,
    write: () => {
      mkdirSync(join(root, 'node_modules'), { recursive: true })
      writeFileSync(file, content)
    },
  }
}

/** Installs the dependencies of the lock file. */
export function install() {
  const files = ['pnpm-lock.yaml', 'package.json', 'pnpm-workspace.yaml']
  for (const room of ['packages', 'policies']) {
    for (const folder of readdirSync(join(root, room))) files.push(join(room, folder, 'package.json'))
  }
  const hash = createHash('sha256')
  for (const file of files) if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)))
  const state = stamp('install', hash.digest('hex'))
  if (state.isCurrent) return
  console.error('installing dependencies')
  run('npx', ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    stdio: ['ignore', 2, 2],
  })
  state.write()
}

/** Builds all packages; the compiler leaves out what has not changed. */
export function build() {
  run(installed('tsc'), ['-b'], { stdio: ['ignore', 2, 2] })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install()
  build()
}
