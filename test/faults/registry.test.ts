import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Artifact,
  bundleArtifact,
  type Credential,
  dockerCredentials,
  gatorArtifact,
  parseReference,
  pull,
  type PullOptions,
  type Pulled,
  push,
  type Pushed,
  type PushOptions,
  type Reference,
  type SigningKey,
  writeBundle,
} from '@gatewright/bundle'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { digestOf, type Fault, FakeRegistry } from './registry/fake-registry.js'

const registry = new FakeRegistry()
const elsewhere = new FakeRegistry()
beforeAll(async () => {
  await registry.listen()
  await elsewhere.listen()
})
afterAll(async () => {
  await registry.close()
  await elsewhere.close()
})
beforeEach(() => {
  registry.reset()
  elsewhere.reset()
})

const encoder = new TextEncoder()
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const key: SigningKey = {
  algorithm: 'EdDSA',
  key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  keyId: 'main',
}
const verification = {
  keys: {
    main: { algorithm: 'EdDSA', key: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  },
} as const

/** A signed bundle with that number, of about so many bytes that do not compress. */
function bundleOf(sequence: number, size = 0): Promise<Uint8Array> {
  const files = new Map([['a/policy.rego', encoder.encode(`package a\n\nallow := ${sequence} > 0\n`)]])
  if (size > 0) files.set('a/random.rego', encoder.encode(`# ${randomBytes(size).toString('base64')}\n`))
  const revision = `${sequence}-${'0'.repeat(32)}`
  return writeBundle({ manifest: { revision, roots: ['a'], wasm: [], metadata: {} }, files }, key)
}

const at = (name: string): Reference => parseReference(`${registry.host}/team/policies${name}`)
const quick = { credentials: async () => undefined, longestPause: 4 } as const
const put = (artifact: Artifact, name = ':main', options: PushOptions = {}): Promise<Pushed> =>
  push(at(name), artifact, { ...quick, ...options })
const get = (name = ':main', options: PullOptions = {}): Promise<Pulled> =>
  pull(at(name), { ...quick, verification, ...options })

/** Fails the first requests of a kind. */
function first(count: number, method: string, part: string, fault: Fault): Fault {
  let left = count
  return (seen, ...rest) =>
    seen.method === method && seen.url.includes(part) && left-- > 0 ? fault(seen, ...rest) : false
}

describe('what is pushed', () => {
  it('is pulled the same, by its tag and by its digest, and is the same artifact each time', async () => {
    const bytes = await bundleOf(1)
    const artifact = await bundleArtifact(bytes)
    const pushed = await put(artifact)
    expect(pushed).toMatchObject({ isUnchanged: false, uploaded: 2, skipped: 0 })
    expect(pushed.pinned).toBe(`${registry.host}/team/policies:main@${artifact.digest}`)
    for (const name of [':main', `@${artifact.digest}`, `:gone@${artifact.digest}`]) {
      const { archive, bundle, digest, layout } = await get(name)
      expect(Buffer.from(archive).equals(bytes)).toBe(true)
      expect(bundle.signer).toEqual({ keyId: 'main', algorithm: 'EdDSA' })
      expect({ digest, layout }).toEqual({ digest: artifact.digest, layout: 'opa' })
    }
    expect((await bundleArtifact(bytes)).digest).toBe(artifact.digest)
    expect(JSON.parse(Buffer.from(artifact.manifest).toString())).toMatchObject({
      config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(bytes) }],
    })
    expect(await put(artifact)).toMatchObject({ isUnchanged: true, before: artifact.digest })
  })

  it('lies as conftest and gator take it, and is pulled as files', async () => {
    await put(await bundleArtifact(await bundleOf(1), 'conftest'))
    const { bundle, layout } = await pull(at(':main'), quick)
    expect(layout).toBe('conftest')
    expect([...bundle.files.keys()]).toEqual(['a/policy.rego'])
    // its signature is of the bundle, and not there
    await expect(get()).rejects.toThrow('the bundle is not signed')
    await put(gatorArtifact(new Map([['templates/a.yaml', encoder.encode('kind: A\n')]])))
    const pulled = await pull(at(':main'), quick)
    expect(pulled.layout).toBe('gator')
    expect([...pulled.bundle.files.keys()]).toEqual(['templates/a.yaml'])
    expect(() => gatorArtifact(new Map([['../a.yaml', new Uint8Array()]]))).toThrow('`.`, `..`')
  })

  it('goes on after a crash, without what is there already', async () => {
    const artifact = await bundleArtifact(await bundleOf(1))
    registry.fault = ({ method, url }, response) => {
      if (method !== 'PUT' || !url.includes('/manifests/')) return false
      response.destroy()
      return true
    }
    await expect(put(artifact, ':main', { attempts: 2 })).rejects.toMatchObject({ problem: 'unavailable' })
    expect(registry.tags.size).toBe(0)
    registry.fault = () => false
    expect(await put(artifact)).toMatchObject({ uploaded: 0, skipped: 2 })
    expect((await get()).digest).toBe(artifact.digest)
  })

  it('goes on in the middle of a blob where a connection broke off', async () => {
    const artifact = await bundleArtifact(await bundleOf(1, 7_000_000))
    let broken = 0
    registry.fault = ({ method, url }, response, { uploads }) => {
      if (method !== 'PATCH' || broken++ > 0) return false
      // half of it arrived, and the answer is lost
      const id = /uploads\/(\d+)/.exec(url)?.[1] ?? ''
      const bytes = [...artifact.blobs.values()].find(({ length }) => length > 1_000_000)
      uploads.set(id, Buffer.from(bytes?.subarray(0, 2_000_000) ?? []))
      response.destroy()
      return true
    }
    await put(artifact)
    expect(broken).toBeGreaterThan(1)
    const sent = registry.asked('PATCH').reduce((sum, { size }) => sum + size, 0)
    expect(sent).toBeLessThan(4.2e6 * 2 + 1e6)
    expect((await get(':main')).digest).toBe(artifact.digest)
  })

  it('starts a blob again where the registry lost the upload', async () => {
    const artifact = await bundleArtifact(await bundleOf(1, 7_000_000))
    registry.fault = first(1, 'PATCH', '', ({ url }, response, { uploads }) => {
      uploads.delete(/uploads\/(\d+)/.exec(url)?.[1] ?? '')
      response.writeHead(404).end()
      return true
    })
    await put(artifact)
    expect((await get()).digest).toBe(artifact.digest)
  })

  it.each(['429', '500', '503', 'reset'])('gets through ten failures of the kind %s', async (kind) => {
    const artifact = await bundleArtifact(await bundleOf(1))
    let count = 0
    registry.fault = (_seen, response) => {
      if (count++ % 2 > 0 || count > 20) return false
      if (kind === 'reset') response.destroy()
      else response.writeHead(Number(kind), { 'retry-after': '0' }).end()
      return true
    }
    await put(artifact)
    expect((await get()).digest).toBe(artifact.digest)
    expect(count).toBeGreaterThan(12)
  })

  it('gives up after the attempts, and where it is asked to wait for too long', async () => {
    const artifact = await bundleArtifact(await bundleOf(1))
    let pause = '0'
    registry.fault = (_seen, response) => {
      response.writeHead(429, { 'retry-after': pause }).end()
      return true
    }
    await expect(put(artifact, ':main', { attempts: 3 })).rejects.toThrow('429, after 3 attempts')
    expect(registry.seen).toHaveLength(3)
    pause = '3600'
    await expect(put(artifact)).rejects.toThrow('asks to wait for 3600 s')
  })
})

