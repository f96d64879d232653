import { describe } from '../ir/describe.js'
import { describeRule } from '../ir/describe.js'
import { DefinitionError, nearest } from './definition-error.js'
import { fieldOf, fieldNames, operationNames, operationOf } from './members.js'
import { consumed } from './recording.js'
import type { Subject, ValueSubject } from './subject.js'

/**
 * The shell between what authors hold and what is recorded. Types promise fields and operations; at run time each is a proxy
 * over a subject. All casts of the language are in this file.
 */
const subjects = new WeakMap<object, Subject>()

/** The subject behind an expression; undefined for anything else. */
export function subjectOf(given: unknown): Subject | undefined {
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null) return undefined
  const handle = handles.get(given)
  if (handle !== undefined) throw notCalled(handle.subject, handle.operation)
  return subjects.get(given)
}

/** An operation that was named and not called yet. */
interface Handle {
  readonly subject: Subject
  readonly operation: string
}
const handles = new WeakMap<object, Handle>()

/** The expression that authors see for a subject. */
export function expressionOf<T>(subject: Subject): T {
  const proxy = new Proxy(() => {}, {
    get: (_, key) => member(subject, key),
    apply: () => {
      throw new DefinitionError('not-callable', `\`${textOf(subject)}\` is not an operation`)
    },
    ...refusals(() => textOf(subject)),
  })
  subjects.set(proxy, subject)
  return proxy as T
}

/** A subject as its author might have written it. */
export function textOf(subject: Subject): string {
  switch (subject.is) {
    case 'value':
    case 'condition':
      return describe(subject.node)
    case 'undecided':
      return describe(subject.call)
    case 'ratio':
      return `ratio(${describe(subject.dividend.node)}, ${describe(subject.divisor.node)})`
    case 'rule':
      return subject.rules.map(describeRule).join(', ')
    case 'fix':
      return `${subject.fix.kind}(${describe(subject.fix.at)})`
  }
}

function member(subject: Subject, key: string | symbol): unknown {
  if (key === 'then') return undefined
  if (typeof key === 'symbol') return symbolMember(subject, key)
  if (key === 'toJSON') throw misuse(subject, 'it cannot be serialised')
  const view =
    subject.is === 'value' && Object.hasOwn(subject.views ?? {}, key) ? subject.views?.[key] : undefined
  if (view !== undefined) return view()
  const field = subject.is === 'value' ? fieldOf(subject, key) : undefined
  const operation = operationOf(subject, key)
  if (field !== undefined) return fieldOrOperation(field, subject, key)
  if (operation === undefined) throw unknownMember(subject, key)
  return operationHandle(subject, key)
}

/** A field, which becomes the operation of the same name on the part before it when it is called. */
function fieldOrOperation(field: ValueSubject, parent: Subject, key: string): unknown {
  const proxy = new Proxy(() => {}, {
    get: (_, next) => member(field, next),
    apply: (_, __, given: unknown[]) => callOperation(parent, key, given),
    ...refusals(() => textOf(field)),
  })
  subjects.set(proxy, field)
  return proxy
}

function operationHandle(subject: Subject, operation: string): unknown {
  const unusable = (): never => {
    throw notCalled(subject, operation)
  }
  const proxy = new Proxy(() => {}, {
    get: (_, key) => (key === 'then' || typeof key === 'symbol' ? undefined : unusable()),
    apply: (_, __, given: unknown[]) => callOperation(subject, operation, given),
    ...refusals(() => `${textOf(subject)}.${operation}`),
  })
  handles.set(proxy, { subject, operation })
  return proxy
}

function callOperation(subject: Subject, name: string, given: readonly unknown[]): unknown {
  const operation = operationOf(subject, name)
  if (operation === undefined) throw unknownMember(subject, name)
  consumed(subject)
  const result = operation(subject, given)
  return 'is' in result ? expressionOf(result) : result
}

function notCalled(subject: Subject, operation: string): DefinitionError {
  return new DefinitionError(
    'operation-not-called',
    `\`${textOf(subject)}.${operation}\` is an operation, not a value`,
    `call it: \`.${operation}(…)\``,
  )
}

function unknownMember(subject: Subject, key: string): DefinitionError {
  const fields = subject.is === 'value' ? fieldNames(subject) : []
  const operations = operationNames(subject)
  const near = nearest(key, [...fields, ...operations])
  const isMap = subject.is === 'value' && subject.schema.type === 'map'
  const help = isMap
    ? `it is a map: \`.get('${key}')\``
    : near === undefined
      ? fields.length > 0
        ? `its fields are ${fields.slice(0, 8).join(', ')}${fields.length > 8 ? ' …' : ''}`
        : `its operations are ${operations.join(', ')}`
      : `did you mean \`${near}\`?`
  return new DefinitionError(
    'unknown-field',
    `\`${textOf(subject)}\` has no field or operation \`${key}\``,
    help,
  )
}

function misuse(subject: Subject, what: string): DefinitionError {
  return new DefinitionError(
    'expression-as-value',
    `\`${textOf(subject)}\` is an expression, not a value`,
    what,
  )
}

const coercion = 'write message`…` for text, and .is(), .gt(), .plus() … instead of JavaScript operators'

function symbolMember(subject: Subject, key: symbol): unknown {
  if (key === Symbol.toPrimitive) throw misuse(subject, coercion)
  if (key === Symbol.iterator)
    throw misuse(subject, 'iterate with .each(), .some(), .every(), .filter() or .map()')
  if (key === Symbol.for('nodejs.util.inspect.custom')) return () => `[expression ${textOf(subject)}]`
  return undefined
}

/** What no expression can do. */
function refusals(text: () => string): ProxyHandler<() => void> {
  const refuse = (what: string) => (): never => {
    throw new DefinitionError('expression-as-value', `\`${text()}\` is an expression, not a value`, what)
  }
  return {
    has: refuse('ask .has(key) or .exists()'),
    ownKeys: refuse('ask .keys()'),
    set: refuse('expressions cannot be assigned to; a fix is made by set(…)'),
    deleteProperty: refuse('expressions cannot be changed; a fix is made by remove(…)'),
    defineProperty: refuse('expressions cannot be changed'),
    setPrototypeOf: refuse('expressions cannot be changed'),
    construct: refuse('it is no class'),
    getPrototypeOf: () => Function.prototype,
  }
}
