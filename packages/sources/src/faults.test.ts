import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover } from './discover.js'
import { type Reading, readDocuments } from './read-documents.js'
import { readFile } from './read-file.js'
import { writeYaml } from './write-yaml.js'

const read = (text: string | Uint8Array): Reading =>
  readDocuments(text, { name: 'input.yaml', expect: 'any' })
const manifests = (text: string | Uint8Array): Reading => readDocuments(text, { name: 'input.yaml' })
const valueOf = (text: string): unknown => {
  const { documents, problems } = read(text)
  expect(problems).toEqual([])
  return documents[0]?.value
}
const codeOf = (text: string | Uint8Array): string | undefined => {
  const { documents, problems } = read(text)
  expect(documents).toEqual([])
  return problems[0]?.code
}

describe('what a cluster reads', () => {
  it('L1: words, octal and underscored numbers have the values of YAML 1.1 as Kubernetes reads it', () => {
    expect(valueOf('a: yes\nb: on\nc: Y\nd: NO\ne: off\nf: "yes"\n')).toEqual({
      a: true,
      b: true,
      c: true,
      d: false,
      e: false,
      f: 'yes',
    })
    expect(valueOf('a: 010\nb: 1_000\nc: 0.0\nd: 0x1F\ne: 0b11\nf: 1:30\ng: 0o17\n')).toEqual({
      a: 8,
      b: 1000,
      c: 0,
      d: 31,
      e: 3,
      f: '1:30',
      g: 15,
    })
    expect(valueOf('image: !!binary ZXZpbA==\n')).toEqual({ image: 'evil' })
  })

  it('L1: big integers keep every digit', () => {
    expect(valueOf('a: 9007199254740993\nb: 9007199254740991\nc: 18446744073709551615\n')).toEqual({
      a: 9007199254740993n,
      b: 9007199254740991,
      c: 18446744073709551615n,
    })
    expect(valueOf('{"a": 9007199254740993}')).toEqual({ a: 9007199254740993n })
  })

  it('L2: merge keys and anchors give the merged mapping', () => {
    expect(valueOf('x: &x {privileged: true}\na:\n  <<: *x\n  name: web\n')).toEqual({
      x: { privileged: true },
      a: { privileged: true, name: 'web' },
    })
    expect(valueOf('a: {<<: [{k: 1}, {k: 2, l: 3}], m: 4}\n')).toEqual({ a: { k: 1, l: 3, m: 4 } })
    expect(valueOf('a: {"<<": 1}\n')).toEqual({ a: { '<<': 1 } })
  })

  it('L2: a merge that would override a key before it is refused, since readers disagree', () => {
    expect(codeOf('a: {k: 2, <<: {k: 1}}\n')).toBe('overriding-merge')
    expect(valueOf('a: {<<: {k: 1}, k: 2}\n')).toEqual({ a: { k: 2 } })
  })

  it('L2: values behind aliases are copies', () => {
    const value = valueOf('a: &a [1]\nb: *a\n') as { a: unknown; b: unknown }
    expect(value.a).toEqual(value.b)
    expect(value.a).not.toBe(value.b)
  })

  for (const [name, text] of [
    ['YAML', 'hostNetwork: true\nb: 1\nhostNetwork: false\n'],
    ['JSON', '{"hostNetwork": true,\n"b": 1,\n"hostNetwork": false}'],
    ['escaped JSON', '{"hostNetwork": true,\n"b": 1,\n"host\\u004eetwork": false}'],
    ['keys that become equal', '"1": true\nb: 1\n1: false\n'],
    ['flow', 'x: {hostNetwork: true,\n b: 1,\n hostNetwork: false}\n'],
  ] as const) {
    it(`L3: a key that is written twice is refused with both places (${name})`, () => {
      const [problem] = read(text).problems
      expect(problem?.code).toBe('duplicate-key')
      expect(problem?.location?.start.line).toBe(3)
      expect(problem?.related?.location.start.line).toBe(1)
    })
  }

  it('L6: tags have the meaning of the Go reader, and never run anything', () => {
    expect(valueOf("a: !!int '12'\nb: !!str 12\nc: !Ref x\nd: !!set {e}\n")).toEqual({
      a: 12,
      b: '12',
      c: 'x',
      d: { e: null },
    })
    expect(valueOf('a: !!js/function "function () {}"\n'.replace('!!js/function', '!js'))).toEqual({
      a: 'function () {}',
    })
    expect(codeOf('a: !!js/function "x"\n')).toBe('odd-tag')
    expect(codeOf('a: !!int x\n')).toBe('tag-mismatch')
    expect(codeOf('a: !!binary "%"\n')).toBe('tag-mismatch')
  })

  it('L10: a key in another case and a text that looks like a boolean stay what they are', () => {
    expect(valueOf('hostnetwork: true\nhostNetwork: "true"\n')).toEqual({
      hostnetwork: true,
      hostNetwork: 'true',
    })
  })

  it('L11: keys become the text that Kubernetes makes of them', () => {
    expect(valueOf('n: a\n1: b\n010: c\n0.5: d\n~x: e\n')).toEqual({
      false: 'a',
      1: 'b',
      8: 'c',
      0.5: 'd',
      '~x': 'e',
    })
    expect(codeOf('~: a\n')).toBe('bad-key')
    expect(codeOf('{a: b}: c\n')).toBe('bad-key')
  })
})

