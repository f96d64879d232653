import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { evaluator } from '@gatewright/evaluator'
import { podSecurity } from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { findChromium, openPage } from './chromium.js'
import { randomObjects } from './random-objects.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Where a browser finds what is imported by name: what is built, as it is, without a bundler. */
function importMap(): Readonly<Record<string, string>> {
  const own = ['core', 'kubernetes', 'evaluator'].map(
    (name) => [`@gatewright/${name}`, `/packages/${name}/dist/index.js`] as const,
  )
  const folderOf = (room: string, name: string): string =>
    `/${relative(root, realpathSync(join(root, 'packages', room, 'node_modules', name)))
      .split(sep)
      .join('/')}`
  return Object.fromEntries([
    ...own,
    ['@gatewright/compiler/javascript', '/packages/compiler/dist/javascript/index.js'],
    ['@gatewright/compiler/wasm', '/packages/compiler/dist/wasm/index.js'],
    ['@gatewright/pod-security', '/policies/pod-security/dist/index.js'],
    ['zod', `${folderOf('core', 'zod')}/index.js`],
    ['re2js', `${folderOf('core', 're2js')}/build/index.js`],
    ['@noble/hashes/', `${folderOf('compiler', '@noble/hashes')}/`],
  ])
}

const page = `<!doctype html>
<script type="importmap">${JSON.stringify({ imports: importMap() })}</script>
<script type="module">
import { evaluator, wasmEngine } from '@gatewright/evaluator'
import { podSecurity } from '@gatewright/pod-security'
const answer = async () => {
  const texts = await (await fetch('/texts')).json()
  const withWasm = location.pathname === '/wasm'
  const judge = evaluator([podSecurity], withWasm ? { engine: wasmEngine } : {})
  return texts.map((text) => {
    const { judgements, problem } = judge.evaluateText(new TextEncoder().encode(text))
    return { verdicts: judgements.map(({ verdict }) => verdict), problem }
  })
}
addEventListener('error', ({ message }) => fetch('/done', { method: 'POST', body: JSON.stringify({ failed: message }) }))
answer().then(
  (body) => fetch('/done', { method: 'POST', body: JSON.stringify(body) }),
  (error) => fetch('/done', { method: 'POST', body: JSON.stringify({ failed: String(error?.stack ?? error) }) }),
)
</script>`

const chromium = findChromium()
// the lane is asked for real engines: only outside CI may one be missing
const skips = 'reason' in chromium && process.env['CI'] === undefined
const reason = 'reason' in chromium ? ` (skipped: ${chromium.reason})` : ''

/** Content policies: none lets a text be run as code, and the second not even WebAssembly. */
const policies = {
  '/wasm': `script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'`,
  '/plain': `script-src 'self' 'unsafe-inline'`,
} as const

it.skipIf(skips).each(['/wasm', '/plain'] as const)(
  `Chromium judges bytes as Node does: %s${reason}`,
  async (path) => {
    if ('reason' in chromium) throw new Error(chromium.reason)
    const texts = [...randomObjects(31, 300).map((each) => JSON.stringify(each)), '[]', '{', '']
    let done: (body: string) => void
    const answer = new Promise<string>((resolve) => (done = resolve))
    const asked: string[] = []
    const server = createServer((request, response) => {
      const url = decodeURIComponent(request.url ?? '')
      if (url === '/done') {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => done(Buffer.concat(chunks).toString()))
        return void response.end()
      }
      if (url === '/texts') return void response.end(JSON.stringify(texts))
      if (url === path) {
        response.setHeader('content-type', 'text/html')
        response.setHeader('content-security-policy', policies[path])
        return void response.end(page)
      }
      const file = join(root, url)
      if (!file.startsWith(root) || !/\.m?js$/.test(file) || !existsSync(file)) {
        asked.push(url)
        response.statusCode = 404
        return void response.end()
      }
      response.setHeader('content-type', 'text/javascript')
      response.end(readFileSync(file))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const browser = openPage(chromium.path, `http://127.0.0.1:${port}${path}`)
    const missing = setTimeout(
      () => done(JSON.stringify({ failed: `no answer; asked in vain for: ${asked.join(' ')}` })),
      20_000,
    )
    try {
      const judge = evaluator([podSecurity])
      const expected = texts.map((text) => {
        const { judgements, problem } = judge.evaluateText(text)
        return { verdicts: judgements.map(({ verdict }) => verdict), problem }
      })
      const actual = JSON.parse(await answer) as typeof expected
      if ('failed' in actual) throw new Error(String(actual.failed))
      expect(actual.length).toBe(texts.length)
      expect(actual.slice(0, -3)).toEqual(JSON.parse(JSON.stringify(expected.slice(0, -3))))
      for (const { problem } of actual.slice(-3)) expect(problem?.code).toBe('bad-input')
    } finally {
      clearTimeout(missing)
      browser.close()
      server.close()
    }
  },
)
