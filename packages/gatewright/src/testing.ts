export * from '@gatewright/testing'
export * from '@gatewright/testing/mutation'
export * from '@gatewright/testing/coverage'
export * from '@gatewright/testing/recording'
