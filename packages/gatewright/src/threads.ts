export * from '@gatewright/evaluator/threads'
