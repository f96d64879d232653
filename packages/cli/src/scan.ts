import { createHash } from 'node:crypto'
import { relative } from 'node:path'
import {
  canonicalText,
  explain,
  explanationText,
  type Inventory,
  type Json,
  judgedObject,
  kindOf,
  needsOf,
  type Path,
  pathText,
  type Policy,
  type Profile,
  readParameters,
  type Reason,
  type Verdict,
  type Violation,
} from '@gatewright/core'
import {
  type Engine,
  type Evaluation,
  evaluator,
  inventoryOf,
  type LedgerEntry,
  ledgerOf,
  type Match,
  normalizeJson,
  type Outcome,
} from '@gatewright/evaluator'
import { objectNamespace, unknownFields, unknownKind } from '@gatewright/kubernetes'
import type { Finding, FindingLocation, Report, Unjudged } from '@gatewright/reports'
import { discover, readFile, type SourceDocument, type SourceProblem } from '@gatewright/sources'
import { type SuppressedObject, Suppressions } from './exceptions.js'
import type { OpaWitness, Testimony } from './opa-witness.js'
import { holdsSecret, ShownLines } from './secret-places.js'

export interface ScanOptions {
  readonly paths: readonly string[]
  readonly directory: string
  readonly policies: readonly (Policy | Profile)[]
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly match?: Match
  readonly engine?: Engine
  /** Has another engine judge the same; what it does not confirm is an error. Its own engine judges here. */
  readonly witness?: OpaWitness
  readonly exceptions?: string
  readonly inventoryComplete: boolean
  /** The day that suppressions are held against: `2027-01-31`. */
  readonly today: string
  readonly toolVersion: string
  /** Say with each finding why the policy found it. */
  readonly explain: boolean
  /** Told of each file that was read, and of each object that was judged. */
  readonly progress?: Progress
}

export type Progress = (step: 'read' | 'judged', done: number, of: number) => void

/** An object that was read, and where it came from. */
interface ReadObject {
  readonly source: string
  readonly document: SourceDocument
  /** Where the judged object is. */
  readonly path: Path
  /** Where the value is: of an AdmissionReview, outside of the judged object. */
  readonly valuePath: Path
  readonly value: Json
}

/** Reads what the paths name and judges it: everything that goes in is in the report, as judged, as not matched, or as not read. */
export function scan(options: ScanOptions): Report & { readonly testimony?: Testimony } {
  const started = performance.now()
  const { documents, objects, entries: unread, problems, skipped } = readAll(options)
  const suppressions = new Suppressions(options.today)
  if (options.exceptions !== undefined)
    suppressions.readFile(options.exceptions, relative(options.directory, options.exceptions))
  const known = inventory(objects, options.inventoryComplete)
  const judge = evaluator(options.policies, {
    parameters: options.parameters,
    ...(options.match === undefined ? {} : { match: options.match }),
    ...engineOf(options),
    inventory: known,
    namespaceObject: namespaceFinder(objects),
  })
  const collected = new Collected(
    judge.policies,
    suppressions,
    options.explain ? explainer(options, known) : undefined,
    new ShownLines(objects.map(({ document, valuePath, value }) => ({ document, path: valuePath, value }))),
  )
  const evaluations: Evaluation[] = []
  for (const [index, object] of objects.entries()) {
    const evaluation = judge.evaluateJson(object.value)
    if (options.witness === undefined) collected.add(object, evaluation)
    else evaluations.push(evaluation)
    options.progress?.('judged', index + 1, objects.length)
  }
  const testimony = options.witness?.ask(judge.policies, {
    parameters: options.parameters,
    objects: objects.map(({ value }) => value),
    inventoryComplete: options.inventoryComplete,
  })
  for (const [index, evaluation] of evaluations.entries())
    collected.add(objects[index] as ReadObject, confirmed(evaluation, testimony))
  for (const { source, document } of documents) suppressions.noteLost(source, document)
  return {
    ledger: ledgerOf([...collected.entries, ...unread]),
    findings: inOrder(collected.findings),
    suppressed: collected.suppressed,
    problems: [...problems, ...objects.flatMap(unknownNames)],
    skipped,
    unjudged: collected.unjudged,
    suppressionProblems: suppressions.finish(judge.policies.map(({ id }) => id)),
    policies: judge.policies.map(({ ir }) => ir),
    duration: performance.now() - started,
    toolVersion: options.toolVersion,
    ...(testimony === undefined ? {} : { testimony }),
  }
}

const engineOf = ({ engine, witness }: ScanOptions): { readonly engine?: Engine } => {
  const chosen = witness?.engine ?? engine
  return chosen === undefined ? {} : { engine: chosen }
}

