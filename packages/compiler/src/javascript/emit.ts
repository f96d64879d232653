import {
  Decimal,
  encodeIr,
  everyNode,
  type Json,
  type Lambda,
  type Node,
  numberText,
  operatorOf,
  type OperandType,
  type PolicyIr,
  type ReadTree,
  type ReadType,
  readsOf,
  type RuleNode,
  typeOf,
  withoutSources,
} from '@gatewright/core'
import { ambiguous } from './value.js'

/**
 * Writes a policy as an ES module with its parameters in it, for those who build ahead: its default export is an `EmittedPolicy`.
 * It imports `emittedPolicy` and nothing else. The bytes depend on the policy and its parameters alone.
 */
export function emitModule(policy: PolicyIr, parameters: Json, from = 'gatewright/compiler'): string {
  // where the author's files lie is no part of what is built
  const ir = withoutSources(encodeIr(policy))
  return indented(`// ${policy.id}: ${policy.title}
// Made by gatewright; change the policy, not this file.
import { emittedPolicy } from ${textSource(from)}

export default emittedPolicy((runtime) => {
const { number } = runtime
return {
ir: ${literalSource(ir)},
parameters: ${literalSource(parameters)},
plainly: (${emitPlainly(policy)})(runtime),
}
})
`)
}

/** Source with its lines indented by the braces around them. */
function indented(source: string): string {
  let depth = 0
  const lines = source.split('\n').map((line) => {
    if (/^[})\]]/.test(line)) depth--
    const shown = line === '' ? '' : '  '.repeat(depth) + line
    if (/[{([]$/.test(line)) depth++
    return shown
  })
  return lines.join('\n')
}

/**
 * Writes a policy as the source of a function of the runtime (`emitted.ts`) that gives `plainly`: whether the policy plainly allows
 * what its inputs are, or its `when` plainly does not hold. Where it says neither, the closures judge.
 *
 * Expressions become expressions and lists loops, in functions of their own; what is not plain throws `bail`. Reads through the
 * inputs are made once, before anything else: reading decides nothing.
 */
export function emitPlainly(policy: PolicyIr): string {
  return new Emitter(policy).source()
}

/** JavaScript source of a JSON value, exact. */
export function literalSource(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return textSource(value)
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Decimal) return `number(${textSource(numberText(value))})`
  if (Array.isArray(value)) return `[${value.map((each) => literalSource(each as Json)).join(', ')}]`
  const fields = Object.entries(value).map(
    ([key, each]) => `[${textSource(key)}]: ${literalSource(each as Json)}`,
  )
  return `{${fields.join(', ')}}`
}

/** As JSON writes it, with lone surrogates escaped, so that a file keeps it. */
const textSource = (text: string): string => JSON.stringify(text)

const identifier = /^[A-Za-z_$][A-Za-z0-9_$]*$/
const member = (of: string, key: string): string =>
  identifier.test(key) ? `${of}.${key}` : `${of}[${textSource(key)}]`

/** What to do with each element of a list, as statements; `return true` ends the walk. */
type Visit = (element: string) => string

class Emitter {
  readonly #policy: PolicyIr
  readonly #inputs: readonly string[]
  /** Functions and constants, in the order in which they were made. */
  readonly #parts: string[] = []
  readonly #variables = new Set<string>()
  readonly #reads: string[] = []
  readonly #readNames = new Map<string, string>()
  readonly #functions = new Map<Node, string>()
  readonly #usedIndices: ReadonlySet<number>
  #temporaries: string[] = []
  #count = 0

