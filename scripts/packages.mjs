// Checks each package as it would be published: publint and attw on what is packed.
import { build, install, installed, root, run } from './setup.mjs'

install()
build()
run(installed('turbo'), ['run', 'check:package', '--output-logs=errors-only'], {
  env: {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    PATH: `${root}node_modules/.bin:${process.env.PATH}`,
  },
})
