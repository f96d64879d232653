export * from '@gatewright/evaluator'