describe('a tag', () => {
  it('is moved only from the digest that was said', async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map(async (n) => bundleArtifact(await bundleOf(n))))
    if (one === undefined || two === undefined || three === undefined) throw new Error('not made')
    await put(one, ':main', { ifDigest: 'none' })
    await put(two, ':main', { ifDigest: one.digest })
    for (const ifDigest of [one.digest, 'none'])
      await expect(put(three, ':main', { ifDigest })).rejects.toMatchObject({ problem: 'conflict' })
    expect(registry.tags.get('main')).toBe(two.digest)
    // what is wanted is there
    expect(await put(two, ':main', { ifDigest: one.digest })).toMatchObject({ isUnchanged: true })
    await expect(put(three, ':main', { ifDigest: 'sha256:1' })).rejects.toMatchObject({
      problem: 'reference',
    })
    await expect(put(three, '', { ifDigest: 'none' })).rejects.toMatchObject({ problem: 'reference' })
  })

  it.each(['before it is moved', 'as it is moved', 'right after it was moved'])(
    'that someone else moves %s is told, and theirs stays',
    async (when) => {
      const [one, two, theirs] = await Promise.all(
        [1, 2, 3].map(async (n) => bundleArtifact(await bundleOf(n))),
      )
      if (one === undefined || two === undefined || theirs === undefined) throw new Error('not made')
      await put(one)
      await put(theirs, ':theirs')
      registry.comparesAndSwaps = when === 'as it is moved'
      let isMoved = false
      registry.fault = ({ method, url }, response, { tags, manifests }) => {
        const isDigestPut = method === 'PUT' && url.includes('manifests/sha256')
        const isTagPut = method === 'PUT' && url.endsWith('/main')
        if (isMoved || !(when === 'before it is moved' ? isDigestPut : isTagPut)) return false
        isMoved = true
        tags.set('main', theirs.digest)
        if (when !== 'right after it was moved') return false
        manifests.set(two.digest, Buffer.from(two.manifest))
        response.writeHead(201).end()
        return true
      }
      await expect(put(two, ':main', { ifDigest: one.digest })).rejects.toMatchObject({ problem: 'conflict' })
      expect(registry.tags.get('main')).toBe(theirs.digest)
    },
  )

  it('whose move was answered into the void is not moved twice', async () => {
    const [one, two, theirs] = await Promise.all(
      [1, 2, 3].map(async (n) => bundleArtifact(await bundleOf(n))),
    )
    if (one === undefined || two === undefined || theirs === undefined) throw new Error('not made')
    await put(one)
    registry.fault = first(1, 'PUT', '/main', (_seen, response, { tags, manifests }) => {
      manifests.set(two.digest, Buffer.from(two.manifest))
      tags.set('main', two.digest)
      response.destroy()
      return true
    })
    await put(two, ':main', { ifDigest: one.digest })
    expect(registry.asked('PUT', '/main')).toHaveLength(2)
  })

  it('of two publishers at once goes to one of them, and the other is told', async () => {
    registry.comparesAndSwaps = true
    const [start, ...rest] = await Promise.all(
      [1, 2, 3, 4, 5].map(async (n) => bundleArtifact(await bundleOf(n))),
    )
    if (start === undefined) throw new Error('not made')
    await put(start)
    const results = await Promise.allSettled(
      rest.map((each) => put(each, ':main', { ifDigest: start.digest })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const winner = rest[results.findIndex(({ status }) => status === 'fulfilled')]
    expect(registry.tags.get('main')).toBe(winner?.digest)
  })
})