  constructor(policy: PolicyIr) {
    this.#policy = policy
    this.#inputs = Object.keys(policy.target.inputs)
    this.#usedIndices = new Set(
      [...everyNode(policy)].flatMap((node) => (node.kind === 'variable' && node.index ? [node.id] : [])),
    )
  }

  source(): string {
    const { when, rules } = this.#policy
    const shapes = [...readsOf(this.#policy).all]
      .map(([name, tree]) => this.#shape(tree, `i${this.#inputs.indexOf(name)}`))
      .join('')
    const body = this.#body(() => {
      const first = when === undefined ? '' : `if (!${this.condition(when)}) return 'when'\n`
      return `${first}${rules.map((rule) => this.#rule(rule, 'undefined')).join('')}return 'allowed'\n`
    })
    const inputs = this.#inputs.map((_, slot) => `i${slot}`)
    const state = ['steps', 'inventory', ...inputs, ...this.#variables].join(', ')
    return [
      '({ absent, bail, call, decide, Fault, has, isEqual, isOfType, items, keysOf, message, number, overList, own, record, shown, typed }) => {',
      `let ${state}`,
      ...this.#parts,
      'return (budget, known, given) => {',
      'steps = budget; inventory = known',
      inputs.map((input, slot) => `${input} = given[${slot}]`).join('; '),
      `${shapes}${this.#reads.map((read) => `${read}\n`).join('')}${body}}`,
      '}',
    ].join('\n')
  }

  #name(prefix: string): string {
    return `${prefix}${this.#count++}`
  }

  /** A variable that all functions see. */
  #shared(prefix: string): string {
    const name = this.#name(prefix)
    this.#variables.add(name)
    return name
  }

  /** A variable of the function that is being written. */
  #temporary(): string {
    const name = this.#name('t')
    this.#temporaries.push(name)
    return name
  }

  #body(write: () => string): string {
    const outer = this.#temporaries
    this.#temporaries = []
    const body = write()
    const declared = this.#temporaries.length === 0 ? '' : `let ${this.#temporaries.join(', ')}\n`
    this.#temporaries = outer
    return `${declared}${body}`
  }

  /** A function of its own, made once for a node; gives its name. */
  #function(node: Node | undefined, write: () => string, parameters = ''): string {
    const known = node === undefined ? undefined : this.#functions.get(node)
    if (known !== undefined) return known
    const name = this.#name('f')
    if (node !== undefined) this.#functions.set(node, name)
    const body = this.#body(write)
    this.#parts.push(`function ${name}(${parameters}) {\n${body}}`)
    return name
  }

  /** Statements that end the function they stand in where the rule denies; `otherwise` is what it gives then. */
  #rule(rule: RuleNode, denied: string): string {
    switch (rule.kind) {
      case 'deny':
        return `if (${this.condition(rule.if)}) return ${denied}\n`
      case 'onlyIf':
        return `if (${this.condition(rule.if)}) {\n${rule.rules.map((each) => this.#rule(each, denied)).join('')}}\n`
      case 'each': {
        const name = this.#function(undefined, () =>
          this.#walked(rule, rule.list, () => rule.rules.map((each) => this.#rule(each, 'true')).join('')),
        )
        return `if (${name}()) return ${denied}\n`
      }
    }
  }

  /** The body of a function that walks a list and binds each element. */
  #walked(lambda: Pick<Lambda, 'element' | 'index'>, list: Node, then: () => string): string {
    return `${this.#start(lambda)}${this.walk(list, (element) => `${this.#bind(lambda, element)}${then()}`)}return false\n`
  }

  #start({ index }: Pick<Lambda, 'index'>): string {
    return this.#usedIndices.has(index.id) ? `${this.#variable(index.id)} = -1\n` : ''
  }

  #bind({ element, index }: Pick<Lambda, 'element' | 'index'>, value: string): string {
    const counted = this.#usedIndices.has(index.id) ? `${this.#variable(index.id)}++\n` : ''
    return `if (--steps < 0) throw bail\n${this.#variable(element.id)} = ${value} ?? undefined\n${counted}`
  }

  #variable(id: number): string {
    const name = `v${id}`
    this.#variables.add(name)
    return name
  }

  condition(node: Node): string {
    switch (node.kind) {
      case 'literal':
        return String(node.value === true)
      case 'and':
        return node.all.length === 0
          ? 'true'
          : `(${node.all.map((each) => this.condition(each)).join(' && ')})`
      case 'or':
        return node.any.length === 0
          ? 'false'
          : `(${node.any.map((each) => this.condition(each)).join(' || ')})`
      case 'not':
        return `!${this.condition(node.of)}`
      case 'some':
      case 'every': {
        const holds = node.kind === 'some' ? '' : '!'
        const name = this.#function(node, () =>
          this.#walked(
            node.lambda,
            node.list,
            () => `if (${holds}${this.condition(node.lambda.body)}) return true\n`,
          ),
        )
        return `${holds}${name}()`
      }
      case 'decide':
        return `(${this.#call(node.of)} ?? ${node.missing})`
      case 'call':
        return this.#test(node)
      default:
        return `(${this.use(node)} === true)`
    }
  }

  #test(node: Extract<Node, { kind: 'call' }>): string {
    const [first, second] = node.arguments as readonly [Node, Node]
    switch (node.operator) {
      case 'exists':
        return `(${this.use(first)} !== undefined)`
      case 'is': {
        const literal = second.kind === 'literal' ? second.value : undefined
        return typeof literal === 'string' || typeof literal === 'boolean'
          ? `(${this.use(first)} === ${literalSource(literal)})`
          : `isEqual(${this.use(first)}, ${this.value(second)})`
      }
      case 'sameAs': {
        const [a, b] = [this.#temporary(), this.#temporary()]
        return `(${a} = ${this.use(first)}, ${b} = ${this.use(second)}, ${a} === undefined || ${b} === undefined ? ${a} === ${b} : isEqual(${a}, ${b}))`
      }
      case 'in':
        return this.#member(first, second)
      default:
        return `(${this.#call(node)} === true)`
    }
  }

  #member(first: Node, list: Node): string {
    if (
      list.kind === 'literal' &&
      Array.isArray(list.value) &&
      list.value.every((each) => typeof each === 'string')
    ) {
      const set = this.#name('s')
      this.#parts.push(`const ${set} = new Set(${literalSource(list.value)})`)
      return `${set}.has(${this.use(first)})`
    }
    const name = this.#function(
      undefined,
      () => `${this.walk(list, (element) => `if (has(x, ${element})) return true\n`)}return false\n`,
      'x',
    )
    const of = this.#temporary()
    return `((${of} = ${this.use(first)}) !== undefined && ${name}(${of}))`
  }

  /** A call's value; for a predicate undefined where an operand is missing. */
  #call(node: Extract<Node, { kind: 'call' }>): string {
    const { operator } = node
    const row = operatorOf(operator)
    if (operator === 'message')
      return `message([${node.arguments.map((part) => this.value(part)).join(', ')}])`
    if (row.operands[0] === 'list') return this.#overList(node)
    const operands = node.arguments.map((argument, index) =>
      this.#operand(argument, row.operands[Math.min(index, row.operands.length - 1)] ?? 'any'),
    )
    const inline = inlined[operator]
    if (inline === undefined) return `call(${textSource(operator)}, [${operands.join(', ')}])`
    const [a, b] = [this.#temporary(), this.#temporary()]
    const slow = `decide(${textSource(operator)}, ${a}, ${b})`
    return `(${a} = ${operands[0]}, ${b} = ${operands[1]}, typeof ${a} === '${inline.type}' && typeof ${b} === '${inline.type}' ? ${inline.write(a, b)} : ${slow})`
  }

  #overList(node: Extract<Node, { kind: 'call' }>): string {
    const [list, second] = node.arguments as readonly [Node, Node?]
    if (node.operator === 'count') {
      const count = this.#shared('n')
      const name = this.#function(undefined, () => `${this.walk(list, () => `${count}++\n`)}return false\n`)
      return `(${count} = 0, ${name}(), ${count})`
    }
    const separator = second === undefined ? '' : `, ${this.#operand(second, 'string')}`
    return `overList(${textSource(node.operator)}, typed(${this.value(list)}, 'list') ?? []${separator})`
  }

  value(node: Node): string {
    switch (node.kind) {
      case 'literal':
        return node.value === null ? 'undefined' : this.#constant(node.value)
      case 'input':
        return `i${this.#inputs.indexOf(node.name)}`
      case 'variable':
        return this.#variable(node.id)
      case 'field':
        return this.#hoisted(node) ?? this.#field(this.value(node.of), node.key)
      case 'get': {
        const key = this.#temporary()
        return `((${key} = ${this.#operand(node.key, 'string')}) === undefined ? undefined : own(${this.value(node.of)}, ${key}))`
      }
      case 'at':
        return `(typed(${this.value(node.list)}, 'list')?.at(${node.index}) ?? undefined)`
      case 'narrow':
        return typedSource(this.value(node.of), node.type)
      case 'call':
        return ['exists', 'is', 'sameAs', 'in'].includes(node.operator)
          ? this.condition(node)
          : this.#call(node)
      case 'default':
        return `(${this.use(node.of)} ?? ${this.use(node.otherwise)})`
      case 'when': {
        const cases = node.cases.map((each) => `${this.condition(each.if)} ? ${this.use(each.then)} : `)
        return `(${cases.join('')}${this.use(node.otherwise)})`
      }
      case 'record': {
        const fields = Object.entries(node.fields).map(
          ([key, field]) => `[${textSource(key)}, ${this.value(field)}]`,
        )
        return `record([${fields.join(', ')}])`
      }
      case 'find': {
        const found = this.#shared('r')
        const name = this.#function(node, () =>
          this.#walked(
            node.lambda,
            node.list,
            () =>
              `if (${this.condition(node.lambda.body)}) { ${found} = ${this.#variable(node.lambda.element.id)}; return true }\n`,
          ),
        )
        return `${this.#found(node, name, found)}()`
      }
      case 'list':
      case 'filter':
      case 'map':
      case 'flatMap':
      case 'concat':
      case 'distinct':
      case 'duplicates':
      case 'keys':
      case 'inventory': {
        const name = this.#function(
          node,
          () =>
            `const list = []\nwalk()\nreturn list\nfunction walk() {\n${this.#body(() => this.walk(node, (element) => `list.push(${element} ?? null)\n`))}return false\n}\n`,
        )
        return `${name}()`
      }
      case 'some':
      case 'every':
      case 'and':
      case 'or':
      case 'not':
      case 'decide':
        return this.condition(node)
    }
  }

  readonly #finders = new Map<Node, string>()

  #found(node: Node, search: string, found: string): string {
    let name = this.#finders.get(node)
    if (name === undefined) {
      name = this.#name('f')
      this.#finders.set(node, name)
      // the search sets the variable of whoever wrote it first
      this.#parts.push(
        `function ${name}() {\n${found} = undefined\n${search}()\nreturn ${found} ?? undefined\n}`,
      )
    }
    return name
  }

  #constant(value: Json): string {
    if (typeof value !== 'object') return literalSource(value)
    const name = this.#name('k')
    this.#parts.push(`const ${name} = ${literalSource(value)}`)
    return name
  }

  /** A read through an input, made once. */
  #hoisted(node: Node): string | undefined {
    if (node.kind === 'input') return this.value(node)
    if (node.kind !== 'field') return undefined
    const of = this.#hoisted(node.of)
    if (of === undefined) return undefined
    const key = `${of} ${node.key}`
    let name = this.#readNames.get(key)
    if (name === undefined) {
      name = this.#shared('p')
      this.#readNames.set(key, name)
      const read = ambiguous(node.key)
        ? `own(${of}, ${textSource(node.key)})`
        : `typeof ${of} === 'object' && ${of} !== null ? ${member(of, node.key)} ?? absent(${of}) : undefined`
      this.#reads.push(`${name} = ${read}`)
    }
    return name
  }

  #field(of: string, key: string): string {
    if (ambiguous(key)) return `own(${of}, ${textSource(key)})`
    const object = this.#temporary()
    return `(typeof (${object} = ${of}) === 'object' && ${object} !== null ? ${member(object, key)} ?? absent(${object}) : undefined)`
  }

  /** A value where it is used (law 1). What the check of shapes vouches for needs no look. */
  use(node: Node): string {
    const read = this.value(node)
    const type = typeOf(node)
    const sure = (node.kind === 'field' || node.kind === 'get') && node.vouched && type !== 'unknown'
    const settled =
      node.kind === 'literal' || node.kind === 'default' || node.kind === 'when' || node.kind === 'narrow'
    return sure || settled || type === 'any' ? read : typedSource(read, type)
  }

  #operand(node: Node, type: OperandType): string {
    const read = this.use(node)
    return type === 'any' || type === 'unknown' || type === typeOf(node) ? read : typedSource(read, type)
  }

  /** Statements that visit each element of a list. */
  walk(node: Node, visit: Visit): string {
    switch (node.kind) {
      case 'filter':
        return `${this.#start(node.lambda)}${this.walk(
          node.list,
          (element) =>
            `${this.#bind(node.lambda, element)}if (${this.condition(node.lambda.body)}) {\n${visit(element)}}\n`,
        )}`
      case 'map': {
        const mapped = this.#name('x')
        return `${this.#start(node.lambda)}${this.walk(
          node.list,
          (element) =>
            `${this.#bind(node.lambda, element)}const ${mapped} = shown(${this.value(node.lambda.body)})\n${visit(mapped)}`,
        )}`
      }
      case 'flatMap':
        return `${this.#start(node.lambda)}${this.walk(
          node.list,
          (element) => `${this.#bind(node.lambda, element)}${this.walk(node.lambda.body, visit)}`,
        )}`
      case 'concat': {
        const { name, made } = this.#visitor(visit)
        const lists = node.lists.map((list) =>
          this.walk(list, (element) => `if (${name}(${element})) return true\n`),
        )
        return made + lists.join('')
      }
      case 'list': {
        const { name, made } = this.#visitor(visit)
        const items = node.items.map((item) => `if (${name}(shown(${this.value(item)}))) return true\n`)
        return made + items.join('')
      }
      case 'distinct':
      case 'duplicates': {
        const seen = this.#name('s')
        const repeated = this.#name('x')
        const wanted = node.kind === 'duplicates' ? repeated : `!${repeated}`
        return `const ${seen} = []\n${this.walk(
          node.list,
          (element) =>
            `if (${element} !== undefined && ${element} !== null) {\nconst ${repeated} = ${seen}.some((each) => isEqual(each, ${element}))\nif (!${repeated}) ${seen}.push(${element})\nif (${wanted}) {\n${visit(element)}}\n}\n`,
        )}`
      }
      case 'keys':
        return this.#loop(`keysOf(${this.value(node.of)})`, visit)
      case 'inventory': {
        const namespace = node.namespace === undefined ? 'undefined' : `${this.use(node.namespace)} ?? null`
        return this.#loop(`items(inventory, ${literalSource({ ...node.resource })}, ${namespace})`, visit)
      }
      default: {
        const [list, index, element] = [this.#name('l'), this.#name('j'), this.#name('x')]
        return `const ${list} = ${this.value(node)}
