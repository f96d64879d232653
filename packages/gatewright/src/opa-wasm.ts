export * from '@gatewright/evaluator/opa-wasm'
