export * from '@gatewright/pod-security'
