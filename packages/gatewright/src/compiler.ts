export * from '@gatewright/compiler'