describe('bombs and limits', () => {
  it('L4: an alias bomb is refused by its expanded node count', () => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n'
    for (let i = 1; i < 9; i++)
      bomb += `a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]\n`
    const start = performance.now()
    expect(codeOf(bomb)).toBe('alias-bomb')
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('L4: many aliases to a large node are refused before anything is built', () => {
    const large = `a: &a [${Array.from({ length: 1000 }, () => 'x').join(', ')}]\n`
    expect(codeOf(`${large}b: [${Array.from({ length: 20_000 }, () => '*a').join(', ')}]\n`)).toBe(
      'alias-bomb',
    )
  })

  it('L4: 100,000 aliases are read in seconds', () => {
    const start = performance.now()
    expect(
      read(`x: &x 1\na: [${Array.from({ length: 100_000 }, () => '*x').join(', ')}]\n`).problems,
    ).toEqual([])
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  it('L4: keys are limited to the 1,024 characters that go-yaml looks for a colon after', () => {
    expect(read(`${'k'.repeat(1024)}: 1\n`).problems).toEqual([])
    expect(codeOf(`${'k'.repeat(1025)}: 1\n`)).toBeDefined()
    expect(codeOf(`a: {${'k'.repeat(1025)}: 1}\n`)).toBeDefined()
  })

  it('L4: an anchor that contains itself is refused', () => {
    expect(codeOf('a: &a [*a]\n')).toBe('recursive-alias')
    expect(codeOf('a: *b\n')).toBe('unknown-anchor')
  })

  it('L4: nesting is limited, in every style, aliases included', () => {
    const deep = (depth: number): string => `a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`
    expect(read(deep(199)).problems).toEqual([])
    for (const depth of [200, 201, 1000, 10_001, 1_000_000]) expect(codeOf(deep(depth))).toBe('too-deep')
    const block = Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')
    expect(codeOf(block)).toBe('too-deep')
    expect(codeOf(`{"a": ${'['.repeat(100_000)}`)).toBe('too-deep')
    expect(
      codeOf(`a: &a ${'['.repeat(150)}${']'.repeat(150)}\nb: ${'['.repeat(100)}*a${']'.repeat(100)}\n`),
    ).toBe('too-deep')
  })

  it('L5: a file beyond 64 MiB is refused, from memory and from disk', () => {
    expect(read(new Uint8Array(64 * 1024 * 1024 + 1)).problems[0]?.code).toBe('file-too-large')
    const folder = mkdtempSync(join(tmpdir(), 'gatewright-'))
    const path = join(folder, 'large.yaml')
    writeFileSync(path, '')
    truncateSync(path, 1024 ** 3)
    expect(readFile({ name: 'large.yaml', path })).toMatchObject({ code: 'file-too-large' })
    rmSync(folder, { recursive: true })
  })

  it('L5: a document beyond 3 MiB and more than 100,000 documents are refused', () => {
    expect(codeOf(`a: ${'x'.repeat(3 * 1024 * 1024)}\n`)).toBe('document-too-large')
    const { documents, problems } = read('a: 1\n---\n'.repeat(100_001))
    expect(documents).toHaveLength(100_000)
    expect(problems.map(({ code }) => code)).toEqual(['too-many-documents'])
  })

  it('L5: bytes that are no text, such as an archive, are refused', () => {
    expect(codeOf(Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]))).toBe('not-text')
    expect(codeOf(Buffer.from('PK\u0003\u0004\u0000'))).toBe('unreadable-character')
  })
})

describe('bytes and broken documents', () => {
  const utf16 = (text: string, littleEndian: boolean): Buffer => {
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
    return littleEndian ? bytes : bytes.swap16()
  }

  it('L7: byte order marks decide, and positions are right behind them', () => {
    for (const bytes of [Buffer.from('\uFEFFa: 🔒\n'), utf16('a: 🔒\n', true), utf16('a: 🔒\n', false)]) {
      const { documents, byteOrderMark } = read(bytes)
      expect(byteOrderMark).toBe(true)
      expect(documents[0]?.value).toEqual({ a: '🔒' })
      expect(documents[0]?.locate(['a']).value.start).toEqual({ offset: 3, line: 1, column: 4 })
    }
  })

  it('L7: invalid UTF-8 and half UTF-16 are refused with their byte', () => {
    expect(read(Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a])).problems[0]?.message).toBe(
      'the byte at offset 3 is not UTF-8',
    )
    expect(codeOf(Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x61, 0x00]))).toBe('not-text')
    expect(codeOf(Buffer.from([0xff, 0xfe, 0x61]))).toBe('not-text')
  })

  it('L7: characters that readers do not agree on are refused, even in comments', () => {
    for (const character of [
      '\u0000',
      '\u0007',
      '\u007F',
      '\u0085',
      '\u2028',
      '\u2029',
      '\uFEFF',
      '\uFFFE',
      '\r',
    ]) {
      expect(codeOf(`a: 1\n# x${character}y\n`)).toBe('unreadable-character')
    }
  })

  it('L7: Windows line ends give the same values, and positions of the file', () => {
    const text = 'a: 1\r\nb: |\r\n  x\r\n  y\r\nc:\r\n  - d\r\n'
    const [document] = read(text).documents
    expect(document?.value).toEqual({ a: 1, b: 'x\ny\n', c: ['d'] })
    const place = document?.locate(['c', 0]).value
    expect(place?.start).toMatchObject({ line: 6, column: 5 })
    expect(text.slice(place?.start.offset, place?.end.offset)).toBe('d')
  })

  it('L7: tabs that indent are refused', () => {
    for (const text of ['a:\n\tb: 1\n', 'a:\n -\tb\n', 'a: |\n \tx\n  y\n'])
      expect(codeOf(text)).toBeDefined()
    expect(valueOf('a:\tb\n')).toEqual({ a: 'b' })
  })

  it('L8: the documents around a broken one are read, and the broken one is counted and placed', () => {
    const { documents, problems } = read('a: 1\n---\nb: [\n---\nc: 3\n')
    expect(documents.map(({ index, value }) => [index, value])).toEqual([
      [0, { a: 1 }],
      [2, { c: 3 }],
    ])
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ level: 'error', document: 1, location: { name: 'input.yaml' } })
    expect(problems[0]?.location?.start.line).toBe(3)
  })

  it('L8: text that kubectl would drop in silence is refused', () => {
    for (const text of ['a: 1\n...\nb: 2\n', '{a: 1}\nb: 2\n', '  a: 1\nb: 2\n', '%YAML 1.2\n---\na: 1\n']) {
      expect(read(text).problems[0]?.level).toBe('error')
    }
  })

  for (const text of [
    '{{- if .x }}\na: 1\n{{- end }}\n',
    'a: {{ .Values.a }}\n',
    'a:\n{{ toYaml .x | indent 2 }}\n',
  ]) {
    it(`L9: an unrendered template is said to be one: ${JSON.stringify(text)}`, () => {
      expect(codeOf(text)).toBe('unrendered-template')
    })
  }

  it('L9: braces in a quoted text are no template', () => {
    expect(valueOf('a: "{{ .Values.a }}"\n')).toEqual({ a: '{{ .Values.a }}' })
  })

  it('L12: the words and numbers that readers trip over are written so that they stay texts', () => {
    const value = { ns: 'n', a: 'yes', d: '1_000', y: '<<', on: ['010', '~', '1e3', 'null', ''] }
    expect(valueOf(writeYaml(value))).toEqual(value)
  })

  it("L3: keys named like an object's own machinery are ordinary keys", () => {
    for (const text of [
      '__proto__: {a: 1}\nconstructor: 1\ntoString: 2\n',
      '{"__proto__": {"a": 1}, "constructor": 1}',
    ]) {
      const value = valueOf(text) as Record<string, unknown>
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(Object.hasOwn(value, '__proto__')).toBe(true)
      expect(Object.keys(value)).toContain('constructor')
    }
    expect(({} as Record<string, unknown>)['a']).toBeUndefined()
  })
})

