// Builds the runtime of the WebAssembly back end from its AssemblyScript, with and without SIMD, and writes it where the compiler
// has it at hand. With --check it only says whether what is committed is what the sources give.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'
import { install, root } from './setup.mjs'
import { needsOf } from './wasm-needs.mjs'

install()
const folder = join(root, 'packages/compiler/src/wasm/generated')
const variants = { simd: ['--enable', 'simd'], plain: ['--disable', 'simd'] }

async function build(source, flags) {
  const { error, stderr, binary } = await compiled(source, flags)
  if (error !== null) {
    console.error(String(stderr))
    throw error
  }
  return binary
}

async function compiled(source, flags) {
  const files = new Map()
  const { error, stderr } = await asc.main(
    [
      `packages/compiler/assembly/${source}.ts`,
      '--outFile',
      'runtime.wasm',
      ...['--runtime', 'stub', '--use', 'abort=', '--importMemory', '--memoryBase', '1024', '-O2'],
      ...flags,
    ],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(join(root, base === '.' ? '' : base, name), 'utf8')
        } catch {
          return null
        }
      },
      writeFile: (name, contents) => void files.set(name, contents),
      listFiles: () => [],
    },
  )
  return { error, stderr, binary: files.get('runtime.wasm') }
}

/** Bytes in base 64, in lines that belong between quotes. */
function base64(binary) {
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,120}/g)
  return lines.join("' +\n  '")
}

/** What the runtime says of itself. */
async function dataEnd(binary) {
  const memory = new WebAssembly.Memory({ initial: 2 })
  const { instance } = await WebAssembly.instantiate(binary, { env: { memory, opa_abort: () => {} } })
  return instance.exports.runtimeEnd()
}

const differing = []
for (const [name, flags] of Object.entries(variants)) {
  const binary = await build('index', flags)
  const text = `// Written by scripts/wasm-runtime.mjs from the sources in packages/compiler/assembly.
export const runtime: string =
  '${base64(binary)}'

/** Where the runtime's own data ends. */
export const dataEnd: number = ${await dataEnd(binary)}

/** By function: the numbers of the functions that it calls, and of the segments of data that it reads. */
export const needs: readonly (readonly [calls: readonly number[], data: readonly number[]])[] = ${JSON.stringify(needsOf(binary))}
`
  settle(name, text, binary)
}
const patterns = await build('patterns/pattern-compiler', [])
settle(
  'patterns',
  `// Written by scripts/wasm-runtime.mjs from the sources in packages/compiler/assembly.
/** What makes automata of patterns; the encoder runs it. */
export const patternCompiler: string =
  '${base64(patterns)}'
`,
  patterns,
)

/** Writes what was built, or sees whether it is what is there. */
function settle(name, text, binary) {
  const file = join(folder, `${name}.ts`)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) differing.push(name)
  console.error(`${name}: ${binary.length} bytes`)
}

if (differing.length > 0) {
  console.error(`not what the sources give: ${differing.join(', ')}; run npm run build:runtime`)
  process.exitCode = 1
}
