// Checks that imports run one way: a room imports only the rooms that its manifest names, and those stand above it.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './setup.mjs'

/** The rooms from the top of the house down: each may import those before it. */
const order = [
  'core',
  'kubernetes',
  'compiler',
  'evaluator',
  'sources',
  'bundle',
  'server',
  'gatekeeper',
  'publish',
  'testing',
  'pod-security',
  'reports',
  'cli',
  'gatewright',
]
/** Rooms that another may not import although it stands above: the columns of the table in ARCHITECTURE.md. */
const allowed = {
  core: [],
  kubernetes: ['core'],
  compiler: ['core'],
  evaluator: ['core', 'kubernetes', 'compiler'],
  sources: ['core'],
  bundle: ['core', 'compiler'],
  server: ['core', 'compiler', 'evaluator', 'bundle'],
  gatekeeper: ['core', 'kubernetes', 'compiler', 'evaluator', 'sources'],
  publish: ['core', 'evaluator', 'sources', 'bundle'],
  testing: ['core', 'kubernetes', 'compiler', 'evaluator', 'sources'],
  'pod-security': ['core', 'kubernetes'],
  reports: ['core', 'evaluator', 'sources'],
  cli: order.slice(0, -2),
  gatewright: order.slice(0, -1),
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/(?<!\.test)(?<!\.test-d)\.ts$/.test(entry.name)) yield path
  }
}

const problems = []
for (const room of order) {
  const folder = join(root, room === 'pod-security' ? 'policies' : 'packages', room)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const file of sources(join(folder, 'src'))) {
    // the files that `init` writes stand in it as texts, with imports of their own
    const text = readFileSync(file, 'utf8').replaceAll(/: `[^]*?\n`,/g, '')
    const where = relative(root, file)
    for (const [, named, dynamic] of text.matchAll(
      /^(?:import|export|\}).*?from '([^']+)'|import\('([^']+)'\)/gm,
    )) {
      const specifier = named ?? dynamic
      const own = /^@gatewright\/([^/]+)/.exec(specifier)?.[1]
      if (own !== undefined && !allowed[room].includes(own))
        problems.push(`${where} imports ${specifier}: ${room} stands above or beside it`)
      const external =
        specifier.startsWith('.') || specifier.startsWith('node:')
          ? undefined
          : specifier
              .split('/')
              .slice(0, specifier.startsWith('@') ? 2 : 1)
              .join('/')
      const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
      if (external !== undefined && declared[external] === undefined)
        problems.push(`${where} imports ${external}, which ${room} does not declare`)
    }
    for (const [, path] of text.matchAll(/from '((?:\.\.\/)+)/g)) {
      const depth = relative(join(folder, 'src'), file).split('/').length - 1
      if (path.length / 3 > depth) problems.push(`${where} reaches out of its room`)
    }
  }
}
for (const problem of problems) console.error(problem)
console.error(`imports: ${order.length} rooms, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
