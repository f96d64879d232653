import {
  type CheckedPolicy,
  type DenyNode,
  type Json,
  type Node,
  readsOf,
  type RuleNode,
  sourceOf,
} from '@gatewright/core'
import { conjunction, tidied } from './body.js'
import { Compilation } from './compilation.js'
import { holdsNot, holdsPlainly, negated } from './condition.js'
import { type FaultCode, faultKinds, faults, listFaults } from './fault.js'
import { type Entry, libraryFor } from './library.js'
import { iterations } from './list.js'
import { detailTerm, messageTerm } from './message.js'
import { metadata, scalar, sealed } from './metadata.js'
import { packageSteps } from './names.js'
import { addParameterCheck } from './parameters.js'
import { placeOf, placeTerm } from './place.js'
import { type Dialect, membership, printRule } from './print.js'
import { forked, type Scope } from './scope.js'
import { addMisfits } from './shape.js'
import {
  call,
  holds,
  type Line,
  literal,
  namesIn,
  not,
  type Rule,
  type Term,
  variable,
  rule as ruleTerm,
} from './syntax.js'
import { addSkips, type Applicability, applicability } from './target.js'
import { RegoUnsupported } from './unsupported.js'

export interface RegoOptions {
  /** What the module is asked by: `opa`, with the input as it comes and parameters in data; `gatekeeper`, a template's. */
  readonly entry?: Entry
  /** The version of Rego; v0 is for Gatekeepers that know no other. */
  readonly dialect?: Dialect
  /** The folder that source files are named from. */
  readonly root?: string
  /** The last name of the package of the library that modules share; `lib` by default. */
  readonly library?: string
}

/** A policy as Rego. */
export interface RegoModule {
  /** The package: `gatewright.pod_security.privileged_containers`. */
  readonly package: string
  /** The file it belongs in, below the folder of a bundle. */
  readonly path: string
  readonly text: string
  /** The names of the library's rules that the module asks; for Gatekeeper they stand in the module. */
  readonly library: readonly string[]
}

/** A policy to print, with the parameters that were set ahead. */
export interface RegoPolicy {
  readonly ir: CheckedPolicy
  readonly values?: Readonly<Record<string, Json>>
}

/** Prints a policy as a module of Rego. Throws `RegoUnsupported` where Rego cannot say the same. */
export function emitRego(policy: RegoPolicy, options: RegoOptions = {}): RegoModule {
  try {
    return moduleOf(policy, options)
  } catch (error) {
    throw error instanceof RegoUnsupported ? error.placedIn(policy.ir) : error
  }
}

function moduleOf({ ir, values = {} }: RegoPolicy, options: RegoOptions): RegoModule {
  const { entry = 'opa', dialect = 'v1', root, library: shared = 'lib' } = options
  const to = new Compilation(ir, entry, values)
  const scope: Scope = { bound: new Map(), names: new Set() }
  const given = applicability(scope, to)
  const state: Statement = { to, root, given, lines: given.applies, maybe: given.mayApply, guards: [], scope }
  for (const each of ir.rules)
    statement(each, ir.when === undefined ? state : { ...state, guards: [ir.when] })
  const reads = readsOf(ir)
  addMisfits(reads.all, given.mayApply, scope, to)
  if (given.isLeftOut !== undefined) addMisfits(reads.when, given.isLeftOut, scope, to)
  const steps = packageSteps(ir.id)
  if (steps === undefined)
    throw new RegoUnsupported(
      undefined,
      `its id \`${ir.id}\` names no package`,
      'an id has lower-case letters, digits and `-`, with `/` between',
    )
  const name = ['gatewright', ...steps].join('.')
  if (entry === 'opa') addAnswer(given, to)
  else addReasons(to)
  const { rules, library } = reached(to)
  if (dialect === 'v0') library.push(membership)
  const body = rules.map((each) => printRule(each, dialect))
  const inlined = entry === 'gatekeeper' ? libraryFor(library, entry, dialect) : []
  const imports =
    entry === 'opa' && library.length > 0
      ? [`import data.gatewright.${shared}${shared === 'lib' ? '' : ' as lib'}`]
      : []
  const head = `${metadata(ir)}\npackage ${name}`
  const text = `${[head, ...imports, ...body, ...inlined].join('\n\n')}\n`
  return { package: name, path: `gatewright/${steps.join('/')}.rego`, text: sealed(text), library }
}

/** The library of a bundle, with what its modules ask of it. */
export function emitRegoLibrary(
  modules: readonly RegoModule[],
  name = 'lib',
): {
  readonly path: string
  readonly text: string
} {
  const texts = libraryFor(new Set(modules.flatMap(({ library }) => library)), 'opa', 'v1')
  const head = [
    '# METADATA',
    '# title: What the policies of this bundle share',
    `package gatewright.${name}`,
  ].join('\n')
  return { path: `gatewright/${name}.rego`, text: sealed(`${[head, ...texts].join('\n\n')}\n`) }
}