describe('what is pulled is refused', () => {
  const other = async (): Promise<Buffer> => Buffer.from(await bundleOf(9))
  const answering =
    (part: string, body: () => Buffer | string, headers: Record<string, string> = {}): Fault =>
    ({ method, url }, response) => {
      if (method !== 'GET' || !url.includes(part)) return false
      response.writeHead(200, headers).end(body())
      return true
    }

  it('with another blob, one that is too long, one that is too short, and another manifest', async () => {
    const bytes = await bundleOf(1)
    const artifact = await bundleArtifact(bytes)
    await put(artifact)
    const theirs = await other()
    const flipped = Buffer.from(bytes)
    flipped[100] = (flipped[100] ?? 0) ^ 1
    const manifest = Buffer.from((await bundleArtifact(theirs)).manifest)
    for (const [fault, why] of [
      [answering('/blobs/', () => flipped), 'the registry sends sha256:'],
      [answering('/blobs/', () => Buffer.concat([bytes, Buffer.alloc(1)])), 'sends more than'],
      [answering('/blobs/', () => Buffer.from(bytes.subarray(0, 50))), 'and had to be'],
      [answering('/manifests/', () => manifest), 'the registry sends sha256:'],
      [answering('/manifests/', () => '{}'), 'the registry sends sha256:'],
      [answering('/manifests/', () => Buffer.alloc(5 << 20, 32)), 'sends more than'],
    ] as const) {
      registry.fault = fault
      await expect(get(`@${artifact.digest}`)).rejects.toThrow(why)
    }
    registry.fault = answering('/manifests/', () => manifest, { 'docker-content-digest': artifact.digest })
    await expect(get()).rejects.toThrow(`the registry says ${artifact.digest} of what is`)
  })

  it('that was cut off each time, and taken where it was once', async () => {
    const artifact = await bundleArtifact(await bundleOf(1))
    await put(artifact)
    const cut: Fault = (_seen, response) => {
      response.writeHead(200, { 'content-length': '5000' })
      response.write('abc')
      setTimeout(() => response.destroy(), 5)
      return true
    }
    registry.fault = first(1, 'GET', '/blobs/', cut)
    expect((await get()).digest).toBe(artifact.digest)
    registry.fault = first(99, 'GET', '/blobs/', cut)
    await expect(get(':main', { attempts: 3 })).rejects.toMatchObject({ problem: 'unavailable' })
  })

  it('where its signature, its revision or its size are not those that are asked for', async () => {
    const { manifest, files } = (await get2()).bundle
    await put(await bundleArtifact(await writeBundle({ manifest, files })), ':unsigned')
    await expect(get(':unsigned')).rejects.toThrow('the bundle is not signed')
    await expect(get(':main', { notBefore: `2-${'0'.repeat(32)}` })).rejects.toThrow('is older than')
    await expect(get(':main', { mostBytes: 100 })).rejects.toThrow('more than the 100 that are taken')
    await expect(get(':none')).rejects.toMatchObject({ problem: 'not-found' })
    await expect(get('')).rejects.toMatchObject({ problem: 'reference' })

    async function get2(): Promise<Pulled> {
      await put(await bundleArtifact(await bundleOf(1)))
      return get()
    }
  })

  it.each([
    ['an index', { schemaVersion: 2, manifests: [] }],
    ['no layers', { schemaVersion: 2, layers: [] }],
    [
      'a layer of an image',
      { schemaVersion: 2, layers: [{ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1 }] },
    ],
    [
      'a layer without a digest',
      { schemaVersion: 2, layers: [{ mediaType: 'x', digest: 'md5:1', size: 1 }] },
    ],
    [
      'a negative size',
      { schemaVersion: 2, layers: [{ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: -1 }] },
    ],
    ['another type', { schemaVersion: 2, mediaType: 'application/json', layers: [] }],
    ['a list', []],
  ])('where the manifest is %s', async (_name, manifest) => {
    registry.fault = answering('/manifests/', () => JSON.stringify(manifest))
    await expect(get()).rejects.toThrow('the manifest is not taken')
  })
})

