import { defineConfig } from 'vitest/config'
import { sourceAliases } from './vitest.aliases.js'

/** The lane that needs real engines: OPA's and Kubernetes' own Go programs. */
export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    include: ['test/engines/**/*.test.ts'],
    testTimeout: 900_000,
    fileParallelism: false,
    passWithNoTests: false,
  },
})
