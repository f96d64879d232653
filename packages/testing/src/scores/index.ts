export { scoresOf } from './scores.js'
export type { Explanations, PolicyScore, ScoreOptions } from './scores.js'
