import { readFileSync } from 'node:fs'
import type { Path } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'
import { readDocuments } from './read-documents.js'
import type { SourceDocument } from './source-document.js'
import { isFastText, layOutFast } from './yaml/read-fast.js'
import { layOutFull } from './yaml/read-full.js'

function only(text: string): SourceDocument {
  const { documents, problems } = readDocuments(text, { name: 'x.yaml', expect: 'any' })
  expect(problems).toEqual([])
  const [document] = documents
  if (document === undefined) throw new Error('there is no document')
  return document
}

/** The text of a key and of a value at a path. */
function texts(text: string, path: Path): [string | undefined, string] {
  const { key, value } = only(text).locate(path)
  return [
    key && text.slice(key.start.offset, key.end.offset),
    text.slice(value.start.offset, value.end.offset),
  ]
}

describe('places', () => {
  const styles = `# head
kind: Pod
"quoted key": 'it''s'   # after
flow: {a: [1, {b: "x"}], c: d}
list:
- one
-   name: two
    deep: {}
block: |-
  text

  more
long: some words
  go on
empty:
last: 1
`
  for (const [path, key, value] of [
    [['kind'], 'kind', 'Pod'],
    [['quoted key'], '"quoted key"', "'it''s'"],
    [['flow'], 'flow', '{a: [1, {b: "x"}], c: d}'],
    [['flow', 'a'], 'a', '[1, {b: "x"}]'],
    [['flow', 'a', 1, 'b'], 'b', '"x"'],
    [['flow', 'c'], 'c', 'd'],
    [['list', 0], undefined, 'one'],
    [['list', 1], undefined, 'name: two\n    deep: {}'],
    [['list', 1, 'deep'], 'deep', '{}'],
    [['block'], 'block', '|-\n  text\n\n  more'],
    [['long'], 'long', 'some words\n  go on'],
    [['empty'], 'empty', ''],
    [['last'], 'last', '1'],
  ] as const) {
    it(`finds ${path.join('.')}`, () => expect(texts(styles, path)).toEqual([key, value]))
  }

  it('gives the lines of the source, counted from 1', () => {
    const { source } = only(styles)
    expect(source.lineAt(3)).toBe(`"quoted key": 'it''s'   # after`)
    expect([source.lineAt(0), source.lineAt(99)]).toEqual(['', ''])
  })

  it('follows aliases and merges to where the value is written', () => {
    const text = 'x: &x {privileged: true}\na: *x\nb: {<<: *x, c: 1}\n'
    expect(texts(text, ['a', 'privileged'])).toEqual(['privileged', 'true'])
    expect(only(text).locate(['b', 'privileged']).value.start.line).toBe(1)
    expect(only(text).locate(['b', 'c']).value.start).toEqual({ offset: 46, line: 3, column: 16 })
  })

  it('gives the nearest ancestor of what is not written, and says so', () => {
    const document = only('a:\n  b: 1\n')
    expect(document.locate(['a', 'c', 'd'])).toMatchObject({
      exact: false,
      path: ['a'],
      key: { start: { line: 1, column: 1 } },
      value: { start: { line: 2, column: 3 } },
    })
    expect(document.locate(['a', 'b'])).toMatchObject({ exact: true, path: ['a', 'b'] })
    expect(document.locate([0])).toMatchObject({ exact: false, path: [] })
  })

  it('finds places in JSON, and in the second document of a file', () => {
    const json = '{"a": [1,\n {"\\u0062": 2}]}'
    expect(texts(json, ['a', 1, 'b'])).toEqual(['"\\u0062"', '2'])
    const [, second] = readDocuments('a: 1\n---\nb: [x]\n', { name: 'x', expect: 'any' }).documents
    expect(second?.locate(['b', 0]).value).toMatchObject({
      name: 'x',
      start: { offset: 13, line: 3, column: 5 },
    })
  })

  it('keeps keys that JavaScript would reorder apart', () => {
    expect(texts('b: x\n"1": y\n', ['1'])).toEqual(['"1"', 'y'])
  })
})

describe('comments', () => {
  const text = `# file
kind: Pod # the kind
# above a
# still above

# directly above
a: # behind the key
  # on b
  b: "no # comment" # on b too
  c: |  # header
    # content
list:
# on the item
- name: x # trailing
`
  const comments = (path: Path): string[] =>
    only(text)
      .commentsAt(path)
      .map((comment) => comment.text)

  it('are those at the end of the line and directly above it', () => {
    expect(comments(['kind'])).toEqual(['file', 'the kind'])
    expect(comments(['a'])).toEqual(['directly above', 'behind the key'])
    expect(comments(['a', 'b'])).toEqual(['on b', 'on b too'])
    expect(comments(['a', 'c'])).toEqual(['header'])
    expect(comments(['list', 0])).toEqual(['on the item', 'trailing'])
    expect(comments(['list', 0, 'name'])).toEqual(['on the item', 'trailing'])
  })

  it('say where they are', () => {
    expect(only(text).commentsAt(['kind'])[1]).toMatchObject({
      placement: 'trailing',
      location: { start: { line: 2, column: 11 }, end: { line: 2, column: 21 } },
    })
  })

  it('are none where nothing is written, and none in JSON', () => {
    expect(comments(['nothing'])).toEqual([])
    expect(only('{"a": "# no"}').commentsAt(['a'])).toEqual([])
  })
})

describe('places agree', () => {
  const cases = readFileSync(
    new URL('../../../test/data/yaml-reader/structures.jsonl', import.meta.url),
    'utf8',
  )
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, string | null])

  it('between the fast reader and the full one', () => {
    let compared = 0
    for (const [text] of cases) {
      const fast = isFastText(text) ? layOutFast(text, 0, text.length) : undefined
      if (fast === undefined) continue
      compared++
      expect(fast).toEqual(layOutFull(text, 0))
    }
    expect(compared).toBeGreaterThan(200)
  })

  it('with the parser, for the start of every scalar', () => {
    let compared = 0
    const check = (document: SourceDocument, node: Node | null, path: Path): void => {
      if (isMap(node)) {
        for (const { key, value: child } of node.items) {
          if (!isScalar(key) || typeof key.value !== 'string') continue
          check(document, child as Node | null, [...path, key.value])
        }
      } else if (isSeq(node)) {
        for (const [i, item] of node.items.entries()) check(document, item as Node, [...path, i])
      } else if (isScalar(node) && node.range && node.range[1] > node.range[0]) {
        const place = document.locate(path)
        if (!place.exact) return
        compared++
        expect(place.value.start.offset).toBe(node.range[0])
      }
    }
    for (const [text] of cases.slice(0, 1500)) {
      const { documents } = readDocuments(text, { name: 'x', expect: 'any' })
      const parsed = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' })
      if (documents[0] !== undefined && !text.includes('<<')) check(documents[0], parsed.contents, [])
    }
    expect(compared).toBeGreaterThan(1000)
  })
})
