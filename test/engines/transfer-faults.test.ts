import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { revisionOf, type SigningKey, writeBundle } from '@gatewright/bundle'
import { bundleShelf, serveBundles } from '@gatewright/server'
import { expect, it } from 'vitest'
import { Dice } from '../fuzz/dice.js'
import { until } from './docker-registry.js'
import { runOpa } from './running-opa.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const wanted = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 1000)

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signing: SigningKey = {
  algorithm: 'RS256',
  key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  keyId: 'main',
}
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const names = Array.from({ length: 16 }, (_, i) => `b${i}`)

const length = 20_000

/** A bundle that says its number, as long as a transfer that can break off on the way. */
function numbered(name: string, number: number): Promise<Uint8Array> {
  const content = Buffer.from(JSON.stringify({ number, filler: noise(number, length) }))
  const files = new Map([[`${name}/data.json`, content]])
  const roots = [name]
  const revision = revisionOf(files, roots, number)
  return writeBundle(
    { manifest: { revision, roots, wasm: [], regoVersion: 1, metadata: {} }, files },
    signing,
  )
}

/** Text that does not get smaller by packing it. */
function noise(from: number, length: number): string {
  const generator = new Dice(from + 1)
  return Array.from({ length }, () => String.fromCharCode(33 + generator.below(90))).join('')
}

/** What goes wrong on the way from a server to who asks it. */
const faults: Readonly<
  Record<string, (from: IncomingMessage, body: Buffer, to: ServerResponse, dice: Dice) => void>
> = {
  'cut off': (from, body, to) => {
    to.writeHead(from.statusCode ?? 0, { ...from.headers, 'content-length': body.length })
    to.write(body.subarray(0, body.length / 2), () => to.destroy())
  },
  'shorter than it is': (from, body, to) => {
    const short = body.subarray(0, Math.max(0, body.length - 100))
    to.writeHead(from.statusCode ?? 0, { ...from.headers, 'content-length': short.length }).end(short)
  },
  'longer than it is': (from, body, to) => {
    const long = Buffer.concat([body, Buffer.from('more')])
    to.writeHead(from.statusCode ?? 0, { ...from.headers, 'content-length': long.length }).end(long)
  },
  'a byte is another': (from, body, to, dice) => {
    const other = Buffer.from(body)
    if (other.length > 0) {
      const at = dice.below(other.length)
      other[at] = (other[at] ?? 0) ^ 1
    }
    to.writeHead(from.statusCode ?? 0, from.headers).end(other)
  },
  'nothing, and it is well': (from, _, to) => {
    to.writeHead(200, { etag: from.headers.etag ?? '' }).end()
  },
  // without a tag: OPA believes that of a 304, and would keep what it has for the new one
  'not changed, which nobody said': (_, __, to) => {
    to.writeHead(304).end()
  },
  'a page of something between': (_, __, to) => {
    to.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>')
  },
  overloaded: (_, __, to) => {
    to.writeHead(503).end()
  },
  gone: (_, __, to) => {
    to.writeHead(404).end()
  },
  'hung up': (_, __, to) => {
    to.destroy()
  },
}

it(`B4: OPA keeps the last good bundle through ${wanted} faults of transfer (seed ${seed})`, async () => {
  const dice = new Dice(seed)
  const shelf = bundleShelf()
  const numbers = new Map(names.map((name) => [name, 1]))
  const publish = async (name: string): Promise<void> => {
    const number = (numbers.get(name) ?? 0) + 1
    await shelf.put(name, await numbered(name, number))
    numbers.set(name, number)
  }
  for (const name of names) await shelf.put(name, await numbered(name, 1))
  const server = await serveBundles({ shelf })
  const counts = new Map<string, number>()
  let isBroken = true
  const between = createServer((asked, to) => {
    const sent = request(
      `${server.url}${asked.url ?? ''}`,
      { method: asked.method ?? 'GET', headers: asked.headers },
      (from) => {
        const parts: Buffer[] = []
        from.on('data', (part: Buffer) => parts.push(part))
        from.on('end', () => {
          const body = Buffer.concat(parts)
          const what = isBroken && dice.below(4) > 0 ? dice.one(Object.keys(faults)) : undefined
          if (what === undefined) return void to.writeHead(from.statusCode ?? 0, from.headers).end(body)
          counts.set(what, (counts.get(what) ?? 0) + 1)
          faults[what]?.(from, body, to, dice)
        })
      },
    )
    sent.on('error', () => to.destroy())
    sent.end()
  })
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
  const service = `http://127.0.0.1:${(between.address() as AddressInfo).port}`
  const opas = await Promise.all(
    [0, 1, 2, 3].map((own) =>
      runOpa({
        services: { ours: { url: service } },
        keys: { main: { algorithm: 'RS256', key: publicKey } },
        bundles: Object.fromEntries(
          names
            .filter((_, i) => i % 4 === own)
            .map((name) => [
              name,
              {
                service: 'ours',
                resource: `bundles/${name}.tar.gz`,
                polling: { min_delay_seconds: 1, max_delay_seconds: 1 },
                signing: { keyid: 'main' },
              },
            ]),
        ),
      }),
    ),
  )
  const seen = new Map<string, number>()
  /** All of one revision, and never an older one than before. */
  const look = async (): Promise<void> => {
    for (const [own, opa] of opas.entries()) {
      const data = (await opa.data('', null)) as Readonly<Record<string, Numbered | undefined>>
      for (const name of names.filter((_, i) => i % 4 === own)) {
        const bundle = data[name]
        if (bundle === undefined) expect(seen.get(name)).toBeUndefined()
        else {
          expect(bundle.filler === noise(bundle.number, length), `${name} is whole`).toBe(true)
          expect(bundle.number).toBeGreaterThanOrEqual(seen.get(name) ?? 0)
          seen.set(name, bundle.number)
        }
      }
    }
  }
  const total = (): number => [...counts.values()].reduce((sum, each) => sum + each, 0)
  try {
    for (let turn = 0; total() < wanted; turn++) {
      await look()
      if (turn % 4 === 0) for (const name of names) if (dice.below(3) === 0) await publish(name)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    isBroken = false
    await until(
      'every bundle is the newest',
      async () => {
        await look()
        return names.every((name) => seen.get(name) === numbers.get(name))
      },
      () => JSON.stringify([[...seen], [...numbers]]),
      60_000,
    )
    const published = [...numbers.values()].reduce((sum, each) => sum + each, 0)
    console.log(`${total()} faults over ${published} revisions:`, Object.fromEntries(counts))
    for (const what of Object.keys(faults)) expect(counts.get(what) ?? 0, what).toBeGreaterThan(0)
  } finally {
    for (const opa of opas) await opa.close()
    between.closeAllConnections()
    between.close()
    await server.close()
  }
})

interface Numbered {
  readonly number: number
  readonly filler: string
}
