export * from '@gatewright/sources'
