import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isNumber, type Json, type JsonNumber, numberText } from '@gatewright/core'
import { readJson } from '../../packages/sources/src/json/read-json.js'
import { binaries } from '../binaries.js'
import { Dice } from '../fuzz/dice.js'

/** A file of a bundle. */
export interface RegoFile {
  readonly path: string
  readonly text: string
}

/** The `opa` that the lane asks. */
export const opa = (): string => binaries('opa').opa

/** JSON with every digit of a number. */
export function exactJson(value: Json, spelled: (number: JsonNumber) => string = numberText): string {
  if (isNumber(value)) return spelled(value)
  if (Array.isArray(value)) return `[${value.map((each) => exactJson(each as Json, spelled)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => `${JSON.stringify(key)}:${exactJson(each as Json, spelled)}`)
    .join(',')}}`
}

/** Numbers in spellings that mean the same: `1`, `1.0`, `1e0`, `10e-1`. */
export function spellings(seed: number): (number: JsonNumber) => string {
  const dice = new Dice(seed)
  return (number) => {
    const text = numberText(number)
    if (text.includes('e') || dice.chance(0.7)) return text
    if (text.includes('.')) return dice.one([`${text}0`, `${text}e0`, `${text}E+0`])
    return dice.one([`${text}.0`, `${text}e0`, `${text}.00`, text === '0' ? '-0' : `${text}0e-1`])
  }
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
  {
    options = [],
    spelling,
  }: { readonly options?: readonly string[]; readonly spelling?: number | undefined } = {},
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
    {
      path: 'data.json',
      text: exactJson(
        { ...(data as object), cases: inputs },
        spelling === undefined ? undefined : spellings(spelling),
      ),
    },
  ]
  const answers = readJson(asked(all, 'data.driver.results', options), 0).value as unknown as Readonly<
    Record<string, readonly (readonly [number, unknown])[]>
  >
  return Object.fromEntries(
    names.map((name) => {
      const found = new Map(answers[name])
      return [name, (inputs[name] ?? []).map((_, i) => found.get(i))]
    }),
  )
}

/** What a query comes to, as JSON, with files of Rego and a document of data. */
export function answersTo(files: readonly RegoFile[], data: string, query: string): string {
  return asked([...files, { path: 'data.json', text: data }], query)
}

function asked(files: readonly RegoFile[], query: string, options: readonly string[] = []): string {
  return withFiles(files, (folder) => {
    const { stdout, status, stderr } = spawnSync(
      opa(),
      ['eval', '--format', 'raw', ...options, '-d', folder, query],
      { encoding: 'utf8', maxBuffer: 1 << 30 },
    )
    if (status !== 0) throw new Error(`opa eval ended with ${String(status)}: ${stdout}${stderr}`)
    return stdout
  })
}

/** What `opa check --strict` and `opa fmt` say of files; nothing where they are content. */
export function complaints(files: readonly RegoFile[], ...options: readonly string[]): string {
  return withFiles(files, (folder) => {
    const checked = spawnSync(opa(), ['check', '--strict', ...options, folder], { encoding: 'utf8' })
    const listed = execFileSync(opa(), ['fmt', '--list', ...options, folder], { encoding: 'utf8' })
    const said = `${checked.stdout}${checked.stderr}`.replace(
      /^.*?(\/\S+\.rego):(\d+):.*$/gm,
      (line, file: string, row: string) =>
        `${line}\n${readFileSync(file, 'utf8').split('\n')[Number(row) - 1] ?? ''}`,
    )
    return `${said}${listed === '' ? '' : `not formatted: ${formatting(listed, options)}`}`
  })
}

/** What `opa fmt` would change first in each of some files. */
function formatting(listed: string, options: readonly string[]): string {
  const files = listed.trim().split('\n').slice(0, 5)
  return files
    .map((file) => {
      const given = readFileSync(file, 'utf8').split('\n')
      const { stdout } = spawnSync(opa(), ['fmt', ...options, file], { encoding: 'utf8' })
      const wanted = stdout.split('\n')
      const at = given.findIndex((line, i) => line !== wanted[i])
      return `${given.slice(at, at + 3).join('\n')}\nshould be\n${wanted.slice(at, at + 3).join('\n')}`
    })
    .join('\n\n')
}
