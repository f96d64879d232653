import { type Json, sourceText } from '@gatewright/core'
import { fileOf, percent, placedVerdict, yamlLines } from '../report-parts.js'
import type { JudgedMutant, MutationResult } from './score.js'

export interface MutationReportOptions {
  /** A folder that the names of source files are printed from; without it they are whole. */
  readonly root?: string
}

/** A result as text for a terminal: the score, and each survivor with its line, its change and its witness. */
export function mutationReport(result: MutationResult, options: MutationReportOptions = {}): string {
  const left = result.mutants.filter((each) => !each.killed)
  return [mutationSummary(result), ...left.flatMap((each) => ['', ...survivorLines(each, options)]), ''].join(
    '\n',
  )
}

/** A result in one line. */
export function mutationSummary({ policy, score, killed, survived, explained }: MutationResult): string {
  const more = explained === 0 ? '' : `, ${explained} explained`
  return `${policy}: ${killed} of ${killed + survived} mutants killed (${percent(score)})${more}`
}

/** A result as JSON. */
export function mutationJson(result: MutationResult, options: MutationReportOptions = {}): Json {
  const { policy, score, killed, survived, explained, mutants } = result
  return {
    policy,
    score,
    killed,
    survived,
    explained,
    mutants: mutants.map(({ mutant, killed: isKilled, killedBy, witness, explanation }) => ({
      id: mutant.id,
      operator: mutant.operator,
      change: mutant.change,
      source: mutant.source === undefined ? null : { ...mutant.source, file: fileOf(mutant.source, options) },
      killed: isKilled,
      ...(killedBy === undefined ? {} : { killedBy }),
      ...(explanation === undefined ? {} : { explanation }),
      ...(witness === undefined
        ? {}
        : {
            witness: {
              object: witness.object,
              parameters: witness.parameters,
              original: placedVerdict(witness.original),
              mutant: placedVerdict(witness.mutant),
            },
          }),
    })),
  }
}

function survivorLines(
  { mutant, witness, explanation }: JudgedMutant,
  options: MutationReportOptions,
): readonly string[] {
  const { source } = mutant
  const place = source === undefined ? '' : ` ${sourceText({ ...source, file: fileOf(source, options) })}`
  const said = explanation === undefined ? 'survived' : 'explained'
  const head = [`${said}: ${mutant.id}${place}`, `  ${mutant.change}`]
  if (explanation !== undefined) return [...head, `  ${explanation}`]
  if (witness === undefined) return [...head, '  no witness found: it may mean the same']
  const hasParameters = Object.keys(witness.parameters).length > 0
  return [
    ...head,
    `  the policy says ${placedVerdict(witness.original)}; so changed it says ${placedVerdict(witness.mutant)}; of`,
    ...yamlLines(witness.object),
    ...(hasParameters ? ['  with the parameters', ...yamlLines(witness.parameters)] : []),
  ]
}
