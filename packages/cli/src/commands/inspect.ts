import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BundleError, readBundle, type ReadBundle } from '@gatewright/bundle'
import { describeWasm, type WasmDescription } from '@gatewright/compiler'
import { neutral } from '@gatewright/reports'
import { type VerificationOptions, verificationOf } from '../bundle-keys.js'
import { exitCodes, UsageError } from '../usage-error.js'

export interface InspectOptions extends VerificationOptions {
  readonly json?: boolean
  /** The revision of a bundle that is there already. */
  readonly notBefore?: string
}

/** Prints what a module or a bundle says of itself, beside its size and digest, and gives the exit code. */
export async function inspect(file: string, options: InspectOptions): Promise<number> {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new UsageError(
      `\`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return inspectBundle(file, bytes, options)
  if (verificationOf(options) !== undefined || options.notBefore !== undefined)
    throw new UsageError(`\`${file}\` is no bundle, and nothing else is signed`)
  const described = describeWasm(bytes)
  if (described === undefined || !isModule(bytes)) {
    throw new UsageError(
      `\`${file}\` is no bundle, and no module that Gatewright made`,
      'make one with `gatewright build --target bundle`, or `--target wasm`',
    )
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const text =
    options.json === true
      ? JSON.stringify(
          { file, size: bytes.length, sha256, entryPoints: entryPoints(described), ...described },
          null,
          2,
        )
      : page(file, bytes.length, sha256, described)
  process.stdout.write(`${text}\n`)
  return 0
}

/** Whether an engine takes the bytes, whatever they say of themselves. */
const isModule = (bytes: Uint8Array): boolean =>
  (
    globalThis as unknown as { readonly WebAssembly: { validate(bytes: Uint8Array): boolean } }
  ).WebAssembly.validate(bytes)

const entryPoints = ({ policies }: WasmDescription): readonly string[] => [
  'gatewright/decisions',
  ...policies.map(({ entryPoint }) => entryPoint),
]

function page(file: string, size: number, sha256: string, described: WasmDescription): string {
  const lines = [
    `${file}: ${described.policies.length} policies, ${size} bytes`,
    `sha256 ${sha256}`,
    '',
    `  0  ${entryPoints(described)[0] ?? ''}`,
    '     the decisions of all policies, in this order',
  ]
  for (const [i, policy] of described.policies.entries()) {
    const looksUp = policy.inventory.map(({ group, kind }) => (group === '' ? kind : `${kind}.${group}`))
    lines.push(
      '',
      `${String(i + 1).padStart(3)}  ${policy.entryPoint}`,
      `     ${policy.id} · ${policy.severity} · ${policy.title}`,
      `     reads ${policy.inputs.join(', ') || 'nothing'}${looksUp.length === 0 ? '' : `; looks up ${looksUp.join(', ')}`}`,
      `     function ${policy.function} · sha256 ${policy.digest}`,
      ...Object.entries(policy.values).map(
        ([key, value]) => `     parameter ${key} is built in: ${JSON.stringify(value)}`,
      ),
    )
  }
  return lines.map(neutral).join('\n')
}

async function inspectBundle(file: string, bytes: Uint8Array, options: InspectOptions): Promise<number> {
  const verification = verificationOf(options)
  let bundle: ReadBundle
  try {
    bundle = await readBundle(bytes, {
      ...(verification !== undefined && { verification }),
      ...(options.notBefore !== undefined && { notBefore: options.notBefore }),
    })
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    process.stderr.write(`gatewright: ${neutral(`${file}: ${error.message}`)}\n`)
    return exitCodes.unjudged
  }
  const { manifest, files, signer, isSigned, digest } = bundle
  const sizes = [...files].map(([path, content]) => ({ path, size: content.length }))
  const signed =
    signer === undefined
      ? isSigned
        ? 'signed, and not verified: give --verification-key'
        : 'not signed'
      : `signed by ${signer.keyId} with ${signer.algorithm}${signer.scope === undefined ? '' : ` for ${signer.scope}`}, verified`
  const text =
    options.json === true
      ? JSON.stringify(
          { file, size: bytes.length, digest, manifest, isSigned, signer: signer ?? null, files: sizes },
          null,
          2,
        )
      : [
          `${file}: a bundle of ${files.size} files, ${bytes.length} bytes`,
          digest,
          signed,
          '',
          `revision  ${manifest.revision || 'none'}`,
          ...manifest.roots.map(
            (root, i) => `${i === 0 ? 'roots   ' : '        '}  ${root || 'all of data'}`,
          ),
          ...manifest.wasm.map(
            ({ entrypoint, module }, i) => `${i === 0 ? 'wasm    ' : '        '}  ${entrypoint} in ${module}`,
          ),
          '',
          ...sizes.map(({ path, size }) => `${String(size).padStart(8)}  ${path}`),
        ]
          .map(neutral)
          .join('\n')
  process.stdout.write(`${text}\n`)
  return exitCodes.clean
}
