export * from '@gatewright/reports'
