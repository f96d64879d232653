export * from '@gatewright/gatekeeper'
