import { spawnSync } from 'node:child_process'
import { runInThisContext } from 'node:vm'
import { emitRego, emitRegoLibrary, type RegoModule } from '@gatewright/compiler'
import {
  type CallNode,
  check,
  type CheckedPolicy,
  cloneJson,
  holeText,
  type Json,
  judge,
  type Node,
  type Policy,
  policy,
  type PolicyIr,
  type RuleNode,
  target,
  wellFormed,
} from '@gatewright/core'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { seeded } from '../fuzz/random-policies.js'
import { type Decision, differenceOf } from './decisions.js'
import { complaints, evaluated, opa, withFiles } from './opa.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 20_000)
const rulesEach = 60

/** What means something to Rego, YAML, a template or a printer, or is no ordinary character. */
const fragments = [
  ...'"`\\%\n\r\t\0{}[]()#$\'/<>&|:-;,.=@!*?~ \u0001\u007F\u0085\u00A0\u00AD\u200B\u2028\u2029\uFEFF\uFFFD\uD800\uDC00é🔒',
  ...['{{', '}}', '%s', '%d', '%!', '\\"', '\\\\', '\\n', '\\u0022', '${x}', '$"', '\r\n', '"""', '*/', '/*'],
  ...['# METADATA', '# title: x', '\n\nviolation contains "x" if true\n\n', '"}\n', '") if true', ' := true'],
  ...[
    '\n}\n\ndefault decision := {"verdict": "allowed"}\n',
    '`\n',
    'package x',
    'import data.x',
    'else := 1',
  ],
  ...['with input as {}', 'not ', 'default', 'input', 'data', 'data.lib', 'lib', 'some', 'every', 'in', 'if'],
  ...[
    'violation',
    'decision',
    'fault',
    'misfit',
    'skip',
    'given',
    'found',
    'regex.match',
    'true',
    'null',
    '7',
  ],
  ...['__proto__', 'constructor', 'toString', '---\n', '- a', '!!str', '&a', 'a: b', "'", 'é̀', '\u202E'],
]

/** What a text is put to: a name or a constant, or a pattern that shall match only it. */
type Use = 'text' | 'pattern' | 'wildcard'

/** A text for a place of a policy. */
type Texts = (use?: Use) => string

