// Runs a benchmark of test/bench by its name: admission, diff, judge, rego, scan, sources, testing, types, wasm.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './setup.mjs'

install()
build()
const [name = 'judge', ...args] = process.argv.slice(2)
const file = join(root, 'test/bench', `${name}.mjs`)
if (!existsSync(file)) {
  console.error(
    `there is no benchmark \`${name}\`; there are admission, diff, judge, rego, scan, sources, testing, types and wasm`,
  )
  process.exit(2)
}
process.exitCode = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1