/** An evaluation with what another engine does not confirm as errors. */
function confirmed(evaluation: Evaluation, testimony: Testimony | undefined): Evaluation {
  if (testimony === undefined || testimony.denied.size === 0) return evaluation
  const judgements = evaluation.judgements.map(({ policy, verdict }) => ({
    policy,
    verdict: testimony.denied.get(verdict) ?? verdict,
  }))
  return { ...evaluation, judgements }
}

/** Where the judged object is in an AdmissionReview; nowhere further in anything else. */
function reviewPath(value: Json): Path {
  const { kind, request } = value as { readonly kind?: Json; readonly request?: { readonly object?: Json } }
  if (kind !== 'AdmissionReview' || typeof request !== 'object') return []
  return ['request', request.object === undefined || request.object === null ? 'oldObject' : 'object']
}

interface Read {
  readonly documents: readonly { readonly source: string; readonly document: SourceDocument }[]
  readonly objects: readonly ReadObject[]
  /** A line of the ledger for each thing that could not be read. */
  readonly entries: readonly LedgerEntry[]
  readonly problems: readonly SourceProblem[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

function readAll({ paths, directory, progress }: ScanOptions): Read {
  const documents: Read['documents'][number][] = []
  const objects: ReadObject[] = []
  const problems: SourceProblem[] = []
  const skipped: { name: string; reason: string }[] = []
  const files = [...discover(paths, { cwd: directory })]
  for (const [index, file] of files.entries()) {
    progress?.('read', index, files.length)
    if (!('path' in file)) {
      skipped.push({ name: file.name, reason: file.message })
      continue
    }
    const reading = readFile(file)
    if (!('documents' in reading)) {
      skipped.push({ name: file.name, reason: reading.message })
      continue
    }
    problems.push(...reading.problems)
    for (const document of reading.documents) {
      documents.push({ source: file.name, document })
      for (const { value, path } of document.objects) {
        objects.push({
          source: file.name,
          document,
          path: [...path, ...reviewPath(value)],
          valuePath: path,
          value,
        })
      }
    }
  }
  const errors = problems.filter(({ level }) => level === 'error')
  const unread = errors.map(({ code, message, location }): LedgerEntry => ({
    source: location?.name ?? '',
    object: location === undefined ? 'the file' : `document at line ${location.start.line}`,
    outcomes: [],
    unreadable: { code, message },
    notes: [],
  }))
  const passedOver = skipped.map(({ name, reason }): LedgerEntry => ({
    source: name,
    object: 'the file',
    outcomes: [],
    unreadable: { code: 'skipped', message: reason },
    notes: [],
  }))
  return { documents, objects, entries: [...unread, ...passedOver], problems, skipped }
}

function inventory(objects: readonly ReadObject[], complete: boolean): Inventory {
  let known: Inventory | undefined
  return {
    list: (resource, namespace) =>
      (known ??= inventoryOf(
        objects.map(({ value }) => value),
        { complete },
      )).list(resource, namespace),
  }
}

interface Named {
  readonly metadata?: { readonly name?: Json; readonly generateName?: Json }
}

function namespaceFinder(objects: readonly ReadObject[]): (name: string) => Json | undefined {
  let known: Map<string, Json> | undefined
  return (name) => {
    known ??= new Map(
      objects
        .filter(({ value }) => isNamespace(value))
        .map(({ value }) => [String((value as Named).metadata?.name), value] as const),
    )
    return known.get(name)
  }
}

/** Another group may well have a kind of that name. */
function isNamespace(value: Json): boolean {
  const kind = kindOf(value)
  return kind?.kind === 'Namespace' && kind.group === ''
}

type Explain = (policy: Policy, object: ReadObject) => string | undefined

function explainer({ parameters }: ScanOptions, known: Inventory): Explain {
  return (policy, { value }) => {
    if (holdsSecret(value) || looksUpSecrets(policy))
      return 'not explained: an explanation would show what a Secret holds'
    const given = Object.hasOwn(parameters, policy.id) ? parameters[policy.id] : undefined
    const read = readParameters(policy, given)
    const normalized = normalizeJson(value)
    if ('problems' in read || 'problem' in normalized) return undefined
    return explanationText(explain(policy.ir, read.parameters, { ...normalized.review, inventory: known }))
  }
}

/** Whether a policy looks Secrets up: an explanation shows the objects that a policy goes through. */
const looksUpSecrets = ({ ir }: Policy): boolean =>
  needsOf(ir).inventory.some(({ group, kind }) => group === '' && kind === 'Secret')

/** What evaluations add up to. */
class Collected {
  readonly entries: LedgerEntry[] = []
  readonly findings: Finding[] = []
  readonly suppressed: Report['suppressed'][number][] = []
  readonly unjudged: Unjudged[] = []
  readonly #titles: ReadonlyMap<string, string>
  /** What most objects come to, once a policy: a long scan has a great many of them. */
  readonly #clean: ReadonlyMap<Policy, Outcome>
  readonly #suppressions: Suppressions
  readonly #explain: Explain | undefined
  readonly #lines: ShownLines

  constructor(
    policies: readonly Policy[],
    suppressions: Suppressions,
    explain: Explain | undefined,
    lines: ShownLines,
  ) {
    this.#titles = new Map(policies.map(({ id, ir }) => [id, ir.title] as const))
    this.#clean = new Map(policies.map((policy) => [policy, cleanOutcome(policy)] as const))
    this.#suppressions = suppressions
    this.#explain = explain
    this.#lines = lines
  }

  add(object: ReadObject, { judgements, notes }: Evaluation): void {
    const about = aboutOf(object)
    this.#suppressions.note(about)
    const name = objectName(object.value)
    const outcomes = judgements.map(({ policy, verdict }): Outcome => {
      const clean = verdict.verdict === 'allowed' ? this.#clean.get(policy) : undefined
      if (clean !== undefined) return clean
      const kept: Violation[] = []
      const suppressed: Violation[] = []
      // the policy's explanation covers all its findings in the object, so the first carries it
      let explanation = verdict.violations.length === 0 ? undefined : this.#explain?.(policy, object)
      for (const violation of verdict.violations) {
        const finding = this.#finding(violation, object, name, explanation)
        explanation = undefined
        const applied = this.#suppressions.of(violation, about)
        if (applied === undefined) {
          kept.push(violation)
          this.findings.push(finding)
        } else {
          suppressed.push(violation)
          this.suppressed.push({ finding, ...applied })
        }
      }
      for (const reason of verdict.reasons) {
        const told = toldAs(verdict, reason)
        if (told !== undefined) this.unjudged.push(this.#unjudged(policy, told, reason, object, name))
      }
      return {
        policy: policy.id,
        verdict: verdict.verdict,
        reasons: verdict.reasons,
        violations: kept,
        suppressed,
      }
    })
    this.entries.push({ source: object.source, object: name, outcomes, notes })
  }

  #finding(violation: Violation, object: ReadObject, name: string, explanation?: string): Finding {
    return {
      violation,
      title: this.#titles.get(violation.policy) ?? violation.policy,
      source: object.source,
      object: name,
      location: locationOf(object, violation.at, this.#lines),
      fingerprint: fingerprintOf(violation, object, name),
      ...(explanation === undefined ? {} : { explanation }),
    }
  }

  #unjudged(
    policy: Policy,
    verdict: Unjudged['verdict'],
    { code, message, at }: Reason,
    object: ReadObject,
    name: string,
  ): Unjudged {
    return {
      source: object.source,
      object: name,
      policy: policy.id,
      verdict,
      code,
      message,
      ...(code === 'inventory-incomplete' ? { help: inventoryHelp } : {}),
      ...(at === undefined ? {} : { location: locationOf(object, at, this.#lines) }),
    }
  }
}

const cleanOutcome = ({ id }: Policy): Outcome => ({
  policy: id,
  verdict: 'allowed',
  reasons: [],
  violations: [],
  suppressed: [],
})

const inventoryHelp =
  'add the files that have them, or say --inventory-complete if these files are all there is'

/**
 * What a reason is told as. A denial outranks what else there is, but its violations may be suppressed, or too slight for
 * `--fail-on`: what is wrong with the rest of the object must not go with them.
 */
function toldAs({ verdict }: Verdict, { at }: Reason): Unjudged['verdict'] | undefined {
  if (verdict === 'allowed' || verdict === 'not-applicable') return undefined
  if (verdict !== 'denied') return verdict
  return at === undefined ? 'undetermined' : 'invalid'
}

function aboutOf({ source, document, path, value }: ReadObject): SuppressedObject {
  const judged = objectOf(value)
  const { metadata } = (judged ?? {}) as Named
  const text = (of: Json | undefined): string | undefined => (typeof of === 'string' ? of : undefined)
  return {
    source,
    document,
    path,
    value: judged ?? value,
    kind: kindOf(judged)?.kind,
    namespace: objectNamespace(judged),
    name: text(metadata?.name),
  }
}

/** The object that an input is about: of an AdmissionReview, the one in its request. */
function objectOf(value: Json): Json | undefined {
  const normalized = normalizeJson(value)
  return 'problem' in normalized ? value : judgedObject(normalized.review)
}

/** Warnings of kinds and fields that a cluster does not know: what is misspelt protects nobody, and no policy sees it. */
function unknownNames(read: ReadObject): readonly SourceProblem[] {
  const object = objectOf(read.value)
  return object === undefined
    ? []
    : [...unknownKindProblems(object, read), ...unknownFieldProblems(object, read)]
}

function unknownKindProblems(object: Json, { document, path, source }: ReadObject): readonly SourceProblem[] {
  const unknown = unknownKind(object)
  if (unknown === undefined) return []
  const { group, kind, nearest } = unknown
  return [
    {
      level: 'warning',
      code: 'unknown-kind',
      message: `Kubernetes has no kind \`${kind}\` in ${group === '' ? 'its core group' : `the group \`${group}\``}, so no policy is about it`,
      help: `did you mean \`${nearest.kind}\` of \`${nearest.apiVersion}\`?`,
      document: document.index,
      location: { ...document.locate([...path, 'kind']).value, name: source },
    },
  ]
}

/** Fields that are told of one object one by one. */
const mostFields = 20

function unknownFieldProblems(
  object: Json,
  { document, path, source }: ReadObject,
): readonly SourceProblem[] {
  const unknown = unknownFields(object)
  // what is nearly the name of a field was meant to be it, so it must not drown in the rest
  const misspelt = unknown.filter((each) => each.nearest !== undefined)
  const told = [...misspelt, ...unknown.filter((each) => each.nearest === undefined)].slice(0, mostFields)
  const warning = (at: Path, message: string, help?: string): SourceProblem => {
    const { key, value: range } = document.locate([...path, ...at])
    return {
      level: 'warning',
      code: 'unknown-field',
      message,
      ...(help === undefined ? {} : { help }),
      document: document.index,
      location: { ...(key ?? range), name: source },
    }
  }
  const warnings = told.map(({ path: at, nearest }) =>
    warning(
      at,
      `no cluster knows the field \`${pathText(at)}\`: it would be dropped, or the object refused`,
      nearest === undefined ? undefined : `did you mean \`${nearest}\`?`,
    ),
  )
  const more = unknown.length - told.length
  return more > 0 ? [...warnings, warning([], `no cluster knows ${more} more of its fields`)] : warnings
}

/** Findings by source, in the order that the sources were read, then by place. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const order = new Map<string, number>()
  for (const { source } of findings) if (!order.has(source)) order.set(source, order.size)
  const offset = ({ location }: Finding): number => location?.span.start.offset ?? 0
  return findings.toSorted(
    (a, b) => (order.get(a.source) as number) - (order.get(b.source) as number) || offset(a) - offset(b),
  )
}

/** An object as people call it: `Deployment shop/cart`. */
export function objectName(value: Json): string {
  const object = objectOf(value)
  const { metadata } = (object ?? {}) as Named
  const name =
    typeof metadata?.name === 'string'
      ? metadata.name
      : typeof metadata?.generateName === 'string'
        ? `${metadata.generateName}…`
        : '(no name)'
  const namespace = objectNamespace(object)
  return `${kindOf(object)?.kind ?? 'object'} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

function locationOf({ document, path }: ReadObject, at: Path, lines: ShownLines): FindingLocation {
  const located = document.locate([...path, ...at])
  const shown = located.exact
    ? isBlock(located.value)
      ? (located.key ?? located.value)
      : located.value
    : (located.key ?? located.value)
  return {
    span: { start: shown.start, end: shown.end },
    exact: located.exact,
    line: lines.at(document.source, shown.start.line),
  }
}

/** A value over several lines is shown by its key. */
const isBlock = ({
  start,
  end,
}: {
  readonly start: { readonly line: number }
  readonly end: { readonly line: number }
}): boolean => end.line > start.line

/**
 * What tells a finding from others over time: the policy, the code, the object, and the place in it, with elements of lists told
 * by their names where they have one. Lines, and the order of documents and of named elements, have no part in it.
 */
function fingerprintOf(
  { policy, code, at, message }: Violation,
  { source, value }: ReadObject,
  object: string,
): string {
  const place = namedPath(objectOf(value), at)
  return createHash('sha256')
    .update(canonicalText([policy, code, source, object, place, message]))
    .digest('hex')
    .slice(0, 32)
}

function namedPath(value: Json | undefined, path: Path): Path {
  let at: unknown = value
  return path.map((step) => {
    at =
      typeof at === 'object' && at !== null
        ? (at as Readonly<Record<string | number, unknown>>)[step]
        : undefined
    const name = typeof step === 'number' ? (at as { readonly name?: unknown } | undefined)?.name : undefined
    return typeof name === 'string' ? name : step
  })
}
