import { evaluator, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import { baseline, restricted, type StandardsVersion } from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { goProgram } from './go-program.js'
import { RandomPods } from './random-pods.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 20_000)
const versions: readonly StandardsVersion[] = ['1.25', '1.28', '1.31', '1.34', '1.36', 'latest']

interface Answer {
  readonly baseline: boolean
  readonly restricted: boolean
  readonly reasons?: readonly string[]
  readonly error?: string
}

it(`E14: both levels give the Kubernetes library's verdict on ${runs} random workloads (seed ${seed})`, () => {
  const random = new RandomPods(seed)
  const ask = goProgram('pod-security')
  const passes = { baseline: 0, restricted: 0 }
  for (const [index, version] of versions.entries()) {
    const templates = Array.from({ length: Math.ceil(runs / versions.length) }, () => random.template())
    const answers = ask(
      templates.map((each) => JSON.stringify(each)),
      version === 'latest' ? version : `v${version}`,
    ).map((line) => JSON.parse(line) as Answer)
    const engine = index % 2 === 0 ? javascriptEngine : referenceEngine
    const levels = {
      baseline: evaluator([baseline({ version })], { engine }),
      restricted: evaluator([restricted({ version })], { engine }),
    }
    for (const [i, template] of templates.entries()) {
      const answer = answers[i] as Answer
      expect(answer.error).toBeUndefined()
      const object = JSON.parse(JSON.stringify(random.wrapped(template))) as unknown
      for (const level of ['baseline', 'restricted'] as const) {
        const { judgements } = levels[level].evaluate(object)
        const allowed = judgements.every(({ verdict }) => verdict.verdict === 'allowed')
        if (allowed) passes[level]++
        if (allowed === answer[level]) continue
        const ours = judgements.flatMap(({ verdict }) => [
          ...verdict.violations.map(({ policy, message }) => `${policy}: ${message}`),
          ...verdict.reasons.map(({ message }) => message),
        ])
        throw new Error(
          `${level} ${version}: ours ${String(allowed)} ${ours.join('; ')}\ntheirs ${String(answer[level])} ${answer.reasons?.join('; ') ?? ''}\n${JSON.stringify(object)}`,
        )
      }
    }
  }
  console.log(passes)
  // a run in which nothing passes shows little
  expect(passes.baseline).toBeGreaterThan(runs / 20)
  expect(passes.restricted).toBeGreaterThan(runs / 100)
})