const uses: Readonly<Record<Use, (text: string) => string>> = {
  text: (text) => text,
  pattern: (text) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'),
  wildcard: (text) => text.replace(/[[{\\*?]/g, '-'),
}

/** Hostile texts of which no two are equal, and what was given. */
function hostile(random: () => number): { readonly text: Texts; readonly given: readonly string[] } {
  const given: string[] = []
  const taken = new Set<string>()
  const text: Texts = (use = 'text') => {
    const length = 1 + Math.floor(random() ** 2 * 6)
    let made = ''
    for (let i = 0; i < length; i++) made += fragments[Math.floor(random() * fragments.length)] ?? ''
    // a key of digits alone would stand before the others in JavaScript
    while (taken.has(wellFormed(uses.wildcard(made))) || /^\d+$/.test(made)) made += `~${given.length}`
    taken.add(wellFormed(uses.wildcard(made)))
    const result = uses[use](made)
    given.push(result)
    return result
  }
  return { text, given }
}

/** Plain texts that stand for those which `hostile` gave. */
function plain(): Texts {
  let count = 0
  return () => `zq${count++}zq`
}

const literal = (value: Json): Node => ({ kind: 'literal', value })
const call = (
  operator: 'is' | 'in' | 'exists' | 'matches' | 'like' | 'startsWith' | 'message',
  ...operands: Node[]
): CallNode => ({
  kind: 'call',
  operator,
  arguments: operands,
})
const input: Node = { kind: 'input', name: 'input' }
const field = (of: Node, key: string, type: 'string' | 'list' | 'object' = 'string'): Node => ({
  kind: 'field',
  of,
  key,
  type,
  vouched: true,
  required: false,
})

/** A policy with a text in every place that can have one, and an object that it denies. */
function made(id: string, text: Texts): { readonly ir: PolicyIr; readonly object: Json } {
  const fields: Record<string, Json> = {}
  const parameter = text()
  const [root, outer, inner] = [text(), text(), text()]
  const value = text()
  const ir: PolicyIr = {
    format: 'gatewright.ir/1',
    id,
    title: text(),
    description: text(),
    severity: 'low',
    topic: text(),
    controls: { [text()]: [text(), text()] },
    target: {
      name: text(),
      inputs: {
        input: { root: 'object', path: [] },
        parameters: { root: 'parameters', path: [] },
        [root]: { root: 'object', path: [outer, inner] },
      },
    },
    parameters: {
      type: 'object',
      properties: {
        [parameter]: { type: 'string', enum: [text(), value], default: value, description: text() },
        [text()]: { type: 'string', default: text() },
      },
    },
    undeterminedDenies: false,
    rules: Array.from({ length: rulesEach }, (_, i) => {
      const inputs = { parameter, value, root, inner: [outer, inner] as const }
      return ruleOf(i, inputs, fields, text)
    }),
  }
  return { ir, object: fields }
}

interface Inputs {
  readonly parameter: string
  readonly value: string
  readonly root: string
  readonly inner: readonly [string, string]
}

/** A rule with texts, whose condition is of one kind after another; the object gets what makes it hold. */
function ruleOf(i: number, inputs: Inputs, object: Record<string, Json>, text: Texts): RuleNode {
  const [listKey, labelsKey, key] = [text(), text(), text()]
  const labels = field(input, labelsKey, 'object')
  const decide = (of: CallNode): Node => ({ kind: 'decide', of, missing: i % 2 === 0, assumed: false })
  const put = (value: string): void => setOwn(object, labelsKey, { [key]: value })
  const conditions: readonly (() => Node)[] = [
    () => {
      const value = text()
      put(value)
      return call('is', field(labels, key), literal(value))
    },
    () => {
      const values = [text(), text()]
      put(values[1] as string)
      return call('in', field(labels, key), literal(values))
    },
    () => {
      const pattern = text('pattern')
      put(pattern.replace(/\\(.)/gs, '$1'))
      return decide(call('matches', field(labels, key), literal(pattern)))
    },
    () => {
      const pattern = text('wildcard')
      put(pattern)
      return decide(call('like', field(labels, key), literal(`*${pattern}`)))
    },
    () => {
      const start = text()
      put(`${start}.`)
      const of: Node = { kind: 'get', of: labels, key: literal(key), type: 'string', vouched: true }
      return decide(call('startsWith', of, literal(start)))
    },
    () => call('is', field({ kind: 'input', name: 'parameters' }, inputs.parameter), literal(inputs.value)),
    () => {
      const own = text()
      const [outer, inner] = inputs.inner
      const known = Object.hasOwn(object, outer)
        ? (object[outer] as Readonly<Record<string, Json>>)[inner]
        : {}
      setOwn(object, outer, { [inner]: { ...(known as object), [own]: own } })
      return call('exists', field({ kind: 'input', name: inputs.root }, own))
    },
  ]
  setOwn(object, listKey, [text()])
  const element = {
    kind: 'variable',
    id: 2 * i,
    name: text(),
    index: false,
    type: 'string',
    vouched: true,
  } as const
  const condition = (conditions[i % conditions.length] as () => Node)()
  return {
    kind: 'each',
    list: field(input, listKey, 'list'),
    element,
    index: { ...element, id: 2 * i + 1, index: true, type: 'number', vouched: false },
    rules: [
      {
        kind: 'deny',
        if: { kind: 'and', all: [condition, call('exists', element)] },
        violation: {
          code: text(),
          at: field(labels, key),
          message: call('message', literal(text()), element, literal(text())),
          details: { [text()]: field(labels, key), [text()]: literal(text()) },
        },
      },
    ],
  }
}

/** Sets a field, `__proto__` too. */
function setOwn(object: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** What `opa parse` makes of a module. */
function parsed(text: string): Parsed {
  return withFiles([{ path: 'module.rego', text }], (folder) => {
    const { stdout, stderr, status } = spawnSync(
      opa(),
      ['parse', '--format', 'json', `${folder}/module.rego`],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      },
    )
    if (status !== 0) throw new Error(`opa parse ended with ${String(status)}: ${stdout}${stderr}\n${text}`)
    return JSON.parse(stdout) as Parsed
  })
}

type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree }

interface Parsed {
  readonly package: Tree
  readonly annotations: readonly Readonly<Record<string, Tree>>[]
  readonly rules: readonly (Readonly<Record<string, Tree>> & { readonly head: { readonly name: string } })[]
}

/** The first parts of the names of built-in functions, and the root documents. */
function fixedNames(): ReadonlySet<string> {
  const { stdout } = spawnSync(opa(), ['capabilities', '--current'], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const { builtins } = JSON.parse(stdout) as { readonly builtins: readonly { readonly name: string }[] }
  return new Set([...builtins.map(({ name }) => name.split('.')[0] as string), 'data', 'input', 'lib'])
}

/**
 * The rules of a module as texts, one each, with their names numbered: those of rules over the module, those of variables over the
 * body that binds them. `meant` says what a constant stands for.
 */
function outlined(
  { rules }: Parsed,
  fixed: ReadonlySet<string>,
  meant: (text: string, isFormat: boolean) => string,
): readonly string[] {
  const heads = [...new Set(rules.map(({ head }) => head.name))]
  type Names = Map<string, number>
  const named = (name: string, names: Names): string => {
    if (name.startsWith('$')) return '_'
    if (heads.includes(name)) return documents.has(name) ? name : `rule ${heads.indexOf(name)}`
    if (fixed.has(name)) return name
    if (!names.has(name)) names.set(name, names.size)
    return `variable ${names.get(name) ?? ''}`
  }
  const outline = (tree: Tree, names: Names, isFormat = false): string => {
    if (Array.isArray(tree)) {
      const isCall = isSprintf(tree[0] as Tree)
      return `[${tree.map((each: Tree, i) => outline(each, names, isCall && i === 1)).join()}]`
    }
    if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree)
    const { type, value } = tree as Readonly<Record<string, Tree>>
    const joined = joinedText(tree)
    if (joined !== undefined) return JSON.stringify(meant(joined, false))
    if (type === 'string') return JSON.stringify(meant(value as string, isFormat))
    if (type === 'var') return named(value as string, names)
    if (type === 'set' || type === 'object')
      return `${type}{${(value as readonly Tree[])
        .map((each) => outline(each, names))
        .sort()
        .join()}}`
    const inner = typeof type === 'string' && type.endsWith('comprehension') ? new Map(names) : names
    return `{${Object.entries(tree)
      .map(([key, each]) =>
        key === 'name'
          ? named(each as string, inner)
          : key === 'else'
            ? ''
            : `${key}:${outline(each, inner)}`,
      )
      .join()}}`
  }
  const clauses = (rule: Readonly<Record<string, Tree>>, names: Names): string => {
    const { else: otherwise } = rule
    const own = outline(rule, new Map(names))
    return otherwise === undefined
      ? own
      : `${own} else ${clauses(otherwise as Readonly<Record<string, Tree>>, names)}`
  }
  return rules.map((rule) => {
    const names: Names = new Map()
    outline((rule.head as unknown as { readonly args?: Tree }).args ?? [], names)
    return clauses(rule, names)
  })
}

const isSprintf = (tree: Tree | undefined): boolean =>
  JSON.stringify(tree) === '{"type":"ref","value":[{"type":"var","value":"sprintf"}]}'

/** The text of `concat("", ["a"])`, which a key with characters that `opa fmt` cannot print is written as. */
function joinedText(tree: Tree): string | undefined {
  const match =
    /^\{"type":"call","value":\[\{"type":"ref","value":\[\{"type":"var","value":"concat"\}\]\},\{"type":"string","value":""\},\{"type":"array","value":\[\{"type":"string","value":("(?:[^"\\]|\\.)*")\}\]\}\]\}$/.exec(
      JSON.stringify(tree),
    )
  return match === null ? undefined : (JSON.parse(match[1] as string) as string)
}

const documents: ReadonlySet<string> = new Set(['violation', 'decision', 'fault', 'misfit', 'skip', 'given'])

function checked(ir: PolicyIr): CheckedPolicy {
  const result = check(ir)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

it(`C2, D6: ${runs} hostile texts stay texts, in the tree that OPA reads and in what it answers (seed ${seed})`, () => {
  const random = seeded(seed)
  const fixed = fixedNames()
  const expected = parsed(emitRego({ ir: checked(made('fuzz/p', plain()).ir) }).text)
  const policies: { ir: CheckedPolicy; object: Json; module: RegoModule }[] = []
  let count = 0
  while (count < runs) {
    const { text, given } = hostile(random)
    const { ir, object } = made(`fuzz/p${policies.length}`, text)
    const module = emitRego({ ir: checked(ir) })
    const tree = parsed(module.text)
    const escaped = (each: string, isFormat: boolean): string =>
      each.replace(/zq(\d+)zq/g, (_, i: string) => {
        const meant = wellFormed(given[Number(i)] as string)
        return isFormat ? holeText(meant).replaceAll('%', '%%') : meant
      })
    const wanted = outlined(expected, fixed, (each, isFormat) =>
      each === 'fuzz/p' ? ir.id : escaped(each, isFormat),
    )
    const found = outlined(tree, fixed, (each) => each)
    for (const [i, rule] of wanted.entries()) expect(excerpt(found[i], rule)).toBe(excerpt(rule, found[i]))
    expect(found.length).toBe(wanted.length)
    expect(tree.annotations.find(({ scope }) => scope === 'package')).toMatchObject({
      title: wellFormed(ir.title),
      description: wellFormed(ir.description ?? ''),
      custom: { id: ir.id, topic: wellFormed(ir.topic ?? ''), severity: 'low' },
    })
    policies.push({ ir: checked(ir), object, module })
    count += given.length
  }
  const modules = policies.map(({ module }) => module)
  const files = [...modules, emitRegoLibrary(modules)]
  expect(complaints(files)).toBe('')
  const answers = evaluated(
    files,
    Object.fromEntries(policies.map(({ module, object }) => [module.package, [object]])),
    'decision',
  )
  for (const { ir, object, module } of policies) {
    const { properties } = ir.parameters as {
      readonly properties: Readonly<Record<string, { default: Json }>>
    }
    const parameters = Object.fromEntries(
      Object.entries(properties).map(([key, each]) => [key, each.default]),
    )
    const verdict = judge(ir, parameters, { object: wellFormedJson(object) })
    expect(verdict.violations.length).toBeGreaterThan(rulesEach / 2)
    const decision = answers[module.package]?.[0] as Decision
    const difference = differenceOf(verdict, decision)
    if (difference !== undefined)
      throw new Error(`${difference}\nhere ${JSON.stringify(verdict)}\nOPA  ${JSON.stringify(decision)}`)
  }
  console.log({ policies: policies.length, texts: count })
})

/** Words of Rego, of its built-in functions, of the emitted module and of every object of JavaScript. */
const words: readonly string[] = [
  ...[
    'as',
    'contains',
    'data',
    'default',
    'else',
    'every',
    'false',
    'if',
    'import',
    'in',
    'input',
    'not',
    'null',
  ],
  ...[
    'package',
    'some',
    'true',
    'with',
    'and',
    'or',
    'rego',
    'object',
    'regex',
    'time',
    'units',
    'net',
    'json',
  ],
  ...['count', 'sum', 'sort', 'sprintf', 'print', 'trace', 'walk', 'set', 'is_array', 'equal', 'http', 'opa'],
  ...['lib', 'given', 'found', 'violation', 'decision', 'fault', 'misfit', 'skip', 'parameters', 'inventory'],
  ...['reviewed', 'text', 'field', 'element', 'request', 'operation', 'applies', 'place', 'value', 'checked'],
  ...['problem', 'message', 'i', 'key', '_', '__local0__', 'constructor', '__proto__', 'toString', 'valueOf'],
  ...['hasOwnProperty', 'not_x', 'no_x', '7zip', 'é', '🔒', '-', '', ' ', 'kind', 'apiVersion', 'review'],
]

/** A policy in which everything that can is called by a word, and an object that it denies. */
function named(word: string, id: string): { readonly ir: CheckedPolicy; readonly object: Json } {
  const element = {
    kind: 'variable',
    id: 0,
    name: word,
    index: false,
    type: 'object',
    vouched: true,
  } as const
  const parameter = field({ kind: 'input', name: 'parameters' }, word)
  const rule: RuleNode = {
    kind: 'each',
    list: field(input, word, 'list'),
    element,
    index: { ...element, id: 1, index: true, type: 'number', vouched: false },
    rules: [
      {
        kind: 'deny',
        if: {
          kind: 'and',
          all: [
            { kind: 'not', of: call('is', field(element, word), parameter) },
            {
              kind: 'or',
              any: [call('exists', field(element, word)), call('exists', field(input, 'other'))],
            },
            call('exists', { kind: 'get', of: element, key: literal(word), type: 'unknown', vouched: false }),
          ],
        },
        violation: {
          code: word,
          at: field(element, word),
          message: call('message', literal(word), field(element, word), parameter),
          details: { [word]: field({ kind: 'record', fields: { a: element } }, word), all: element },
        },
      },
    ],
  }
  const ir: PolicyIr = {
    format: 'gatewright.ir/1',
    id,
    title: word === '' ? 'x' : word,
    severity: 'low',
    controls: {},
    target: {
      name: word,
      inputs: { input: { root: 'object', path: [] }, parameters: { root: 'parameters', path: [] } },
    },
    parameters: { type: 'object', properties: { [word]: { type: 'string', default: 'p' } } },
    undeterminedDenies: false,
    rules: [rule],
  }
  return { ir: checked(ir), object: { [word]: [{ [word]: 'x' }, { [word]: 'p' }, {}, { [word]: 7 }] } }
}

it('C2: words of Rego and of JavaScript are names like others, for all that has a name', () => {
  const policies = words.map((word, i) => named(word, `fuzz/w${i}`))
  const modules = policies.map(({ ir }) => emitRego({ ir }))
  const files = [...modules, emitRegoLibrary(modules)]
  expect(complaints(files)).toBe('')
  for (const dialect of ['v1', 'v0'] as const) {
    const templates = policies.map(({ ir }) => emitRego({ ir }, { entry: 'gatekeeper', dialect }))
    expect(complaints(templates, ...(dialect === 'v0' ? ['--v0-compatible'] : []))).toBe('')
  }
  // an object of a name of the API is read as plain OPA reads it: under `review`, a request may stand
  const inputs = policies.map(({ object }, i) =>
    words[i] === 'review' ? { kind: 'x', ...(object as object) } : object,
  )
  const answers = evaluated(
    files,
    Object.fromEntries(modules.map(({ package: name }, i) => [name, [inputs[i] as Json]])),
    'decision',
  )
  for (const [i, { ir }] of policies.entries()) {
    const word = words[i] as string
    const verdict = judge(ir, { [word]: 'p' }, { object: inputs[i] as Json })
    const decision = answers[modules[i]?.package ?? '']?.[0] as Decision
    expect(verdict.violations.length, word).toBe(1)
    expect(differenceOf(verdict, decision), `${word} ${JSON.stringify([verdict, decision])}`).toBeUndefined()
  }
})

it('C2: an id is a package of its own, whatever its words mean', () => {
  const ids = [
    ...words
      .map((word) => word.toLowerCase().replaceAll('_', '-'))
      .filter((word) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(word)),
    ...[
      'default-value',
      'value-7zip',
      'not-x-value',
      'no-x-value',
      'lib/text',
      'parameters/x',
      'x/lib',
      'a-b',
      'a/b',
      'ab',
    ],
  ]
  const modules = [...new Set(ids)].map((id) => emitRego({ ir: named('x', id).ir }))
  expect(new Set(modules.map(({ package: name }) => name)).size).toBe(modules.length)
  expect(new Set(modules.map(({ path }) => path)).size).toBe(modules.length)
  const files = [...modules, emitRegoLibrary(modules)]
  expect(complaints(files)).toBe('')
  const object = { x: [{ x: 'x' }] }
  const data = { gatewright: { parameters: {}, inventory: { complete: true } } }
  const answers = evaluated(
    files,
    Object.fromEntries(modules.map(({ package: name }) => [name, [object]])),
    'decision',
    data,
  )
  for (const { package: name } of modules)
    expect(answers[name]?.[0], name).toMatchObject({ verdict: 'denied', violations: [{ code: 'x' }] })
  for (const id of ['', 'A', 'a b', 'a"\n\npackage x', 'a//b', '/a', '-a', 'a_b', '../a', 'é'])
    expect(() => emitRego({ ir: named('x', id).ir }), id).toThrow('names no package')
})

it('C2: a source file of any name is named in one line of comment', () => {
  const files = [
    'a"b.ts',
    'a`b{{ c }}.ts',
    'a#b %s\\n.ts',
    '\u2028\uFEFF\u202Eé🔒.ts',
    'a: - [b].ts',
    "true '.ts",
  ]
  const modules = files.map((file, i) => {
    const define = runInThisContext(
      '(policy, target) => policy({ ...target, rule: ({ input }) =>\n  input.name.is("x").deny({ message: "x" }) })',
      { filename: `/sources/${file}` },
    ) as (make: typeof policy, definition: object) => Policy
    const made = define(policy, {
      id: `fuzz/f${i}`,
      title: 'x',
      severity: 'low',
      target: target('thing', z.object({ name: z.string() })),
    })
    return emitRego({ ir: checked(made.ir) }, { root: '/sources' })
  })
  expect(complaints([...modules, emitRegoLibrary(modules)])).toBe('')
  for (const [i, { text }] of modules.entries()) {
    const { annotations } = parsed(text)
    expect(annotations.map(({ description }) => description)).toContain(`${files[i] ?? ''}:2`)
  }
})

/** A text about where another begins to differ. */
function excerpt(text: string | undefined, other: string | undefined): string {
  if (text === undefined || text === other) return text ?? 'nothing'
  let at = 0
  while (at < text.length && text[at] === other?.[at]) at++
  return text.slice(Math.max(0, at - 200), at + 200)
}

/** A value as every reader of JSON gives it. */
function wellFormedJson(value: Json): Json {
  const copy = cloneJson(value)
  if ('problem' in copy) throw new Error(copy.problem.message)
  return copy.value
}
