export * from '@gatewright/bundle'