if (Array.isArray(${list})) {
for (let ${index} = 0; ${index} < ${list}.length; ${index}++) {
const ${element} = ${list}[${index}]
if (${element} instanceof Fault) throw bail
${visit(element)}}
} else if (${list} instanceof Fault) throw bail
`
      }
    }
  }

  #loop(list: string, visit: Visit): string {
    const element = this.#name('x')
    return `for (const ${element} of ${list}) {\n${visit(element)}}\n`
  }

  /** A visit that several loops make, as a function that stands before them. */
  #visitor(visit: Visit): { readonly name: string; readonly made: string } {
    const element = this.#name('x')
    const name = this.#name('f')
    const body = this.#body(() => visit(element))
    return { name, made: `const ${name} = (${element}) => {\n${body}return false\n}\n` }
  }

  /** Statements that give up where a value does not fit what is read of it. */
  #shape(tree: ReadTree, value: string): string {
    const types = tree.types.has('unknown') ? [] : [...tree.types]
    const [type] = types
    const misfit =
      type === undefined
        ? ''
        : types.length > 1
          ? `if (!(${types.map((each) => `isOfType(${value}, '${each}')`).join(' || ')})) return undefined\n`
          : `if (!(${typeTest(value, type)})) return undefined\n`
    const isPlain = types.length === 1 && type === 'object'
    const fields = [...tree.fields]
      .map(([key, child]) => {
        const name = this.#name('x')
        const check = this.#shape(child, name)
        return check === '' ? '' : `const ${name} = ${shapeRead(value, key, isPlain)}\n${check}`
      })
      .join('')
    const values = tree.values === undefined ? '' : this.#shapeOfEach(tree.values, `Object.values(${value})`)
    const elements = tree.elements === undefined ? '' : this.#shapeOfEach(tree.elements, value)
    const object = fields + values
    const inner = [
      misfit,
      object === ''
        ? ''
        : isPlain
          ? object
          : `if (typeof ${value} === 'object' && !Array.isArray(${value})) {\n${object}}\n`,
      elements === ''
        ? ''
        : type === 'list' && types.length === 1
          ? elements
          : `if (Array.isArray(${value})) {\n${elements}}\n`,
    ].join('')
    if (inner === '' && !tree.assumed) return ''
    const missing = tree.assumed ? ` else return undefined\n` : '\n'
    return `if (${value} !== undefined && ${value} !== null) {\n${inner}}${missing}`
  }

  #shapeOfEach(tree: ReadTree, values: string): string {
    const name = this.#name('x')
    const check = this.#shape(tree, name)
    return check === '' ? '' : `for (const ${name} of ${values}) {\n${check}}\n`
  }
}

/** Operators that are spelt out where both operands are of a type. */
const inlined: Partial<
  Record<string, { readonly type: string; readonly write: (a: string, b: string) => string }>
> = {
  startsWith: { type: 'string', write: (a, b) => `${a}.startsWith(${b})` },
  endsWith: { type: 'string', write: (a, b) => `${a}.endsWith(${b})` },
  includes: { type: 'string', write: (a, b) => `${a}.includes(${b})` },
  equals: { type: 'string', write: (a, b) => `${a} === ${b}` },
  'number.gt': { type: 'number', write: (a, b) => `${a} > ${b}` },
  'number.gte': { type: 'number', write: (a, b) => `${a} >= ${b}` },
  'number.lt': { type: 'number', write: (a, b) => `${a} < ${b}` },
  'number.lte': { type: 'number', write: (a, b) => `${a} <= ${b}` },
}

const typedSource = (value: string, type: OperandType): string => `typed(${value}, '${type}')`

const shapeRead = (of: string, key: string, isPlain: boolean): string =>
  ambiguous(key)
    ? `own(${of}, ${textSource(key)})`
    : isPlain
      ? member(of, key)
      : `${member(of, key)} ?? absent(${of})`

function typeTest(value: string, type: ReadType): string {
  switch (type) {
    case 'string':
    case 'boolean':
      return `typeof ${value} === '${type}'`
    case 'list':
      return `Array.isArray(${value})`
    case 'object':
      return `typeof ${value} === 'object' && Object.getPrototypeOf(${value}) === Object.prototype`
    default:
      return `isOfType(${value}, '${type}')`
  }
}
