// The lanes that need real engines: `engines` asks Go programs of the projects that we are held against.
import { spawnSync } from 'node:child_process'
import { build, install, installed, resultsTo, run } from './setup.mjs'

const [lane, ...args] = process.argv.slice(2)
install()
build()
if (lane === 'engines') {
  const go = spawnSync('go', ['version'], { encoding: 'utf8' })
  if (go.status !== 0) {
    console.error('the engines lane needs Go: its programs are built from the Go module proxy')
    process.exit(1)
  }
  console.error(go.stdout.trim())
  run(installed('vitest'), ['run', '--config', 'vitest.engines.config.ts', ...resultsTo(lane), ...args])
} else {
  console.error(`there is no lane \`${String(lane)}\`; there is: engines`)
  process.exit(2)
}