describe('lists', () => {
  const objects = (text: string): unknown[] => {
    const { documents, problems } = manifests(text)
    expect(problems.filter(({ level }) => level === 'error')).toEqual([])
    return documents.flatMap((document) => document.objects.map(({ value, path }) => ({ value, path })))
  }

  it('I1: a list is its items, whatever its kind and however deep, with their places', () => {
    const text = `
kind: ConfigMap
items:
- kind: List
  items:
  - {kind: Pod, apiVersion: v1}
- {kind: Secret}
`
    expect(objects(text)).toEqual([
      { value: { kind: 'Pod', apiVersion: 'v1' }, path: ['items', 0, 'items', 0] },
      { value: { kind: 'Secret' }, path: ['items', 1] },
    ])
  })

  it('I1: an item of a typed list has its kind and version from the list', () => {
    expect(objects('{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}}]}')).toEqual([
      { value: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, path: ['items', 0] },
    ])
  })

  it('I1: a list of nothing is a warning', () => {
    expect(manifests('kind: List\nitems: []\n').problems).toMatchObject([
      { level: 'warning', code: 'empty-list' },
    ])
    expect(manifests('kind: List\nitems:\n').problems).toMatchObject([
      { level: 'warning', code: 'empty-list' },
    ])
  })

  for (const [text, code, line] of [
    ['- a\n', 'not-an-object', 1],
    ['text\n', 'not-an-object', 1],
    ['a: 1\n', 'no-kind', 1],
    ['kind: ""\n', 'no-kind', 1],
    ['Kind: Pod\n', 'no-kind', 1],
    ['kind: List\nitems: {}\n', 'bad-list', 2],
    ['kind: List\nitems:\n- kind: Pod\n- metadata: {}\n', 'no-kind', 4],
    ['kind: List\nitems:\n- 1\n', 'not-an-object', 3],
  ] as const) {
    it(`I1: no object is lost in silence: ${JSON.stringify(text)} is ${code}`, () => {
      const [problem] = manifests(text).problems
      expect(problem).toMatchObject({ level: 'error', code })
      expect(problem?.location?.start.line).toBe(line)
    })
  }
})

