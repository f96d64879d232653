import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describeWasm, type WasmDescription } from '@gatewright/compiler'
import { neutral } from '@gatewright/reports'
import { UsageError } from '../usage-error.js'

export interface InspectOptions {
  readonly json?: boolean
}

/** Prints what a module says of itself, beside its size and digest, and gives the exit code. */
export function inspect(file: string, options: InspectOptions): number {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new UsageError(
      `\`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  const described = describeWasm(bytes)
  if (described === undefined || !isModule(bytes)) {
    throw new UsageError(
      `\`${file}\` is no module that Gatewright made`,
      'make one with `gatewright build --target wasm`',
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
