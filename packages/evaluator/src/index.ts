export { checkedIr, engines, referenceEngine } from './engine.js'
export type { Engine, EngineName, Prepared } from './engine.js'
export { javascriptEngine } from './javascript-engine.js'
export { moduleJudge, reviewText, wasmEngine } from './wasm/engine.js'
export type { ModuleJudge } from './wasm/engine.js'
export { DataDocument } from './wasm/data-document.js'
export { WasmFailure } from './wasm/module-instance.js'
export { actionOf, enforcementActions } from './enforcement.js'
export type { Actions, EnforcementAction } from './enforcement.js'
export { evaluate, evaluator } from './evaluate.js'
export type { Evaluation, Evaluator, EvaluatorOptions, Judgement } from './evaluate.js'
export { inventoryOf } from './inventory.js'
export type { InventoryOptions } from './inventory.js'
export { ledgerOf } from './ledger.js'
export type { Ledger, LedgerEntry, Outcome, Totals } from './ledger.js'
export { matchObject } from './match.js'
export { matchProblems } from './match-problems.js'
export type { Match, MatchContext, Matching } from './match.js'
export { normalize, normalizeJson } from './normalize.js'
export { readText } from './read-text.js'
export type { Normalized } from './normalize.js'
export {
  checkedSuppression,
  hasEnded,
  readSuppression,
  suppresses,
  suppressionAnnotation,
  suppressionMarker,
} from './suppression.js'
export type { Suppression } from './suppression.js'