describe('credentials', () => {
  const password: Credential = { kind: 'password', username: 'me', password: 'pass-word' }
  const secrets = /pass-word|cGFzcy13b3Jk|bWU6cGFzcy13b3Jk|secret/
  const known = { credentials: async () => password }
  const basic = `Basic ${Buffer.from('me:pass-word').toString('base64')}`

  const asking =
    (challenge: string, accepted: string): Fault =>
    ({ authorization, url }, response) => {
      if (authorization === accepted || url.startsWith('/token')) return false
      response.writeHead(401, { 'www-authenticate': challenge }).end()
      return true
    }

  it('are given for Basic, and only where they are asked for', async () => {
    registry.fault = asking('Basic realm="r"', basic)
    await put(await bundleArtifact(await bundleOf(1)), ':main', known)
    expect(registry.seen[0]?.authorization).toBeUndefined()
    expect((await get(':main', known)).layout).toBe('opa')
    await expect(get()).rejects.toMatchObject({ problem: 'unauthorized' })
    const wrong = { credentials: async () => ({ ...password, password: 'another' }) }
    await expect(get(':main', wrong)).rejects.toThrow('refuses the credentials')
  })

  it('are traded for a token, for this repository and what is done there', async () => {
    const scopes: (string | null)[] = []
    elsewhere.fault = ({ url, authorization }, response) => {
      scopes.push(new URL(url, 'http://x').searchParams.get('scope'))
      response.writeHead(authorization === basic ? 200 : 401).end('{"token": "token-1"}')
      return true
    }
    const challenge = `Bearer realm="http://${elsewhere.host}/token",service="s",scope="repository:other:*"`
    registry.fault = asking(challenge, 'Bearer token-1')
    await put(await bundleArtifact(await bundleOf(1)), ':main', known)
    await get(':main', known)
    expect(scopes).toEqual(['repository:team/policies:pull,push', 'repository:team/policies:pull'])
    await expect(get()).rejects.toThrow('gives no token without credentials (401)')
  })

  it('that are a token are traded in a body, or taken as they are, and never stand in a URL', async () => {
    const asked: string[] = []
    elsewhere.fault = ({ method, url, size }, response) => {
      asked.push(`${method} ${url} ${size > 0}`)
      response.end('{"access_token": "token-2"}')
      return true
    }
    const challenge = `Basic realm="x", Bearer realm="http://${elsewhere.host}/token"`
    const identity = { credentials: async () => ({ kind: 'identity', token: 'secret-one' }) as const }
    registry.fault = asking(challenge, 'Bearer token-2')
    await put(await bundleArtifact(await bundleOf(1)), ':main', identity)
    expect(asked).toEqual(['POST /token true'])
    registry.fault = asking(challenge, 'Bearer secret-two')
    const bearer = { credentials: async () => ({ kind: 'bearer', token: 'secret-two' }) as const }
    expect((await get(':main', bearer)).layout).toBe('opa')
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['plain http', 'http://tokens.example.com/token'],
    ['a file', 'file:///etc/passwd'],
    ['no URL', 'nothing'],
    ['a URL with a password', 'https://a:b@tokens.example.com/'],
  ])('are not given to a realm that is %s', async (_name, realm) => {
    registry.fault = asking(`Bearer realm="${realm}"`, 'never')
    await expect(get(':main', known)).rejects.toMatchObject({ problem: 'refused' })
  })

  it('are not given to a host that a redirect leads to, nor to a realm that it names', async () => {
    const bytes = await bundleOf(1)
    await put(await bundleArtifact(bytes))
    const asked: (string | undefined)[] = []
    let answers = true
    elsewhere.fault = ({ authorization, url }, response) => {
      asked.push(authorization)
      if (answers && url.includes('?key=secret')) response.writeHead(200).end(bytes)
      else
        response
          .writeHead(401, { 'www-authenticate': `Basic realm="x", Bearer realm="http://${elsewhere.host}/"` })
          .end()
      return true
    }
    registry.fault = ({ authorization, method, url }, response) => {
      if (authorization !== basic) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
        return true
      }
      if (method !== 'GET' || !url.includes('/blobs/')) return false
      response.writeHead(307, { location: `http://${elsewhere.host}/store?key=secret` }).end()
      return true
    }
    expect(Buffer.from((await get(':main', known)).archive).equals(bytes)).toBe(true)
    answers = false
    const error = await get(':main', known).catch((thrown: unknown) => String(thrown))
    expect(error).toContain('401')
    expect(error).not.toMatch(secrets)
    expect(asked).toEqual([undefined, undefined])
  })

  it.each(['http://example.com/x', 'file:///etc/passwd', 'https://me:secret@example.com/', '/again'])(
    'nothing follows a redirect to %s',
    async (location) => {
      registry.fault = (_seen, response) => {
        response.writeHead(307, { location }).end()
        return true
      }
      const error = await get(':main', known).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ problem: 'refused' })
      expect(String(error)).not.toMatch(secrets)
    },
  )

  it('stand in no error, also where a registry repeats them', async () => {
    const artifact = await bundleArtifact(await bundleOf(1))
    for (const status of [400, 403, 404, 500, 200]) {
      registry.fault = ({ method }, response) => {
        if (method === 'HEAD') return false
        response
          .writeHead(status, { 'x-echo': basic })
          .end(`{"errors":[{"code":"DENIED","message":"${basic} pass-word"},{"code":"pass-word"}]}`)
        return true
      }
      const error = await put(artifact, ':main', { ...known, attempts: 2 }).catch(String)
      expect(error).toContain('RegistryError')
      expect(error).not.toMatch(secrets)
    }
  })
})

