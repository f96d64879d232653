import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript-5.9'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/hover-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'policy.ts')
const code = `import { policy, type Policy } from 'gatewright'
import { deployments, workloads } from 'gatewright/kubernetes'
export const a: Policy = policy({ id: 'a/b', title: 'x', severity: 'low', target: workloads, rule: ({ pod }) =>
  pod.allContainers.filter((c) => c.securityContext.privileged.is(true)).deny((c) => ({ message: 'x', at: c.imagePullPolicy })) })
export const b: Policy = policy({ id: 'b/b', title: 'x', severity: 'low', target: deployments, rule: ({ object }) =>
  object.spec.replicas.gt(1).ifMissing(true).deny({ message: 'x' }) })
`
writeFileSync(file, code)
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

/** What an editor shows of a name: TypeScript's own language service answers, as it does in editors. */
function hover(after: string): string {
  const position = code.indexOf(after) + after.length - 1
  const info = service.getQuickInfoAtPosition(file, position)
  const comment = ts.displayPartsToString(info?.documentation)
  return `${ts.displayPartsToString(info?.displayParts)}\n${comment}`
}

const options: ts.CompilerOptions = {
  strict: true,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: [],
}
const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [file],
  getScriptVersion: () => '1',
  getScriptSnapshot: (name) => {
    const text = ts.sys.readFile(name)
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
  },
  getCurrentDirectory: () => folder,
  getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
  fileExists: (name) => ts.sys.fileExists(name),
  readFile: (name) => ts.sys.readFile(name),
})

it.each([
  ['c.securityContext.privileged', 'BooleanExpr<Undecided>', 'Run container in privileged mode.'],
  [
    'c.securityContext',
    'ObjectExpr<SecurityContext | undefined>',
    'SecurityContext defines the security options',
  ],
  ['c.imagePullPolicy', 'StringExpr<"Always" | "IfNotPresent" | "Never", Undecided>', 'Image pull policy.'],
  ['pod.allContainers', 'ListExpr<Container>', 'The containers, the ephemeral containers'],
  ['object.spec.replicas', 'NumberExpr<Undecided>', 'Number of desired pods.'],
  ['replicas.gt', 'gt', ''],
])('%s shows its type and what Kubernetes says of it', (after, type, says) => {
  const shown = hover(after)
  expect(shown).toContain(type)
  expect(shown).toContain(says)
})

it('completes fields after a dot, and the literals of an enumeration', () => {
  const at = (after: string): readonly string[] =>
    service
      .getCompletionsAtPosition(file, code.indexOf(after) + after.length, {})
      ?.entries.map(({ name }) => name) ?? []
  expect(at('c.securityContext.')).toEqual(expect.arrayContaining(['privileged', 'seccompProfile', 'exists']))
  expect(at('pod.')).toEqual(expect.arrayContaining(['allContainers', 'hostNetwork', 'metadata']))
})