/** Where a walk over a policy's rules stands. */
interface Statement {
  readonly to: Compilation
  readonly root: string | undefined
  readonly given: Applicability
  /** Lines that hold where the conditions on the way do. */
  readonly lines: readonly Line[]
  /** Lines that hold where none of the conditions on the way is false. */
  readonly maybe: readonly Line[]
  /** The conditions on the way. */
  readonly guards: readonly Node[]
  readonly scope: Scope
}

function statement(rule: RuleNode, within: Statement): void {
  // each rule is a body of its own, in which names are free that others took
  const at = { ...within, scope: forked(within.scope) }
  const { to, scope, lines, maybe, guards } = at
  switch (rule.kind) {
    case 'deny':
      return denial(rule, at)
    case 'onlyIf': {
      const inner = rule.rules.length > 1 ? undefined : holdsPlainly(rule.if, scope, to)
      const condition = inner ?? [
        to.condition('is_asked', rule.if, [holdsPlainly(rule.if, forked(scope), to)]),
      ]
      const notFalse = unlessFalse(rule.if, scope, to)
      const next: Statement = {
        ...at,
        lines: conjunction([...lines, ...condition]),
        maybe: conjunction([...maybe, ...notFalse]),
        guards: [...guards, rule.if],
      }
      return rule.rules.forEach((each) => statement(each, next))
    }
    case 'each': {
      listFault(rule.list, at, maybe)
      for (const { lines: loop, scope: inner } of iterations(rule.list, rule, scope, to)) {
        const next = { ...at, scope: inner, lines: [...lines, ...loop], maybe: [...maybe, ...loop] }
        for (const each of rule.rules) statement(each, next)
      }
    }
  }
}

function unlessFalse(node: Node, scope: Scope, to: Compilation): readonly Line[] {
  if (!to.mayFail) return []
  return negated('is_left_out', node, to, [holdsNot(node, forked(scope), to)])
}

const codes = Object.keys(faultKinds) as readonly FaultCode[]

/** Adds the reasons why a condition, or one on the way to it, cannot be had. */
function fault(node: Node, { to, scope, guards }: Statement, maybe: readonly Line[]): void {
  if (!to.mayFail) return
  for (const code of codes)
    for (const each of [node, ...guards]) addFaults(code, maybe, faults(each, forked(scope), to, code), to)
}

/** As `fault`, of a list: what failed on the way to it counts only where the list itself cannot be had whole. */
function listFault(list: Node, { to, scope, guards }: Statement, maybe: readonly Line[]): void {
  if (!to.mayFail) return
  for (const code of codes) {
    addFaults(code, maybe, listFaults(list, forked(scope), to, code), to)
    for (const rest of guards.length === 0 ? [] : listFaults(list, forked(scope), to, 'any'))
      for (const each of guards)
        addFaults(code, [...maybe, ...rest], faults(each, forked(scope), to, code), to)
  }
}

function addFaults(
  code: FaultCode,
  before: readonly Line[],
  bodies: readonly (readonly Line[])[],
  to: Compilation,
): void {
  const { verdict, message } = faultKinds[code]
  const contains = literal({ verdict, code, message })
  for (const body of bodies) {
    const tidy = tidied({ body: [...before, ...body] }, [contains])
    if (tidy !== undefined) to.addOnce({ name: 'fault', contains, body: tidy.body })
  }
}

function denial(rule: DenyNode, at: Statement): void {
  const { to, scope, lines, maybe } = at
  const { violation } = rule
  const inner = forked(scope)
  const condition = holdsPlainly(rule.if, inner, to)
  fault(rule.if, at, [...maybe, ...unlessFalse(rule.if, scope, to)])
  const place = violation.at === undefined ? undefined : placeOf(violation.at, inner, to)
  const message = messageTerm(violation.message, inner, to)
  const details = Object.entries(violation.details ?? {}).map(
    ([key, each]) => [key, detailTerm(each, inner, to)] as const,
  )
  const shown = placeTerm(place, to)
  const contains = variable('found')
  const body = tidied({ body: conjunction([...lines, ...condition]) }, [
    shown,
    message,
    ...details.map(([, term]) => term),
  ])
  if (body === undefined) return
  const found: Line = { kind: 'bind', name: 'found', value: report(to, rule, shown, message, details) }
  to.add({ name: 'violation', comment: annotation(rule, at.root), contains, body: [...body.body, found] })
}

/** A violation as it is reported: for Gatekeeper under the names that it knows. */
function report(
  to: Compilation,
  { violation }: DenyNode,
  at: Term,
  message: Term,
  details: readonly (readonly [string, Term])[],
): Term {
  const severity: readonly (readonly [string, Term])[] =
    violation.severity === undefined ? [] : [['severity', literal(violation.severity)]]
  if (to.entry === 'opa')
    return {
      kind: 'record',
      fields: [
        ['at', at],
        ['code', literal(violation.code)],
        ['details', { kind: 'record', fields: details }],
        ['message', message],
        ...severity,
      ],
    }
  const inner: readonly (readonly [string, Term])[] = [
    ['at', at],
    ['code', literal(violation.code)],
    ...(details.length === 0 ? [] : [['details', { kind: 'record', fields: details } as Term] as const]),
    ...severity,
  ]
  return {
    kind: 'record',
    fields: [
      ['details', { kind: 'record', fields: inner }],
      ['msg', message],
    ],
  }
}