describe('the configuration of Docker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-docker-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const environment = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` }
  const configured = (config: object | string, name: string): Promise<Credential | undefined> => {
    writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
    return dockerCredentials(environment)(name)
  }
  const helper = (name: string, script: string): void => {
    writeFileSync(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, `docker-credential-${name}`), 0o755)
  }
  const auth = Buffer.from('me:a:b').toString('base64')

  it('gives what `docker login` wrote', async () => {
    const me = { kind: 'password', username: 'me', password: 'a:b' }
    expect(await configured({ auths: { 'r.io:5000': { auth } } }, 'r.io:5000')).toEqual(me)
    expect(await configured({ auths: { 'https://r.io/v2/': { auth } } }, 'r.io')).toEqual(me)
    expect(await configured({ auths: { 'https://index.docker.io/v1/': { auth } } }, 'docker.io')).toEqual(me)
    expect(await configured({ auths: { 'r.io': { username: 'me', password: 'a:b' } } }, 'r.io')).toEqual(me)
    expect(await configured({ auths: { 'r.io': { identitytoken: 't' } } }, 'r.io')).toEqual({
      kind: 'identity',
      token: 't',
    })
    for (const none of [
      {},
      { auths: { 'r.io': {} } },
      { auths: { 'r.io.evil': { auth } } },
      { auths: { 'r.io:5000': { auth } } },
    ])
      expect(await configured(none, 'r.io')).toBeUndefined()
    expect(await dockerCredentials({ DOCKER_CONFIG: join(folder, 'none') })('r.io')).toBeUndefined()
  })

  it('runs the helper that it names, one of the registry before the one of all', async () => {
    helper('all', 'read name; echo "{\\"Username\\":\\"$name\\",\\"Secret\\":\\"s\\"}"')
    helper('own', 'echo \'{"Username":"<token>","Secret":"t"}\'')
    helper('empty', 'echo "credentials not found in native keychain"; exit 1')
    helper('broken', 'echo "the secret is s3cret"; exit 2')
    const config = { credsStore: 'all', credHelpers: { 'own.io': 'own' } }
    expect(await configured(config, 'r.io')).toEqual({ kind: 'password', username: 'r.io', password: 's' })
    expect(await configured(config, 'own.io')).toEqual({ kind: 'identity', token: 't' })
    expect(await configured({ credsStore: 'empty' }, 'r.io')).toBeUndefined()
    for (const [credsStore, why] of [
      ['broken', 'ended with 2'],
      ['none', 'cannot be run'],
      ['../evil', 'no plain name'],
    ] as const) {
      const error = await configured({ credsStore }, 'r.io').catch(String)
      expect(error).toContain(why)
      expect(error).not.toContain('s3cret')
    }
  })

  it('that is broken is said to be, without what is in it', async () => {
    const error = await configured('{"auths": {"r.io": {"auth": "c2VjcmV0', 'r.io').catch(String)
    expect(error).toContain('is no JSON object')
    expect(error).not.toContain('c2VjcmV0')
    rmSync(join(folder, 'config.json'))
    mkdirSync(join(folder, 'config.json'))
    await expect(dockerCredentials(environment)('r.io')).rejects.toThrow('cannot be read: EISDIR')
    rmSync(join(folder, 'config.json'), { recursive: true })
  })
})

