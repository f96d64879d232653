import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { mistakes } from '../types/mistakes.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/types-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const options = {
  strict: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023', 'dom'],
  noEmit: true,
  skipLibCheck: false,
  types: [],
  exactOptionalPropertyTypes: true,
}

/** Runs a compiler over files of a project of its own, and gives what it says. */
function compile(
  compiler: string,
  name: string,
  files: Readonly<Record<string, string>>,
  more: object = {},
): string {
  const project = join(folder, name)
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, ...more }, include: ['*.ts'] }),
  )
  for (const [file, content] of Object.entries(files)) writeFileSync(join(project, file), content)
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', project, '--pretty', 'false'],
    { encoding: 'utf8' },
  )
  return stdout
}

const head = `import { allOf, message, policy, type Expr } from 'gatewright'\nimport { workloads } from 'gatewright/kubernetes'\nexport const made: unknown = policy({ id: 'x/y', title: 'x', severity: 'low', target: workloads, rule: `

describe('D1, D2: mistakes are compile errors that say what to do', () => {
  const files = Object.fromEntries(mistakes.map(({ rule }, i) => [`m${i}.ts`, `${head}${rule} })\n`]))
  const output = compile('typescript', 'mistakes', files)
  it.each(mistakes.map((mistake, i) => ({ ...mistake, file: `m${i}.ts` })))(
    '$name: $code',
    ({ code, says, file }) => {
      const blocks = output.split(/\n(?=\S)/).filter((block) => block.includes(`${file}(`))
      const said = blocks.find((block) => block.includes(code))
      expect(said, blocks.join('\n')).toContain(says)
    },
  )
})

describe.each(['typescript', 'typescript-6', 'typescript-5.9'])('%s', (compiler) => {
  it('takes what is right, and our declarations', () => {
    const right = readFileSync(join(root, 'test/types/right.ts'), 'utf8')
    expect(compile(compiler, `right-${compiler}`, { 'right.ts': right })).toBe('')
  })
})

it('says what is wrong where "strict" is off', () => {
  const file = `${head}({ pod }) => pod.hostPID.is(true).deny({ message: 'x' }) })\n`
  expect(
    compile(
      'typescript',
      'not-strict',
      { 'a.ts': file },
      { strict: false, exactOptionalPropertyTypes: false },
    ),
  ).toContain('gatewright needs \\"strict\\": true in tsconfig.json')
})
