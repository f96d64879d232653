import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  githubReport,
  jsonReport,
  junitReport,
  type Report,
  sarifReport,
  textReport,
  type TextOptions,
} from '@gatewright/reports'
import { UsageError } from './usage-error.js'

/** A format, and the file that it goes to; standard output where none is named. */
export interface OutputTarget {
  readonly format: string
  readonly file?: string
}

const formats: Readonly<Record<string, (report: Report, options: TextOptions) => string>> = {
  text: textReport,
  json: jsonReport,
  sarif: sarifReport,
  junit: junitReport,
  github: githubReport,
}

/** The names that `--format` takes. */
export const formatNames: readonly string[] = Object.keys(formats)

/** Reads `--format` values: `text`, `sarif=report.sarif`. One at most goes to standard output. */
export function outputTargets(values: readonly string[]): readonly OutputTarget[] {
  const targets = (values.length === 0 ? ['text'] : values).map((value): OutputTarget => {
    const equals = value.indexOf('=')
    const format = equals < 0 ? value : value.slice(0, equals)
    if (!Object.hasOwn(formats, format)) {
      throw new UsageError(`there is no format \`${format}\``, `formats are ${formatNames.join(', ')}`)
    }
    if (value.endsWith('=')) throw new UsageError(`\`${value}\` names no file`)
    return equals < 0 ? { format } : { format, file: value.slice(equals + 1) }
  })
  const files = targets.flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]))
  if (new Set(files).size < files.length)
    throw new UsageError('two formats cannot share a file', 'give each a file of its own')
  if (targets.filter(({ file }) => file === undefined).length > 1) {
    throw new UsageError(
      'two formats cannot share standard output',
      'give one of them a file: --format sarif=report.sarif',
    )
  }
  return targets
}

/** Whether colour is wanted on a stream: `NO_COLOR` and `FORCE_COLOR` decide, else whether a person is there to see it. */
export function wantsColor(isTerminal: boolean, environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== '') return false
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTerminal && environment['TERM'] !== 'dumb'
}

/** Writes a report in each format; files are replaced whole or not at all. */
export function writeReport(report: Report, targets: readonly OutputTarget[], options: TextOptions): void {
  for (const { format, file } of targets) {
    const text = (formats[format] as (typeof formats)[string])(
      report,
      file === undefined ? options : { ...options, color: false },
    )
    if (file === undefined) process.stdout.write(text)
    else replaceFile(file, text)
  }
}

/** Replaces a file by way of a new one beside it, so that nobody ever sees half of it. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  const beside = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(beside, content)
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new UsageError(
      `\`${file}\` could not be written: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
