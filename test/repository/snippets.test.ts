import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/snippets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** The blocks of a page in a language, with the line that each starts at. */
function blocks(page: string, language: string): readonly { readonly line: number; readonly code: string }[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    code: match[1] as string,
  }))
}

/** What stands around a snippet that is part of a rule: names as the guides use them. */
const around = (code: string): string => `import {
  allOf, anyOf, cidr, define, duration, type Expr, imageRef, message, not, onlyIf, policy, profile, quantity, ratio, remove, semver, set,
  target, text, timestamp, when, type Cluster, type Condition, type Policy, type Rule,
} from 'gatewright'
import * as kubernetes from 'gatewright/kubernetes'
import { z } from 'zod'
declare const pod: kubernetes.PodView
declare const c: Expr<kubernetes.Container>
declare const object: Expr<kubernetes.Deployment>
declare const cluster: Cluster
declare const limit: Expr<string | undefined>
declare const request: Expr<string | undefined>
declare const { apiDefaults, imagePullPolicyOf, deployments, networkPolicies, workloads, customResource, namespaces, ingresses }: typeof kubernetes
export const names: unknown = [allOf, anyOf, cidr, define, duration, imageRef, message, not, onlyIf, policy, profile, quantity, ratio, remove,
  semver, set, target, text, timestamp, when, z, pod, c, object, cluster, limit, request, deployments, networkPolicies, workloads,
  customResource, namespaces, ingresses, apiDefaults, imagePullPolicyOf]
export type Names = [Condition, Policy, Rule]
${code}`

/** What a snippet is written to; one that registers tests is called as vitest looks for them. */
const fileOf = (page: string, line: number, code: string): string =>
  `${page.replace('/', '-')}-${line}${isTest(code) ? '.test' : ''}.ts`

const isTest = (code: string): boolean => /^import .*'(?:gatewright\/)?vitest'$/m.test(code)

it('type-checks every TypeScript snippet of the README and the guides', () => {
  const snippets = pages.flatMap((page) => blocks(page, 'ts').map((block) => ({ page, ...block })))
  expect(snippets.length).toBeGreaterThan(5)
  for (const { page, line, code } of snippets) {
    const whole = /^import /m.test(code) ? code : around(code)
    writeFileSync(join(folder, fileOf(page, line, code)), whole)
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  // or vitest would look for the repository's
  writeFileSync(join(folder, 'vitest.config.js'), 'export default {}\n')
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
    noEmit: true,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
    { encoding: 'utf8' },
  )
  expect(stdout).toBe('')
})

const modules = pages.flatMap((page) =>
  blocks(page, 'ts')
    .filter(({ code }) => /^import /m.test(code))
    .map(({ line, code }) => ({ page, line, file: fileOf(page, line, code), tests: isTest(code) })),
)

it.each(modules.filter(({ tests }) => tests))('$page:$line passes', ({ file }) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, file],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  )
  expect(status, `${stdout}${stderr}`).toBe(0)
})

it.each(modules.filter(({ tests }) => !tests))('$page:$line defines what it shows', async ({ file }) => {
  expect(Object.keys((await import(join(folder, file))) as object)).not.toEqual([])
})

/** The output of a `console` block, by the command that it shows. */
const shown = pages.flatMap((page) =>
  blocks(page, 'console').map(({ line, code }) => {
    const [command = '', ...output] = code.split('\n')
    return { page, line, command: command.replace(/^\$ (npx )?gatewright /, ''), output: output.join('\n') }
  }),
)

it('finds what the README shows', () => {
  expect(shown.length).toBeGreaterThan(0)
})

it.each(shown)('$page:$line prints what it shows', ({ command, output }) => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'packages/gatewright/bin/gatewright.js'), ...command.split(' ')],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  )
  expect(stdout.trimEnd(), stderr).toBe(output.trimEnd())
})
