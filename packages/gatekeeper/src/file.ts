import type { Json } from '@gatewright/core'
import { writeYaml } from '@gatewright/sources'

/** A file, by its path below a folder. */
export interface GatekeeperFile {
  readonly path: string
  readonly content: string
}

/** A manifest as YAML, the same bytes each time, with Rego line under line. Texts that no file can hold throw a `TypeError`. */
export function yamlOf(manifest: Json): string {
  return writeYaml(manifest, { blocks: true })
}
