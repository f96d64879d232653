import { install, installed, run } from './setup.mjs'

install()
run(process.execPath, ['scripts/imports.mjs'])
run(installed('oxlint'), [])
run(installed('oxfmt'), ['--check', '.'])
