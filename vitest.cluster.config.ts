import { defineConfig } from 'vitest/config'
import { sourceAliases } from './vitest.aliases.js'

/** The lane that needs a cluster: a real API server with a real Gatekeeper in front of it. */
export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: 'test/cluster/rig/running-cluster.ts',
    testTimeout: 300_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    passWithNoTests: false,
  },
})
