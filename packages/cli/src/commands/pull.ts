import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseReference, pull as pullBundle } from '@gatewright/bundle'
import { neutral } from '@gatewright/reports'
import { type VerificationOptions, verificationOf } from '../bundle-keys.js'
import { replaceFile } from '../output.js'
import { registryOutcome } from '../registry-outcome.js'
import { exitCodes } from '../usage-error.js'
import { wholeNumber } from '../whole-number.js'

export interface PullCommandOptions extends VerificationOptions {
  readonly out: string
  /** The revision of a bundle that is there already. */
  readonly notBefore?: string
  /** The most bytes that are pulled. */
  readonly maxBytes?: string
  readonly plainHttp?: boolean
}

/** Pulls a bundle into a file, which is written only where all of it is sound, prints its reference, and gives the exit code. */
export function pull(name: string, options: PullCommandOptions): Promise<number> {
  return registryOutcome(name, async () => {
    const verification = verificationOf(options)
    const mostBytes = wholeNumber(options.maxBytes, '--max-bytes')
    const { archive, bundle, layout, pinned } = await pullBundle(parseReference(name), {
      ...(verification !== undefined && { verification }),
      ...(options.notBefore !== undefined && { notBefore: options.notBefore }),
      ...(mostBytes !== undefined && { mostBytes }),
      ...(options.plainHttp !== undefined && { plainHttp: options.plainHttp }),
    })
    const file = resolve(options.out)
    mkdirSync(dirname(file), { recursive: true })
    replaceFile(file, archive)
    const { isSigned, signer, manifest } = bundle
    const signed =
      signer === undefined
        ? isSigned
          ? 'signed, and not verified: give --verification-key'
          : 'not signed'
        : `signed by ${signer.keyId}, verified`
    const revision = manifest.revision === '' ? 'without a revision' : `revision ${manifest.revision}`
    process.stderr.write(`${neutral(`${revision}, for ${layout}, ${signed}`)}\n`)
    process.stdout.write(`${pinned}\n`)
    return exitCodes.clean
  })
}
