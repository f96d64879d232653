import {
  type CheckedPolicy,
  defaultOperations,
  type InputBinding,
  type Json,
  type KindPath,
  type Operation,
  type PolicyIr,
  readsOf,
  type ReadTree,
  type RuleNode,
  type ViolationNode,
} from '@gatewright/core'
import { packageSteps } from '../rego/names.js'
import { Bytes } from './binary.js'
import { Code, FunctionTooLarge } from './code.js'
import { Compilation, WasmUnsupported } from './compilation.js'
import { condition } from './condition.js'
import { customSection, describePolicy, descriptionSection } from './description.js'
import { Layout } from './layout.js'
import { bind, graver, walk } from './list.js'
import { parametersSchema } from './parameters.js'
import { place } from './place.js'
import { layProjection, projectionOf } from './projection.js'
import { link, mostData, type Runtime } from './runtime.js'
import { runtimeOf } from './runtimes.js'
import { type Mark, sourceMapOf } from './source-map.js'
import { shapeTable, SharedReads } from './shape.js'
import { array, value } from './value.js'

/** A policy to compile, with the parameters that stand before those that the host gives. */
export interface WasmPolicy {
  readonly ir: CheckedPolicy
  readonly values?: Readonly<Record<string, Json>>
}

export interface WasmOptions {
  /** Uses 128-bit SIMD, which all engines of today have; true by default. */
  readonly simd?: boolean
  /** The name of a source map's file: the module points to it, and says what it holds. Without it neither is worked out. */
  readonly sourceMap?: string
  /** The folder that source files are named from. */
  readonly root?: string
}

/** A module that judges by policies. It follows OPA's WebAssembly ABI 1.3. */
export interface WasmModule {
  readonly bytes: Uint8Array
  /** What hosts can ask for, in the order of their numbers. */
  readonly entryPoints: readonly string[]
  /** From places in the functions of the policies to the author's source, where it was asked for. */
  readonly sourceMap?: string
}

/** Where the runtime looks for the header; `assembly/module.ts` says what stands there. */
const headerAt = 64

/** What hosts see of the runtime: OPA's ABI, and the functions of our own loader. */
const isExported = (name: string): boolean =>
  name === 'memory' ||
  name.startsWith('opa_') ||
  ['entrypoints', 'builtins', 'eval'].includes(name) ||
  name.startsWith('gatewright_')

/**
 * Compiles policies to one WebAssembly module, which judges a document by all of them in one pass over its bytes, or by one.
 *
 * Stable: the same policies give the same bytes. Throws `WasmUnsupported` where a policy cannot be said.
 */
export function emitWasm(policies: readonly WasmPolicy[], options: WasmOptions = {}): WasmModule {
  const runtime = runtimeOf(options.simd ?? true)
  const layout = new Layout(runtime.dataEnd)
  const shared = new SharedReads(
    policies.map(({ ir }) => ir),
    layout,
  )
  const compiled = policies.map((each, index) => {
    const made = compilePolicy(each, index, layout, runtime, shared)
    fits(each.ir, layout)
    return made
  })
  const entryPoints = ['gatewright/decisions', ...policies.map(({ ir }) => entryPointOf(ir))]
  const entries = Object.fromEntries(entryPoints.map((name, index) => [name, index]))
  if (Object.keys(entries).length < entryPoints.length)
    throw new TypeError('two policies of a module have one id')
  const header = [
    compiled.length,
    layout.table(compiled.map(({ table }) => table)),
    layout.value(entries),
    layProjection(projectionOf(policies.map(({ ir }) => ir)), layout),
    layout.slotCount,
  ]
  const last = policies.at(-1)
  if (last !== undefined) fits(last.ir, layout)
  const heapStart = (layout.end + 7) & ~7
  const words = new DataView(new ArrayBuffer(24))
  for (const [i, word] of [heapStart, ...header].entries()) words.setUint32(4 * i, word, true)
  const { sourceMap } = options
  const { functionCount } = runtime
  const custom = new Bytes()
  if (sourceMap !== undefined) {
    const described = policies.map((each, i) =>
      describePolicy(each, entryPoints[i + 1] as string, functionCount + i),
    )
    custom.append(customSection('sourceMappingURL', new Bytes().text(sourceMap).toBytes()))
    // last, so that a module that is cut off does not say what it holds
    custom.append(descriptionSection(described))
  }
  const { bytes, bodies } = link(runtime, {
    functions: compiled.map(({ name, body }) => ({ name, body })),
    data: layout.toBytes(),
    dataAt: layout.start,
    header: new Uint8Array(words.buffer),
    headerAt,
    heapStart,
    called: new Set(compiled.flatMap(({ calls }) => [...calls])),
    custom: custom.toBytes(),
    exported: isExported,
  })
  const marks = compiled.flatMap((each, i) =>
    each.marks.map(({ at, made }) => ({ at: (bodies[i] as number) + at, made })),
  )
  return {
    bytes,
    entryPoints,
    ...(sourceMap === undefined ? {} : { sourceMap: sourceMapOf(marks, options.root) }),
  }
}

