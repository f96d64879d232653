export * from '@gatewright/testing/vitest'
