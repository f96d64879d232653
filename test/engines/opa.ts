import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isNumber, type Json, numberText } from '@gatewright/core'
import { readJson } from '../../packages/sources/src/json/read-json.js'
import { binaries } from '../binaries.js'

/** A file of a bundle. */
export interface RegoFile {
  readonly path: string
  readonly text: string
}

/** The `opa` that the lane asks. */
export const opa = (): string => binaries('opa').opa

/** JSON with every digit of a number. */
export function exactJson(value: Json): string {
  if (isNumber(value)) return numberText(value)
  if (Array.isArray(value)) return `[${value.map((each) => exactJson(each as Json)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}:${exactJson(each as Json)}`)
    .join(',')}}`
}

/** Lays files out in a folder of their own, and gives that to a function. */
export function withFiles<T>(files: readonly RegoFile[], use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-rego-'))
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What inputs come to by a rule: for each package the answers in the order of its inputs; undefined where there is none. */
export function evaluated(
  files: readonly RegoFile[],
  inputs: Readonly<Record<string, readonly Json[]>>,
  rule: string,
  data: Json = {},
  options: readonly string[] = [],
): Readonly<Record<string, readonly unknown[]>> {
  const names = Object.keys(inputs)
  const driver = [
    'package driver\n\nimport rego.v1',
    ...names.map(
      (name) =>
        `results[${JSON.stringify(name)}] := [[i, answer] | some i, each in data.cases[${JSON.stringify(name)}]; answer := data.${name}.${rule} with input as each]`,
    ),
  ].join('\n\n')
  const all = [
    ...files,
    { path: 'driver.rego', text: `${driver}\n` },
    { path: 'data.json', text: exactJson({ ...(data as object), cases: inputs }) },
  ]
  return withFiles(all, (folder) => {
    const { stdout, status, stderr } = spawnSync(
      opa(),
      ['eval', '--format', 'raw', ...options, '-d', folder, 'data.driver.results'],
      { encoding: 'utf8', maxBuffer: 1 << 30 },
    )
    if (status !== 0) throw new Error(`opa eval ended with ${String(status)}: ${stdout}${stderr}`)
    const answers = readJson(stdout, 0).value as unknown as Readonly<
      Record<string, readonly (readonly [number, unknown])[]>
    >
    return Object.fromEntries(
      names.map((name) => {
        const found = new Map(answers[name])
        return [name, (inputs[name] ?? []).map((_, i) => found.get(i))]
      }),
    )
  })
}

/** What `opa check --strict` and `opa fmt` say of files; nothing where they are content. */
export function complaints(files: readonly RegoFile[], ...options: readonly string[]): string {
  return withFiles(files, (folder) => {
    const checked = spawnSync(opa(), ['check', '--strict', ...options, folder], { encoding: 'utf8' })
    const listed = execFileSync(opa(), ['fmt', '--list', ...options, folder], { encoding: 'utf8' })
    return `${checked.stdout}${checked.stderr}${listed === '' ? '' : `not formatted: ${listed}`}`
  })
}
