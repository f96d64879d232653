import { defineConfig } from 'vitest/config'
import { sourceAliases } from './vitest.aliases.js'

/** What takes minutes and says little on most changes: our packages installed as a user would, the guides typed word for word, planted faults. */
export const thorough: readonly string[] = [
  'test/e2e/packed.test.ts',
  'test/planted-faults/**/*.test.ts',
  'test/repository/walks.test.ts',
]

/** The lane of these. */
export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    include: [...thorough],
    maxWorkers: '100%',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    passWithNoTests: false,
  },
})
