import { relative, sep } from 'node:path'
import type { Policy, Profile } from '@gatewright/core'
import { neutral } from '@gatewright/reports'
import { type Diff, diffJson, diffPolicies, diffReport } from '@gatewright/testing/equivalence'
import { type Config, configuration, type LoadContext } from '../config.js'
import { checkedOut, revisionIn } from '../git-revision.js'
import { objectsIn } from '../objects-in.js'
import { jsonText } from '../json-text.js'
import { loadPolicies } from '../policies.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { wholeNumber } from '../whole-number.js'
import { questionsOf } from './equiv.js'

export interface DiffCommandOptions {
  readonly objects: readonly string[]
  readonly runs?: string
  readonly seed?: string
  readonly failOn: string
  readonly config?: string | false
  readonly json?: boolean
}

/** A version that is named: its policies, and how its files are called. */
interface Loaded {
  readonly policies: readonly (Policy | Profile)[]
  readonly root?: string
  readonly name: string
  readonly remove: () => void
}

/** What makes the exit code 1. */
const failing: Readonly<Record<string, (diff: Diff) => boolean>> = {
  any: ({ policies, added, removed }) =>
    added.length + removed.length > 0 ||
    policies.some(({ changes, statics }) => changes.length + statics.length > 0),
  'newly-allowed': ({ policies, removed }) =>
    removed.length > 0 ||
    policies.some(
      ({ changes, statics }) =>
        changes.some(({ change }) => change === 'newly-allowed') ||
        // the verdict is the same, and is no denial any more
        statics.some((each) => each.what === 'undetermined' && each.new === 'warn'),
    ),
}

/** Looks for objects of which two versions say different things, prints the smallest found, and gives the exit code. */
export async function diff(old: string, changed: string, options: DiffCommandOptions): Promise<number> {
  const fails = Object.hasOwn(failing, options.failOn) ? failing[options.failOn] : undefined
  if (fails === undefined)
    throw new UsageError(
      `\`--fail-on ${options.failOn}\` is nothing that is found`,
      `say one of ${Object.keys(failing).join(', ')}`,
    )
  const context = { directory: process.cwd(), scanned: options.objects, trust: false }
  // the line of the TypeScript decides, also of policies that were compiled
  process.setSourceMapsEnabled(true)
  const { config } = await configuration(options.config, context)
  const objects = questionsOf(objectsIn(options.objects, context.directory))
  const loaded: Loaded[] = []
  try {
    for (const name of [old, changed]) loaded.push(await load(name, config, context))
    const [before, after] = loaded as [Loaded, Loaded]
    const found = diffPolicies(before.policies, after.policies, {
      objects,
      ...(options.runs === undefined ? {} : { runs: wholeNumber(options.runs, '--runs') ?? 0 }),
      ...(options.seed === undefined ? {} : { seed: wholeNumber(options.seed, '--seed') ?? 1 }),
    })
    const naming = { fileName: (file: string) => shownFile(file, loaded, context.directory) }
    const text =
      options.json === true ? jsonText(diffJson(found, naming)) : diffReport(found, naming).trimEnd()
    process.stdout.write(`${text.split('\n').map(neutral).join('\n')}\n`)
    if (found.policies.length === 0) {
      process.stderr.write('no policy is on both sides: nothing was compared\n')
      return exitCodes.nothingEvaluated
    }
    const unasked = found.policies.filter(({ same, questions }) => !same && questions === 0)
    for (const each of unasked)
      process.stderr.write(
        `${each.new}: no question was answered by both versions, so that nothing was compared\n`,
      )
    if (unasked.length > 0) return exitCodes.nothingEvaluated
    return fails(found) ? exitCodes.findings : exitCodes.clean
  } finally {
    for (const { remove } of loaded) remove()
  }
}

async function load(name: string, config: Config, context: LoadContext): Promise<Loaded> {
  const named = revisionIn(name, context.directory)
  if (named === undefined)
    return { policies: await loadPolicies(name, config, context), name, remove: () => {} }
  const { path, root, remove } = checkedOut(named.revision, named.path, context.directory)
  try {
    return { policies: await loadPolicies(path, config, context), root, name: named.revision, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** A file of a revision by what the revision is called, any other from the working directory. */
function shownFile(file: string, loaded: readonly Loaded[], directory: string): string {
  for (const { root, name } of loaded)
    if (root !== undefined && file.startsWith(`${root}${sep}`)) return `${name}:${relative(root, file)}`
  const shown = relative(directory, file)
  return shown.startsWith('..') ? file : shown
}
