// Everything that needs no real engine: the build, the style, the types of the tests, and the tests.
import { build, install, installed, resultsTo, run } from './setup.mjs'

install()
build()
run(process.execPath, ['scripts/imports.mjs'])
run(installed('oxlint'), ['--quiet'])
run(installed('oxfmt'), ['--check', '.'])
run(installed('tsc'), ['-p', 'tsconfig.tests.json'])
run(installed('vitest'), ['run', ...resultsTo('unit'), ...process.argv.slice(2)])
