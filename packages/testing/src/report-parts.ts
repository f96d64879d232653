import { type Json, pathText, type SourceLocation, type Verdict } from '@gatewright/core'
import { writeYaml } from '@gatewright/sources'

/** The name of a source file, from the root where it lies below it. */
export function fileOf({ file }: Pick<SourceLocation, 'file'>, { root }: { readonly root?: string }): string {
  const folder = root === undefined || root.endsWith('/') ? root : `${root}/`
  return folder !== undefined && file.startsWith(folder) ? file.slice(folder.length) : file
}

/** Rounded down, so that only all is 100 %. */
export const percent = (score: number): string => `${Math.floor(score * 1000) / 10} %`

/** A value in YAML, set in. */
export const yamlLines = (value: Json): readonly string[] =>
  writeYaml(value)
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)

/** A verdict with the places and codes of its violations: `denied at spec.hostNetwork (host-network)`. */
export function placedVerdict({ verdict, violations }: Verdict): string {
  const places = violations.map(({ code, at }) => `${pathText(at) || 'the object'} (${code})`)
  return places.length === 0 ? verdict : `${verdict} at ${places.join(', ')}`
}
