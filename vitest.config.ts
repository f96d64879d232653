import { configDefaults, defineConfig } from 'vitest/config'
import { sourceAliases } from './vitest.aliases.js'
import { thorough } from './vitest.thorough.config.js'

export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    include: [
      'packages/**/*.test.ts',
      'policies/**/*.test.ts',
      'examples/**/*.test.ts',
      'test/{cel,coverage,laws,language,fuzz,e2e,faults,mutation,planted-faults,properties,repository,wasm}/**/*.test.ts',
    ],
    exclude: [...configDefaults.exclude, ...thorough],
    // vitest leaves a core to its own process, which does little, and of two that is half
    maxWorkers: '100%',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    passWithNoTests: false,
  },
})
