export * from '@gatewright/server'