/** Refuses the policy with which there is more data than a module holds. */
function fits(ir: PolicyIr, layout: Layout): void {
  if (layout.end > mostData)
    throw new WasmUnsupported(
      ir,
      undefined,
      'its texts and lists, with those of the policies before it, are more than a module holds',
    )
}

/** The name by which hosts ask for the decision of a policy: `gatewright/pod_security/users/decision`. */
function entryPointOf(ir: PolicyIr): string {
  const steps = packageSteps(ir.id)
  if (steps === undefined) throw new WasmUnsupported(ir, undefined, 'its id makes no name of an entry point')
  return ['gatewright', ...steps, 'decision'].join('/')
}

interface Compiled {
  readonly name: string
  readonly body: Uint8Array
  readonly marks: readonly Mark[]
  readonly calls: ReadonlySet<number>
  readonly table: number
}

function compilePolicy(
  policy: WasmPolicy,
  index: number,
  layout: Layout,
  runtime: Runtime,
  shared: SharedReads,
): Compiled {
  try {
    return writePolicy(policy, index, layout, runtime, shared)
  } catch (error) {
    if (!(error instanceof FunctionTooLarge)) throw error
    throw new WasmUnsupported(policy.ir, undefined, 'its expressions are too large when they are written out')
  }
}

function writePolicy(
  { ir, values = {} }: WasmPolicy,
  index: number,
  layout: Layout,
  runtime: Runtime,
  shared: SharedReads,
): Compiled {
  const code = new Code()
  const to = new Compilation(ir, code, layout, runtime)
  const denies: ViolationNode[] = []
  code.block(false, (end) => {
    to.end = end
    for (const [name, binding] of Object.entries(ir.target.inputs)) {
      const table = inputTable(binding, layout)
      const local = code.local()
      to.inputs.set(name, { table, local })
      code.constant(table)
      to.call('inputValue')
      code.set(local)
    }
    const reads = readsOf(ir)
    const checks = (trees: ReadonlyMap<string, ReadTree>): void => {
      for (const [name, tree] of trees) {
        const input = to.inputs.get(name)
        if (input === undefined) continue
        code.constant(input.table)
        code.constant(shapeTable(tree, layout))
        code.constant(shared.shapeOf(ir.target.inputs[name] as InputBinding))
        to.call('checkInput')
      }
    }
    let guard: number | undefined
    if (ir.when !== undefined) {
      const holds = code.local()
      condition(ir.when, to)
      code.tee(holds)
      code.op('isZero')
      code.if(false, () => {
        checks(reads.when)
        to.call('skip')
        code.leave(end)
      })
      if (to.mayFail(ir.when)) guard = faultOf(holds, to)
    }
    for (const rule of ir.rules) run(rule, guard, denies, to)
    checks(reads.all)
  })
  const { target } = ir
  const operations = target.operations ?? defaultOperations
  const table = layout.table([
    layout.text(ir.id),
    index + 1,
    operations.reduce((bits, each) => bits | (1 << operationBits[each]), 0),
    layout.text(operations.join(', ')),
    target.kinds?.length ?? 0xffff_ffff,
    layout.table(
      (target.kinds ?? []).flatMap(({ group, kind, versions }) => [
        group === '*' ? 0 : layout.text(group),
        kind === '*' ? 0 : layout.text(kind),
        versions === undefined ? 0 : layout.value(versions as readonly Json[]),
      ]),
    ),
    layout.value(parametersSchema(ir, layout)),
    layout.value(values),
    layout.slot(JSON.stringify(target.kinds ?? null)),
  ])
  return { name: ir.id, ...code.finish(), calls: code.calls, table }
}

