export * from '@gatewright/kubernetes'
