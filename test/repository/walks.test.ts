import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gatewright-walks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const programs: Readonly<Record<string, string>> = {
  gatewright: join(root, 'packages/gatewright/bin/gatewright.js'),
  tsc: join(root, 'node_modules/typescript/bin/tsc'),
  vitest: join(root, 'node_modules/vitest/vitest.mjs'),
}

function run(project: string, command: string): { readonly status: number | null; readonly printed: string } {
  const [, program = '', ...args] = command.split(' ')
  const { status, stdout, stderr } = spawnSync(process.execPath, [programs[program] as string, ...args], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  const printed = `${stdout}${stderr}`.replaceAll(project, '…').replace(/import\("[^"]*"\)/g, 'import("…")')
  return { status, printed: printed.trimEnd() }
}

/** Whether a text is what a page shows of it, where a line `…` stands for any lines. */
function expectShown(printed: string, shown: string): void {
  let rest = `${printed}\n`
  const parts = `\n${shown}\n`.split(/(?<=\n)…\n/).map((part) => part.replace(/^\n/, ''))
  if (parts.length === 1) return expect(printed).toBe(shown)
  for (const part of parts) {
    expect(rest).toContain(part)
    rest = rest.slice(rest.indexOf(part) + part.length)
  }
}

it.each([
  ['first-policy.md', 8],
  ['testing-a-policy.md', 4],
])(
  'docs/%s can be typed as it stands, and prints what it shows',
  (name, least) => {
    const project = join(folder, name)
    mkdirSync(project)
    run(project, 'npx gatewright init .')
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
    const page = readFileSync(join(root, 'docs', name), 'utf8')
    let sessions = 0
    for (const [, language, code = ''] of page.matchAll(
      /^```(typescript|yaml|shell-session)\n([^]*?)^```$/gm,
    )) {
      if (language !== 'shell-session') {
        const [, file = ''] = /^(?:\/\/|#) (\S+)\n/.exec(code) ?? []
        writeFileSync(join(project, file), code)
        continue
      }
      for (const [, command = '', shown = ''] of code.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
        expectShown(run(project, command).printed, shown.trimEnd())
        sessions++
      }
    }
    expect(sessions).toBeGreaterThan(least)
    expect(run(project, 'npx vitest run').status).toBe(0)
  },
  300_000,
)
