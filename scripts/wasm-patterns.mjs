/** Builds the pattern compiler that the encoder runs and writes it as text that TypeScript can import. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './setup.mjs'

const target = join(root, 'packages/compiler/src/wasm/generated')
const options = '--runtime stub --use abort= --importMemory --memoryBase 1024 -O2'.split(' ')
const folder = mkdtempSync(join(tmpdir(), 'gatewright-patterns-'))
try {
  const out = join(folder, 'patterns.wasm')
  const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
  const source = 'packages/compiler/assembly/pattern-compiler.ts'
  execFileSync(process.execPath, [compiler, source, ...options, '--outFile', out], {
    cwd: root,
    stdio: 'inherit',
  })
  mkdirSync(target, { recursive: true })
  const text = readFileSync(out).toString('base64')
  writeFileSync(
    join(target, 'patterns.ts'),
    `// written by scripts/wasm-patterns.mjs\nexport const patternCompiler: string = '${text}'\n`,
  )
} finally {
  rmSync(folder, { recursive: true })
}
