import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { RegoFile } from '@gatewright/compiler'
import type { Json } from '@gatewright/core'
import { readDocuments } from '@gatewright/sources'

/** OPA is not there, or could not do what it was asked. */
export class OpaFailure extends Error {
  override readonly name = 'OpaFailure'
}

/** The version of an OPA: `1.22.2`. Throws an `OpaFailure` where it does not run. */
export function opaVersion(program: string = 'opa'): string {
  const { stdout, error } = spawnSync(program, ['version'], { encoding: 'utf8' })
  if (error !== undefined)
    throw new OpaFailure(program === 'opa' ? 'there is no `opa` on PATH' : `\`${program}\` does not run`)
  return /^Version: *(\S+)/m.exec(stdout)?.[1] ?? 'of an unknown version'
}

/** What a query comes to with files of Rego and data, every digit of its numbers kept. Throws an `OpaFailure` with what OPA says. */
export function evaluatedByOpa(
  files: readonly RegoFile[],
  query: string,
  program: string = 'opa',
): Json | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-opa-'))
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const { stdout, stderr, status, error } = spawnSync(
      program,
      ['eval', '--format', 'raw', '-d', folder, query],
      { maxBuffer: 1 << 30 },
    )
    if (error !== undefined) throw new OpaFailure(`opa did not run: ${error.message}`)
    if (status !== 0)
      throw new OpaFailure(`opa could not judge: ${stderr.toString().trim() || stdout.toString().trim()}`)
    // every digit of a number counts, so no JSON.parse
    return readDocuments(stdout, { name: 'opa', expect: 'any' }).documents[0]?.value
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
