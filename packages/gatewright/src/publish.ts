export * from '@gatewright/publish'
