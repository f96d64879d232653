import { generateKeyPairSync } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { packTar } from 'modern-tar'
import { describe, expect, it } from 'vitest'
import { readArchive, writeArchive } from './archive.js'
import { type Bundle, readBundle, writeBundle } from './bundle.js'
import { canonicalJson } from './canonical-json.js'
import { readDelta, writeDelta } from './delta.js'
import { manifestText } from './manifest.js'
import { compareRevisions, revisionOf } from './revision.js'
import { sign, signaturesPath, type SigningKey, verify, type VerificationKey } from './signature.js'

const encoder = new TextEncoder()
const filesOf = (texts: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> =>
  new Map(Object.entries(texts).map(([path, text]) => [path, encoder.encode(text)]))

const bundle: Bundle = {
  manifest: { revision: '1', roots: ['a', 'b/c'], wasm: [], regoVersion: 1, metadata: { by: 'test' } },
  files: filesOf({
    'a/policy.rego': 'package a\n\nallow := true\n',
    'a/data.json': '{"limit": 1.0, "name": "ü<"}\n',
  }),
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const secret = 'a secret that is long enough for HMAC'

const privatePem = (pair: typeof rsa): string =>
  pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicPem = (pair: typeof rsa): string =>
  pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const signing: SigningKey = { algorithm: 'RS256', key: privatePem(rsa), keyId: 'main', scope: 'write' }
const key: VerificationKey = { algorithm: 'RS256', key: publicPem(rsa), scope: 'write' }
const verification = { keys: { main: key } }

/** The message with which a promise is refused. */
async function refusal(of: Promise<unknown>): Promise<string> {
  try {
    await of
  } catch (error) {
    expect(error).toMatchObject({ name: 'BundleError' })
    return (error as Error).message
  }
  throw new Error('it was taken')
}

describe('an archive', () => {
  it('has the same bytes for the same files, in any order', async () => {
    const files = filesOf({ 'b.txt': 'b', 'a/a.txt': 'a' })
    const reversed = new Map([...files].toReversed())
    const bytes = await writeArchive(files)
    expect(await writeArchive(reversed)).toEqual(bytes)
    expect(await readArchive(bytes)).toEqual(new Map([...files].toReversed()))
  })

  it('comes back as it was, for any files', async () => {
    const step = fc.stringMatching(/^[a-z0-9_.-]{1,40}[a-z0-9]$/)
    const path = fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => steps.join('/'))
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(path, fc.uint8Array({ maxLength: 700 }), { maxKeys: 6 }),
        async (given) => {
          const files = new Map(Object.entries(given).map(([name, bytes]) => [name, new Uint8Array(bytes)]))
          const names = [...files.keys()]
          fc.pre(!names.some((each) => names.some((other) => other.startsWith(`${each}/`))))
          const read = await readArchive(await writeArchive(files))
          expect(new Map([...read].toSorted())).toEqual(new Map([...files].toSorted()))
        },
      ),
      { numRuns: 100 },
    )
  })

  const entry = (name: string, more: object = {}): object => ({
    header: { name, size: 1, type: 'file', mtime: new Date(0), ...more },
    ...('linkname' in more || 'type' in more ? {} : { body: 'x' }),
  })
  const packed = async (...entries: readonly object[]): Promise<Uint8Array> =>
    gzipSync(await packTar(entries as Parameters<typeof packTar>[0]))

  it.each([
    ['steps up', '../a'],
    ['steps up inside', 'a/../../b'],
    ['a drive', 'C:/a'],
    ['a UNC path', '\\\\host\\share'],
    ['a backslash', 'a\\..\\b'],
    ['an empty step', 'a//b'],
    ['two slashes in front', '//a'],
    ['a line break', 'a\nb'],
    ['a dot at its end', 'a./b'],
    ['decomposed Unicode', 'a\u0308'],
  ])('B1: is refused whole for %s in a path', async (_, path) => {
    expect(await refusal(readArchive(await packed(entry('good'), entry(path))))).toMatch(/this path/)
    await expect(writeArchive(filesOf({ [path]: 'x' }))).rejects.toThrow('this path')
  })

  it.each([
    ['symlink', { type: 'symlink', linkname: '/etc/passwd', size: 0 }],
    ['link', { type: 'link', linkname: 'good', size: 0 }],
    ['character-device', { type: 'character-device', size: 0 }],
    ['block-device', { type: 'block-device', size: 0 }],
    ['fifo', { type: 'fifo', size: 0 }],
  ])('B1: is refused whole for a %s', async (kind, more) => {
    expect(await refusal(readArchive(await packed(entry('good'), entry('bad', more))))).toBe(
      `"bad": it is no file but a ${kind}`,
    )
  })

  it('B1: is refused whole for a file that is there twice, or in another case, or as a folder', async () => {
    expect(await refusal(readArchive(await packed(entry('a/b'), entry('a/b'))))).toBe(
      '"a/b": it is there twice',
    )
    expect(await refusal(readArchive(await packed(entry('/a/b'), entry('./a/b'))))).toBe(
      '"a/b": it is there twice',
    )
    expect(await refusal(readArchive(await packed(entry('a/b'), entry('A/b'))))).toBe(
      '"A/b": it differs from "a/b" only in case',
    )
    expect(await refusal(readArchive(await packed(entry('a'), entry('a/b'))))).toBe(
      '"a/b": it lies in "a", which is a file',
    )
  })

  it('B4: is refused where it is cut off, longer than it says, larger than the limit, or something else', async () => {
    const bytes = await writeArchive(bundle.files)
    for (let length = 0; length < bytes.length; length += 7)
      await expect(readArchive(bytes.slice(0, length))).rejects.toThrow(/no gzipped archive/)
    for (const more of [Buffer.from('more'), Buffer.alloc(8), bytes])
      await expect(readArchive(Buffer.concat([bytes, more]))).rejects.toThrow(
        /bytes follow the end|no gzipped archive|no tar archive/,
      )
    expect(await refusal(readArchive(gzipSync(Buffer.from('no tar'))))).toMatch(/no tar archive/)
    const large = await writeArchive(new Map([['large', new Uint8Array(1 << 20)]]))
    expect(await refusal(readArchive(large, { unpacked: 1 << 19 }))).toBe(
      'it is more than 524288 bytes when unpacked',
    )
    expect(await refusal(readArchive(bytes, { files: 1 }))).toBe('it has more than 1 files')
  })
})

