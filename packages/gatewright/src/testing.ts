export * from '@gatewright/testing'
export * from '@gatewright/testing/mutation'