function annotation(rule: DenyNode, root: string | undefined): readonly string[] {
  const source = sourceOf(rule) ?? sourceOf(rule.if)
  if (source === undefined) return []
  return [
    'METADATA',
    'scope: rule',
    `description: ${scalar(`${placeBelow(root, source.file)}:${source.line}`)}`,
  ]
}

/** A source file as it is called on every machine: below the root, or below the packages that are installed. */
function placeBelow(root: string | undefined, file: string): string {
  const installed = file.lastIndexOf('/node_modules/')
  if (installed >= 0) return file.slice(installed + '/node_modules/'.length)
  const folder = root === undefined || root.endsWith('/') ? root : `${root}/`
  return folder !== undefined && file.startsWith(folder)
    ? file.slice(folder.length)
    : file.replace(/^.*\//, '')
}

/** The rules of plain OPA that put the answer together. */
function addAnswer(given: Applicability, to: Compilation): void {
  addSkips(given, to)
  if (to.policy.parameters !== undefined) addParameterCheck(to)
  addBadInput(to)
  const sets = ['skip', 'fault', 'violation', 'misfit'].map((name) =>
    to.rules(name).length === 0 ? call('set') : ruleTerm(name),
  )
  to.add({
    name: 'decision',
    comment: [
      'METADATA',
      'description: The verdict, the violations in their order, and why it is no plain one',
      'entrypoint: true',
    ],
    value: to.library('decision', ...(sets as readonly Term[])),
    body: [],
  })
}

/** The rule of plain OPA for what is no input. */
function addBadInput(to: Compilation): void {
  to.add({
    name: 'fault',
    contains: {
      kind: 'record',
      fields: [
        ['verdict', literal('error')],
        ['code', literal('bad-input')],
        ['message', variable('message')],
      ],
    },
    body: [{ kind: 'some', value: 'message', of: to.library('bad_input') }],
  })
}

/** In Gatekeeper, what cannot be judged and what does not fit its schema are violations. */
function addReasons(to: Compilation): void {
  const nowhere: Term = { kind: 'list', items: [] }
  const isKnown = to.policy.target.builtIn === true
  to.add({
    name: 'violation',
    contains: variable('found'),
    body: [
      not(holds(to.library('is_admitted'))),
      { kind: 'some', value: 'found', of: ruleTerm('misshapen') },
    ],
  })
  addReason(to, 'misshapen', [nowhere, literal('bad-input'), literal('error')], variable('reason'), {
    kind: 'some',
    value: 'reason',
    of: to.library('bad_input'),
  })
  for (const name of ['fault', 'misfit'] as const) {
    if (to.rules(name).length === 0) continue
    const of = (key: string): Term => partOf(variable('reason'), key)
    const [at, verdict] = name === 'fault' ? [nowhere, of('verdict')] : [of('at'), literal('invalid')]
    // what the API server asks about it has decoded, by schemas of its own where the kinds are built in
    const set = name === 'misfit' && isKnown ? 'misshapen' : 'violation'
    addReason(to, set, [at, of('code'), verdict], of('message'), {
      kind: 'some',
      value: 'reason',
      of: ruleTerm(name),
    })
  }
}

function addReason(
  to: Compilation,
  set: 'misshapen' | 'violation',
  [at, code, verdict]: readonly [Term, Term, Term],
  message: Term,
  each: Line,
): void {
  const details: Term = {
    kind: 'record',
    fields: [
      ['at', at],
      ['code', code],
      ['verdict', verdict],
    ],
  }
  to.add({
    name: set,
    contains: {
      kind: 'record',
      fields: [
        ['details', details],
        ['msg', message],
      ],
    },
    body: [each],
  })
}

const partOf = (of: Term, key: string): Term => ({ kind: 'part', of, key: literal(key) })

/** The rules that are asked, each behind the first that asks it, and what they ask of the library. */
function reached(to: Compilation): { readonly rules: readonly Rule[]; readonly library: string[] } {
  const rules: Rule[] = []
  const library = new Set<string>()
  const seen = new Set<string>()
  const add = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const own = to.rules(name)
    if (own.length === 0) {
      library.add(name.replace(/^lib\./, ''))
      return
    }
    rules.push(...own)
    for (const each of own) for (const asked of namesIn(each)) add(asked)
  }
  // the answer, what the policy is about, and only then how it is known that this could be asked
  rules.push(...to.rules('decision'))
  seen.add('decision')
  for (const name of ['violation', 'skip', 'fault', 'misfit']) if (to.rules(name).length > 0) add(name)
  for (const rule of to.rules('decision')) for (const asked of namesIn(rule)) add(asked)
  return { rules, library: [...library] }
}