describe('the canonical form of JSON', () => {
  it('is that of Go: sorted keys, numbers as written, texts as Go escapes them', () => {
    expect(
      canonicalJson(' {"b": [1.0, 1e3, -0], "a": "\\u00fc<\\u2028\\u0001\\/", "": {}, "c": []}\n', 'x'),
    ).toBe('{"":{},"a":"ü<\\u2028\\u0001/","b":[1.0,1e3,-0],"c":[]}')
  })

  it('agrees with what is written, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = canonicalJson(JSON.stringify(value, null, 2), 'x')
        expect(canonicalJson(once, 'x')).toBe(once)
        expect(JSON.parse(once)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it.each([
    '',
    '{',
    '{"a" 1}',
    '[1,]',
    '[1 2]',
    '{"a":1,}',
    'nul',
    '01',
    '"\n"',
    '{} x',
    '{"a":1,"a":2}',
    '+1',
    '[:]',
  ])('refuses %j', (text) => {
    expect(() => canonicalJson(text, 'data.json')).toThrow('data.json')
  })
})

describe('a signature', () => {
  it.each([
    ['RS256', privatePem(rsa), publicPem(rsa)],
    ['RS512', privatePem(rsa), publicPem(rsa)],
    ['PS384', privatePem(rsa), publicPem(rsa)],
    ['ES256', privatePem(ec as unknown as typeof rsa), publicPem(ec as unknown as typeof rsa)],
    ['EdDSA', privatePem(ed as unknown as typeof rsa), publicPem(ed as unknown as typeof rsa)],
    ['HS256', secret, secret],
  ] as const)('of %s holds for what was signed', async (algorithm, own, theirs) => {
    const bytes = await writeBundle(bundle, { algorithm, key: own, keyId: 'k', scope: 'read' })
    const read = await readBundle(bytes, {
      verification: { keys: { k: { algorithm, key: theirs } }, scope: 'read' },
    })
    expect(read.signer).toEqual({ keyId: 'k', algorithm, scope: 'read' })
    expect(read.manifest).toEqual({ ...bundle.manifest })
    expect(read.files).toEqual(new Map([...bundle.files].toSorted()))
    const again = await writeBundle(bundle, { algorithm, key: own, keyId: 'k', scope: 'read' })
    expect(Buffer.from(again).equals(bytes)).toBe(!/^[EP]S/.test(algorithm))
  })

  /** The signed files with something done to them, packed again. */
  async function tampered(change: (files: Map<string, Uint8Array>) => void): Promise<string> {
    const files = new Map(await readArchive(await writeBundle(bundle, signing)))
    change(files)
    return refusal(readBundle(await writeArchive(files), { verification }))
  }

  const signatures = (files: Map<string, Uint8Array>, text: string): unknown =>
    files.set(signaturesPath, encoder.encode(text))

  /** The token of the signed bundle with its parts changed. */
  const token = (files: Map<string, Uint8Array>): readonly [string, string, string] => {
    const { signatures: tokens } = JSON.parse(new TextDecoder().decode(files.get(signaturesPath))) as {
      readonly signatures: readonly [string]
    }
    return tokens[0].split('.') as unknown as readonly [string, string, string]
  }
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  it('B2: does not hold for a file that was changed, added, taken out or renamed', async () => {
    expect(
      await tampered((files) => files.set('a/policy.rego', encoder.encode('package a\n\nallow := 1\n'))),
    ).toBe('"a/policy.rego": it is not what was signed')
    expect(
      await tampered((files) => files.set('a/data.json', encoder.encode('{"limit": 1, "name": "ü<"}'))),
    ).toBe('"a/data.json": it is not what was signed')
    expect(await tampered((files) => files.set('a/more.rego', encoder.encode('package a.b\n')))).toBe(
      '"a/more.rego": it is there, and is not signed',
    )
    expect(await tampered((files) => files.set('b/c/data.json', encoder.encode('{}')))).toBe(
      '"b/c/data.json": it is there, and is not signed',
    )
    expect(await tampered((files) => files.delete('a/policy.rego'))).toBe(
      '"a/policy.rego": it is signed, and is not there',
    )
    expect(
      await tampered((files) =>
        files.set('.manifest', encoder.encode(manifestText({ ...bundle.manifest, roots: ['a', 'b'] }))),
      ),
    ).toBe('".manifest": it is not what was signed')
    expect(await tampered((files) => files.set('patch.json', encoder.encode('{"data":[]}')))).toMatch(
      /delta bundle/,
    )
    expect(
      await tampered((files) => files.set('a/.signatures.json', files.get(signaturesPath) as Uint8Array)),
    ).toMatch(/stand at the root/)
  })

  it('B2: holds for JSON that is laid out otherwise', async () => {
    const files = new Map(await readArchive(await writeBundle(bundle, signing)))
    files.set('a/data.json', encoder.encode('{ "name": "\\u00fc<",\n "limit": 1.0 }'))
    expect((await readBundle(await writeArchive(files), { verification })).signer?.keyId).toBe('main')
  })

  it('B2: is refused where it is not there, empty, several, or no token', async () => {
    expect(await tampered((files) => files.delete(signaturesPath))).toMatch(/the bundle is not signed/)
    expect(await tampered((files) => signatures(files, ''))).toMatch(/no JSON/)
    expect(await tampered((files) => signatures(files, '{}'))).toMatch(/exactly one signature/)
    expect(await tampered((files) => signatures(files, '{"signatures":[]}'))).toMatch(/exactly one signature/)
    expect(
      await tampered((files) => {
        const whole = token(files).join('.')
        signatures(files, JSON.stringify({ signatures: [whole, whole] }))
      }),
    ).toMatch(/exactly one signature/)
    expect(await tampered((files) => signatures(files, '{"signatures":["a.b.c"]}'))).toMatch(/no JSON/)
    expect(
      await tampered((files) =>
        signatures(files, JSON.stringify({ signatures: [token(files).join('.')], plugin: 'theirs' })),
      ),
    ).toMatch(/signed by the plugin "theirs"/)
  })

  it('B2: takes no algorithm but the key’s: none, another, or a public key as a secret', async () => {
    const withHeader = (header: object, signature?: string): Promise<string> =>
      tampered((files) => {
        const [, payload, own] = token(files)
        signatures(
          files,
          JSON.stringify({ signatures: [`${encoded(header)}.${payload}.${signature ?? own}`] }),
        )
      })
    expect(await withHeader({ alg: 'none', kid: 'main' }, '')).toMatch(/not signed with RS256/)
    expect(await withHeader({ alg: 'HS256', kid: 'main' })).toMatch(/not signed with RS256/)
    expect(await withHeader({ alg: 'RS384', kid: 'main' })).toMatch(/not signed with RS256/)
    expect(await withHeader({ alg: 'RS256', kid: 'main', crit: ['exp'] })).toMatch(/does not hold/)
    expect(await withHeader({ alg: 'RS256' })).toMatch(/not signed with this key/)
    expect(await withHeader({ alg: 'RS256', kid: 'other' })).toMatch(/the key `other` is not known/)
    const swapped = await writeBundle(bundle, {
      algorithm: 'HS256',
      key: publicPem(rsa).replaceAll('-----', ''),
      keyId: 'main',
      scope: 'write',
    })
    expect(await refusal(readBundle(swapped, { verification }))).toMatch(/not signed with RS256/)
    expect(
      await refusal(writeBundle(bundle, { ...signing, algorithm: 'HS256', key: publicPem(rsa) })),
    ).toMatch(/takes a shared secret/)
    expect(
      await refusal(
        readBundle(swapped, { verification: { keys: { main: { ...key, algorithm: 'HS256' } } } }),
      ),
    ).toMatch(/takes a shared secret/)
  })

  it('B2: does not hold with another key, another scope, or claims that were changed', async () => {
    const bytes = await writeBundle(bundle, signing)
    const other = { keys: { main: { ...key, key: publicPem(otherRsa) } } }
    expect(await refusal(readBundle(bytes, { verification: other }))).toMatch(/not signed with this key/)
    expect(await refusal(readBundle(bytes, { verification: { ...verification, scope: 'read' } }))).toBe(
      '".signatures.json": it is signed for the scope "write", not for the scope "read"',
    )
    expect(
      await refusal(
        readBundle(bytes, { verification: { keys: { main: { algorithm: 'RS256', key: key.key } } } }),
      ),
    ).toMatch(/the scope "write", not for no scope/)
    expect(await refusal(readBundle(bytes, { verification: { ...verification, keyId: 'next' } }))).toMatch(
      /the key `next` is not known/,
    )
    expect(await refusal(readBundle(bytes, { verification: { keys: {} } }))).toMatch(
      /the key `main` is not known/,
    )
    expect(
      await tampered((files) => {
        const [header, payload, own] = token(files)
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
        signatures(
          files,
          JSON.stringify({ signatures: [`${header}.${encoded({ ...claims, more: 1 })}.${own}`] }),
        )
      }),
    ).toMatch(/changed afterwards/)
  })

  it('B2: proves nothing by a hash that is broken, or a file that is listed twice', async () => {
    const files = filesOf({ 'a.rego': 'package a\n' })
    const { SignJWT } = await import('jose')
    const signed = async (list: readonly object[]): Promise<string> => {
      const jwt = await new SignJWT({ files: list, scope: 'write' })
        .setProtectedHeader({ alg: 'RS256', kid: 'main' })
        .sign(rsa.privateKey)
      return refusal(verify(files, JSON.stringify({ signatures: [jwt] }), verification))
    }
    const own = JSON.parse(
      Buffer.from(
        (JSON.parse(await sign(files, signing)) as { signatures: [string] }).signatures[0].split('.')[1] ??
          '',
        'base64url',
      ).toString(),
    ) as { readonly files: readonly [{ readonly name: string; readonly hash: string }] }
    const [file] = own.files
    expect(await signed([{ ...file, algorithm: 'MD5' }])).toBe(
      '"a.rego": it is signed by its MD5, which proves nothing',
    )
    expect(await signed([{ ...file, algorithm: 'SHA-1' }])).toMatch(/SHA-1/)
    expect(await signed([file, file].map((each) => ({ ...each, algorithm: 'SHA-256' })))).toMatch(
      /signed twice/,
    )
    expect(await signed([])).toBe('"a.rego": it is there, and is not signed')
    expect(await signed([{ name: 'a.rego' }])).toMatch(/without its name, hash/)
  })
})

describe('a bundle', () => {
  it('has only what its roots permit', async () => {
    const reading = (texts: Readonly<Record<string, string>>): Promise<string> =>
      writeArchive(filesOf(texts)).then((bytes) => refusal(readBundle(bytes)))
    const manifest = (more: object): string => JSON.stringify({ revision: '', roots: ['a'], ...more })
    expect(await reading({ '.manifest': manifest({}), 'data.json': '{"b": 1}' })).toBe(
      '"data.json": `b` lies in none of the roots',
    )
    expect(await reading({ '.manifest': manifest({}), 'data.json': '[]' })).toMatch(/no JSON object/)
    expect(await reading({ '.manifest': manifest({}), 'ab/data.json': '{}' })).toMatch(/`ab` lies in none/)
    expect(await reading({ '.manifest': manifest({ roots: ['a', 'a/b'] }) })).toMatch(/overlap/)
    expect(await reading({ '.manifest': manifest({ roots: 'a' }) })).toMatch(/`roots` is not a list of texts/)
    expect(await reading({ '.manifest': '[]' })).toMatch(/no JSON object/)
    expect(
      await reading({ '.manifest': manifest({ wasm: [{ entrypoint: 'a/x', module: '/policy.wasm' }] }) }),
    ).toMatch(/is not there/)
    expect(
      await reading({ '.manifest': manifest({ wasm: [{ entrypoint: 'b', module: '/m' }] }), m: '' }),
    ).toMatch(/`b` lies in none of the roots/)
    await expect(
      readBundle(await writeArchive(filesOf({ '.manifest': manifest({}), 'data.json': '{"a": 1}' }))),
    ).resolves.toMatchObject({ isSigned: false })
  })

  it('B3: does not go back', async () => {
    const at = (sequence?: number): Bundle => ({
      ...bundle,
      manifest: { ...bundle.manifest, revision: revisionOf(bundle.files, ['a'], sequence) },
    })
    const [older, newer] = [await writeBundle(at(9)), await writeBundle(at(10))]
    const there = (of: Bundle): string => of.manifest.revision
    await expect(readBundle(newer, { notBefore: there(at(9)) })).resolves.toBeTruthy()
    await expect(readBundle(newer, { notBefore: there(at(10)) })).resolves.toBeTruthy()
    expect(await refusal(readBundle(older, { notBefore: there(at(10)) }))).toMatch(/is older than/)
    expect(await refusal(readBundle(await writeBundle(at()), { notBefore: there(at(10)) }))).toMatch(
      /cannot be told/,
    )
    expect(compareRevisions(there(at(9)), there(at(10)))).toBe('older')
    expect(() => revisionOf(bundle.files, [], 0)).toThrow(RangeError)
    expect(revisionOf(bundle.files, ['a'])).not.toBe(revisionOf(bundle.files, ['b']))
  })

  it('that is a delta is read as one, and only where it may be unsigned', async () => {
    const delta = {
      manifest: { revision: '2', roots: ['a'], wasm: [], metadata: {} },
      patch: [
        { op: 'upsert', path: '/a/limit', value: 2 },
        { op: 'remove', path: '/a/name' },
      ],
    } as const
    const bytes = await writeDelta(delta)
    expect(await readDelta(bytes, { allowUnsigned: true })).toEqual(delta)
    expect(await refusal(readDelta(bytes, { allowUnsigned: false as true }))).toMatch(/was not allowed/)
    expect(await refusal(readBundle(bytes))).toMatch(/delta bundle/)
    expect(() => writeDelta({ ...delta, patch: [{ op: 'remove', path: '/ab' }] })).toThrow(
      'none of the roots',
    )
    expect(
      await refusal(
        readDelta(await writeArchive(filesOf({ 'patch.json': '{"data":[{"op":"add","path":"/"}]}' })), {
          allowUnsigned: true,
        }),
      ),
    ).toMatch(/is none of upsert/)
  })
})