describe('I2: finding files', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatewright-'))
    for (const name of ['a', 'a/.git', 'a/node_modules', 'a/sub', 'locked']) mkdirSync(join(folder, name))
    for (const name of [
      'a/b.yaml',
      'a/a.yml',
      'a/c.json',
      'a/d.txt',
      'a/.git/x.yaml',
      'a/node_modules/x.yaml',
      'a/sub/é.YAML',
    ]) {
      writeFileSync(join(folder, name), 'kind: Pod\n')
    }
    symlinkSync('.', join(folder, 'a/loop'))
    symlinkSync('nowhere', join(folder, 'a/dangling.yaml'))
    symlinkSync('b.yaml', join(folder, 'link.yaml'))
    symlinkSync('circle.yaml', join(folder, 'circle.yaml'))
    execFileSync('mkfifo', [join(folder, 'a/pipe.yaml')])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const found = (...inputs: string[]): string[] =>
    [...discover(inputs, { cwd: folder })].map((file) =>
      'path' in file ? file.name : `${file.name}: ${file.code}`,
    )

  it('I2: a folder gives its manifests in order; links and pipes are skipped with a reason', () => {
    expect(found('a')).toEqual([
      'a/a.yml',
      'a/b.yaml',
      'a/c.json',
      'a/dangling.yaml: symbolic-link',
      'a/loop: symbolic-link',
      'a/pipe.yaml: not-a-file',
      'a/sub/é.YAML',
    ])
  })

  it('I2: named files, globs and `-` are taken once, in the order given', () => {
    expect(found('a/d.txt', '-', 'a/*.y*ml', 'a/b.yaml', 'a/**')).toEqual([
      'a/d.txt',
      '-',
      'a/a.yml',
      'a/b.yaml',
      'a/dangling.yaml: symbolic-link',
      'a/pipe.yaml: not-a-file',
      'a/c.json',
      'a/sub/é.YAML',
    ])
  })

  it('I2: what is not there is said', () => {
    expect(found('none.yaml', 'none/*.yaml', 'circle.yaml', '/dev/zero')).toEqual([
      'none.yaml: missing',
      'none/*.yaml: no-match',
      'circle.yaml: symbolic-link',
      '/dev/zero: not-a-file',
    ])
  })

  it('I2: a file that vanishes or becomes a pipe after it was found is skipped, without waiting', () => {
    expect(readFile({ name: 'gone', path: join(folder, 'gone') })).toMatchObject({ code: 'missing' })
    expect(readFile({ name: 'pipe', path: join(folder, 'a/pipe.yaml') })).toMatchObject({
      code: 'not-a-file',
    })
    expect(readFile({ name: 'a', path: join(folder, 'a') })).toMatchObject({ code: 'not-a-file' })
  })

  it.skipIf(process.getuid?.() === 0)('I2: a folder without permission is skipped', () => {
    chmodSync(join(folder, 'locked'), 0)
    expect(found('locked')).toEqual(['locked: unreadable'])
  })

  it('I2: a file that was found is read under its name', () => {
    const [file] = discover(['a/b.yaml'], { cwd: folder })
    expect(file !== undefined && 'path' in file && readFile(file)).toMatchObject({
      documents: [{ value: { kind: 'Pod' } }],
      problems: [],
      source: { name: 'a/b.yaml' },
    })
  })
})

it('I8: an error never prints a long text of the input in full', () => {
  const secret = `canary-${'s3cret'.repeat(40)}`
  for (const text of [
    `a: !!int ${secret}\n`,
    `${secret}: 1\n${secret}: 2\n`,
    `{"a": 1} ${secret} "\n`,
    `a: *${secret}\n`,
  ]) {
    for (const problem of read(text).problems) expect(JSON.stringify(problem)).not.toContain(secret)
  }
})
