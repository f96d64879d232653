import { DefinitionError } from './definition-error.js'
import { markSource, sourceOf, sourceText } from './source-location.js'
import type { Subject } from './subject.js'

/**
 * One definition being recorded: what was made and not used yet, and the variables whose functions are still open.
 *
 * Every condition, filter and rule that was made must reach the result, since one that does not was lost to a JavaScript
 * operator, a forgotten `return` or a forgotten `.deny(…)`.
 */
interface Recording {
  readonly unused: Map<Subject, () => string>
  readonly open: Set<number>
  readonly variables: Variables
}

/** Numbers the variables of a policy, of which no two are the same. */
interface Variables {
  next: number
}

let recording: Recording | undefined

/**
 * Runs a synchronous definition and checks that nothing made in it was lost. Clock and chance are refused meanwhile (law 10). The
 * definitions of one policy number their variables together.
 */
export function record<T>(what: string, define: () => T, variables: Variables = { next: 0 }): T {
  const outer = recording
  recording = { unused: new Map(), open: new Set(), variables: outer?.variables ?? variables }
  const restore = withoutClockOrChance()
  try {
    const result = define()
    const [lost] = recording.unused
    if (lost !== undefined) throw lostError(what, lost[0], lost[1]())
    return result
  } finally {
    restore()
    recording = outer
  }
}

function lostError(what: string, subject: Subject, text: string): DefinitionError {
  const source = sourceOf(subject)
  const where = source === undefined ? '' : ` at ${sourceText(source)}`
  const kind =
    subject.is === 'rule'
      ? 'a rule'
      : subject.is === 'value'
        ? 'a filter'
        : subject.is === 'fix'
          ? 'a fix'
          : 'a condition'
  return new DefinitionError(
    'unused-expression',
    `${kind} made in ${what}${where} reaches nothing: \`${text}\``,
    'combine conditions with .and(), .or() and .not() rather than `&&`, `||` and `!`, and return every rule',
  )
}

/** Notes a condition, filter, rule or fix that has to reach the result. */
export function made<S extends Subject>(subject: S, text: () => string): S {
  markSource(subject, ...nodesOf(subject))
  if (recording !== undefined) recording.unused.set(subject, text)
  return subject
}

function nodesOf(subject: Subject): readonly object[] {
  switch (subject.is) {
    case 'value':
    case 'condition':
      return [subject.node]
    case 'undecided':
      return [subject.call]
    case 'rule':
      return subject.rules
    default:
      return []
  }
}

/** Notes that a subject became part of another, or of the result. */
export function consumed(subject: Subject): void {
  recording?.unused.delete(subject)
}

/** Opens a variable for the time of a function, so that its use outside of it can be told. */
export function withVariable<T>(use: (id: number) => T): T {
  if (recording === undefined) {
    throw new DefinitionError(
      'outside-a-rule',
      'expressions over a list can only be made inside a rule',
      'move the call into the `rule` or `when` of a policy, or into a function that it calls',
    )
  }
  const id = recording.variables.next
  recording.variables.next += 2
  recording.open.add(id)
  try {
    return use(id)
  } finally {
    recording.open.delete(id)
  }
}

/** Whether a variable's function is being recorded now. */
export function isOpen(variable: number): boolean {
  return recording?.open.has(variable) ?? false
}

function withoutClockOrChance(): () => void {
  const now = Date.now
  const random = Math.random
  const refuse = (name: string) => (): never => {
    throw new DefinitionError(
      'impure-rule',
      `\`${name}()\` was called while a policy was being defined`,
      'a rule has no clock and no chance: take the time as a parameter or from the request',
    )
  }
  Date.now = refuse('Date.now')
  Math.random = refuse('Math.random')
  return () => {
    Date.now = now
    Math.random = random
  }
}
