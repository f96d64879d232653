// The lanes beside `npm test`. Two need the real thing, built by Go: `engines` asks programs of the projects that we are held against,
// `cluster` an API server with Gatekeeper in front of it. `thorough` needs nothing but time.
import { spawnSync } from 'node:child_process'
import { build, install, installed, resultsTo, run } from './setup.mjs'

const lanes = ['thorough', 'engines', 'cluster']
const [lane, ...args] = process.argv.slice(2)
if (!lanes.includes(lane)) {
  console.error(`there is no lane \`${String(lane)}\`; there are: ${lanes.join(', ')}`)
  process.exit(2)
}
install()
build()
if (lane !== 'thorough') needGo()
run(installed('vitest'), ['run', '--config', `vitest.${lane}.config.ts`, ...resultsTo(lane), ...args])

function needGo() {
  const go = spawnSync('go', ['version'], { encoding: 'utf8' })
  if (go.status !== 0) {
    console.error(`the lane \`${lane}\` needs Go: its programs are built from the Go module proxy`)
    process.exit(1)
  }
  console.error(go.stdout.trim())
}
