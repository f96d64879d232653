import { relative } from 'node:path'
import { policiesOf } from '@gatewright/core'
import { neutral } from '@gatewright/reports'
import { configuration } from '../config.js'
import { loadPolicies, packNames } from '../policies.js'

export interface ListOptions {
  readonly json?: boolean
  readonly config?: string | false
}

/** Prints the configuration, the packs and their policies, or those of some: id, severity, title. */
export async function list(names: readonly string[], options: ListOptions): Promise<number> {
  const context = { directory: process.cwd(), scanned: [], trust: true }
  const { config, file } = await configuration(options.config, context)
  const chosen = names.length > 0 ? names : packNames
  const packs = await Promise.all(
    chosen.map(async (name) => ({ name, policies: policiesOf(await loadPolicies(name, config, context)) })),
  )
  if (names.length === 0 && file !== undefined)
    packs.unshift({ name: relative(context.directory, file), policies: policiesOf(config.policies ?? []) })
  if (options.json === true) {
    const shown = packs.map(({ name, policies }) => ({
      name,
      policies: policies.map(({ ir: { id, title, severity, topic, controls, parameters } }) => ({
        id,
        title,
        severity,
        topic,
        controls,
        parameters,
      })),
    }))
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
    return 0
  }
  for (const { name, policies } of packs) {
    process.stdout.write(`${name}\n`)
    for (const { ir } of policies)
      process.stdout.write(`  ${ir.severity.padEnd(8)}  ${ir.id}  ${neutral(ir.title)}\n`)
    process.stdout.write('\n')
  }
  return 0
}