const operationBits: Readonly<Record<Operation, number>> = { CREATE: 0, UPDATE: 1, DELETE: 2, CONNECT: 3 }

const roots = { object: 0, oldObject: 1, request: 2, parameters: 3 } as const

/** Where an input lies: its root, and for each kind its path. */
function inputTable({ root, path }: InputBinding, layout: Layout): number {
  const [first] = path
  const fixed = first === undefined || typeof first === 'string'
  const entries = fixed
    ? [{ group: 0, kind: 0, path: path as readonly string[] }]
    : (path as readonly KindPath[]).map((each) => ({
        group: layout.text(each.group),
        kind: layout.text(each.kind),
        path: each.path,
      }))
  const words = entries.flatMap(({ group, kind, path }) => {
    const keys = path.map((key) => layout.text(key))
    return [group, kind, keys.length, layout.table(keys)]
  })
  const slot = layout.slot(JSON.stringify({ root, path }))
  return layout.table([roots[root], entries.length, layout.table(words), slot])
}

/** A local with the answer of a condition where it is a fault, else 0. */
function faultOf(answer: number, to: Compilation): number {
  const { code } = to
  const fault = code.local()
  code.get(answer)
  code.constant(0)
  code.get(answer)
  code.constant(1)
  code.op('greaterUnsigned')
  code.op('select')
  code.set(fault)
  return fault
}

function run(rule: RuleNode, guard: number | undefined, denies: ViolationNode[], to: Compilation): void {
  const { code } = to
  code.mark(rule, rule.kind === 'each' ? rule.list : rule.if)
  switch (rule.kind) {
    case 'deny':
    case 'onlyIf': {
      const holds = code.local()
      condition(rule.if, to)
      code.tee(holds)
      code.if(false, () => {
        const own = to.mayFail(rule.if) ? faultOf(holds, to) : undefined
        const fault = graver(guard, own, to)
        if (rule.kind === 'onlyIf') {
          for (const each of rule.rules) run(each, fault, denies, to)
          return
        }
        if (fault === undefined) return report(rule.violation, denies, to)
        code.get(fault)
        code.if(
          false,
          () => {
            code.get(fault)
            to.call('addFault')
          },
          () => report(rule.violation, denies, to),
        )
      })
      return
    }
    case 'each': {
      const bound = bind(rule, to)
      const rest = walk(rule.list, to, (item) => {
        bound(item, () => {
          for (const each of rule.rules) run(each, guard, denies, to)
        })
      })
      if (rest === undefined) return
      code.get(rest)
      code.if(false, () => {
        code.get(graver(guard, rest, to) as number)
        to.call('addFault')
      })
    }
  }
}

/** Builds a violation: its place, message, details and fixes. */
function report(violation: ViolationNode, denies: ViolationNode[], to: Compilation): void {
  const { code, layout } = to
  const { at, message, fix = [] } = violation
  // the runtime compares details one by one, in one order of their keys
  const details = Object.entries(violation.details ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const keys = details.map(([key]) => key)
  const deny = layout.table([
    layout.text(violation.code),
    denies.push(violation) - 1,
    keys.length,
    layout.table(keys.map((key) => layout.text(key))),
    fix.length,
    layout.table(fix.map(({ kind }) => (kind === 'set' ? 1 : 0))),
  ])
  const where = code.local()
  const said = code.local()
  if (at === undefined) code.constant(0)
  else place(at, to)
  code.set(where)
  if (message.kind === 'call' && message.operator === 'message') value(message, to)
  else {
    const one = array([message], (node) => value(node, to), to)
    code.get(one)
    code.constant(1)
    to.call('message')
  }
  code.set(said)
  const shown = array(
    details.map(([, node]) => node),
    (node) => value(node, to),
    to,
  )
  const fixes = code.local()
  code.constant(8 * fix.length)
  to.call('allocate')
  code.set(fixes)
  for (const [i, each] of fix.entries()) {
    code.get(fixes)
    place(each.at, to)
    code.store(8 * i)
    code.get(fixes)
    if (each.kind === 'set') value(each.value, to)
    else code.constant(0)
    code.store(8 * i + 4)
  }
  code.constant(deny)
  code.get(where)
  code.get(said)
  code.get(shown)
  code.get(fixes)
  to.call('addViolation')
}
