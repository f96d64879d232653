import { describe } from '../ir/describe.js'
import type { FixNode, Node, Severity, ViolationNode } from '../ir/node.js'
import { operatorOf } from '../ir/operators.js'
import { DefinitionError, nearest } from './definition-error.js'
import { subjectOf } from './proxy.js'
import { consumed, made } from './recording.js'
import type { FixSubject, ValueSubject } from './subject.js'
import { kindName, valueArgument } from './values.js'

const keys = ['message', 'at', 'code', 'severity', 'details', 'fix']
const severities: readonly string[] = ['critical', 'high', 'medium', 'low', 'info']

/** Reads the violation that an author describes. The code is left empty where none is given; `numbered` fills it. */
export function violationNode(given: unknown): ViolationNode {
  if (typeof given !== 'object' || given === null || subjectOf(given) !== undefined) {
    throw new DefinitionError(
      'not-a-violation',
      '.deny() takes `{ message, at, … }`, or a function of the element that gives it',
    )
  }
  const { message, at, code, severity, details, fix, ...others } = given as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    const near = nearest(unknown, keys)
    throw new DefinitionError(
      'unknown-key',
      `a violation has no \`${unknown}\``,
      near === undefined ? `it takes ${keys.join(', ')}` : `did you mean \`${near}\`?`,
    )
  }
  if (message === undefined) throw new DefinitionError('no-message', 'a violation needs a `message`')
  if (severity !== undefined && !severities.includes(String(severity))) {
    throw new DefinitionError(
      'unknown-severity',
      `\`${String(severity)}\` is no severity`,
      `use ${severities.join(', ')}`,
    )
  }
  if (code !== undefined && (typeof code !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(code))) {
    throw new DefinitionError(
      'invalid-code',
      `the code \`${String(code)}\` is not letters, digits, \`.\`, \`_\` and \`-\``,
    )
  }
  return {
    code: code ?? '',
    message: messageNode(message),
    ...(at === undefined ? {} : { at: pathNode(at, '`at`') }),
    ...(severity === undefined ? {} : { severity: severity as Severity }),
    ...(details === undefined ? {} : { details: detailNodes(details) }),
    ...(fix === undefined ? {} : { fix: fixNodes(fix) }),
  }
}

function messageNode(given: unknown): Node {
  const subject = valueArgument(given, 'the message')
  refuseDomain(subject, 'the message')
  if (subject.schema.type === 'string' || subject.schema.type === 'unknown') {
    return subject.node.kind === 'literal' || isTotalText(subject.node)
      ? subject.node
      : { kind: 'call', operator: 'message', arguments: [subject.node] }
  }
  throw new DefinitionError('not-a-text', 'the message is no text', 'write message`…`')
}

const isTotalText = (node: Node): boolean =>
  node.kind === 'call' && operatorOf(node.operator).answers === 'total'

function detailNodes(given: unknown): Readonly<Record<string, Node>> {
  if (typeof given !== 'object' || given === null || subjectOf(given) !== undefined) {
    throw new DefinitionError('not-details', '`details` is an object of values')
  }
  const entries = Object.entries(given).map(([key, value]) => {
    const subject = valueArgument(value, `the detail \`${key}\``)
    refuseDomain(subject, `the detail \`${key}\``)
    return [key, subject.node] as const
  })
  return Object.fromEntries(entries)
}

/** A parsed quantity, time or version can only be compared: what was written is what is shown. */
export function refuseDomain(subject: ValueSubject, what: string): void {
  if (subject.domain?.parsed !== true) return
  throw new DefinitionError(
    'domain-value-shown',
    `${what} would show a computed ${subject.domain.name}, which has no text`,
    'show the field that it was read from',
  )
}

function fixNodes(given: unknown): readonly FixNode[] {
  return (Array.isArray(given) ? given : [given]).map((each: unknown) => {
    const subject = subjectOf(each)
    if (subject?.is !== 'fix') throw new DefinitionError('not-a-fix', '`fix` takes set(…) and remove(…)')
    consumed(subject)
    return subject.fix
  })
}

/** A fix that sets a field to a value. */
export function setFix(at: unknown, value: unknown): FixSubject {
  const node = pathNode(at, 'the first operand of set()')
  const subject = valueArgument(value, 'the value of set()')
  refuseDomain(subject, 'the value of set()')
  return made(
    { is: 'fix', fix: { kind: 'set', at: node, value: subject.node } },
    () => `set(${describe(node)}, …)`,
  )
}

/** A fix that removes a field or an element. */
export function removeFix(at: unknown): FixSubject {
  const node = pathNode(at, 'the operand of remove()')
  return made({ is: 'fix', fix: { kind: 'remove', at: node } }, () => `remove(${describe(node)})`)
}

/** A path into the judged object: an input, a field, an element; nothing that was computed. */
function pathNode(given: unknown, what: string): Node {
  const subject = subjectOf(given)
  if (subject?.is !== 'value') {
    throw new DefinitionError(
      'not-a-path',
      `${what} is ${subject === undefined ? 'no expression' : kindName(subject)}`,
      'give the field that is wrong, such as `c.image`',
    )
  }
  consumed(subject)
  const computed = computedPart(subject.node)
  if (computed !== undefined) {
    throw new DefinitionError(
      'not-a-path',
      `${what} is computed (\`${describe(computed)}\`), so it has no place in the object`,
      'give a field, or an element of a list',
    )
  }
  return subject.node
}

function computedPart(node: Node): Node | undefined {
  switch (node.kind) {
    case 'field':
    case 'get':
    case 'narrow':
      return computedPart(node.of)
    case 'at':
    case 'find':
      return computedPart(node.list)
    case 'filter':
    case 'distinct':
    case 'duplicates':
      return computedPart(node.list)
    case 'concat':
    case 'map':
    case 'flatMap':
    case 'keys':
    case 'variable':
    case 'input':
      return undefined
    default:
      return node
  }
}