describe('a reference', () => {
  const digest = `sha256:${'0a'.repeat(32)}`

  it.each([
    ['r.io/a:1', { registry: 'r.io', repository: 'a', tag: '1' }],
    ['localhost/a/b-c/d_e:V.1', { registry: 'localhost', repository: 'a/b-c/d_e', tag: 'V.1' }],
    [`[::1]:5000/a@${digest}`, { registry: '[::1]:5000', repository: 'a', digest }],
    [`127.0.0.1:5000/a:x@${digest}`, { registry: '127.0.0.1:5000', repository: 'a', tag: 'x', digest }],
  ])('%s is read', (text, parts) => {
    expect(parseReference(text)).toEqual(parts)
  })

  it.each([
    '',
    'a',
    'a/b',
    'r.io',
    'r.io/',
    'r.io/A',
    'r.io/a:',
    'r.io/a@',
    'r.io/a@sha256:1',
    `r.io/a@${digest.toUpperCase()}`,
    `r.io/a@md5:${'0'.repeat(32)}`,
    `r.io/a@${digest}@${digest}`,
    'r.io/../a',
    'r.io/a/../b:1',
    'r.io/a//b',
    'r.io/a?x=1',
    'r.io/a#b',
    'r.io/a b',
    'r.io/a%2fb',
    'r.io:99999/a',
    'r.io:/a',
    '-r.io/a',
    'r..io/a',
    'r.io\\a/b',
    'r.io/a:b/c',
    'r.io/a:.b',
    'oci://r.io/a:1',
    'https://r.io/a',
    `r.io/${'a'.repeat(300)}`,
    `r.io/a:${'b'.repeat(200)}`,
    'r.io\n/a',
    'r.io/a\n',
  ])('%j is none', (text) => {
    expect(() => parseReference(text)).toThrow('this is no reference to a registry')
  })

  it('with a password does not repeat it', () => {
    for (const text of ['me:pa55@r.io/a:1', 'https://me:pa55@r.io/a:1'])
      expect(() => parseReference(text)).toThrow(/^(?!.*pa55)/)
  })
})
