import {
  absences,
  costOf,
  describe,
  lintPolicy,
  needsOf,
  type Node,
  policiesOf,
  type Policy,
  readsOf,
  type ReadTree,
  type RuleNode,
} from '@gatewright/core'
import { lintKubernetesPolicy } from '@gatewright/kubernetes'
import { configuration } from '../config.js'
import { loadPolicies } from '../policies.js'

export interface ExplainOptions {
  readonly missing?: boolean
  readonly config?: string | false
}

/** Prints what a policy means: what it is about, its parameters, its rules in words, and the fields that it reads. */
export async function explain(name: string, options: ExplainOptions = {}): Promise<number> {
  const context = { directory: process.cwd(), scanned: [], trust: true }
  const { config } = await configuration(options.config, context)
  const policies = policiesOf(await loadPolicies(name, config, context))
  process.stdout.write(policies.map(options.missing === true ? missingExplained : explained).join('\n'))
  return 0
}

/** What the absence of each field does, a line a field. */
function missingExplained({ ir }: Policy): string {
  const lines = absences(ir).flatMap(({ field, effects }) => {
    const kinds = [...new Set(effects.map(({ effect }) => effect))]
    if (kinds.length === 1) return [`  ${field}: ${kinds[0] ?? ''}`]
    return [`  ${field}: ${effects.map(({ code, effect }) => `${effect} [${code}]`).join(', ')}`]
  })
  return `${ir.id}: when the field is missing and all else is free, the policy\n${lines.join('\n')}\n`
}

function explained({ ir, values }: Policy): string {
  const { target, controls } = ir
  const kinds =
    target.kinds === undefined
      ? 'any document'
      : target.kinds
          .map(({ kind }) => kind)
          .filter((kind, i, all) => all.indexOf(kind) === i)
          .join(', ')
  const sections = Object.entries(controls).map(([standard, numbers]) => `${standard} ${numbers.join(', ')}`)
  const parameters = Object.entries(
    (ir.parameters as { readonly properties?: Readonly<Record<string, Parameter>> } | undefined)
      ?.properties ?? {},
  )
  const { nests } = costOf(ir)
  const { inventory } = needsOf(ir)
  const odd = [...lintPolicy(ir), ...lintKubernetesPolicy(ir)]
  const lines = [
    ir.id,
    `  ${ir.title}`,
    ...(ir.description === undefined ? [] : ['', `  ${ir.description}`]),
    '',
    `  severity    ${ir.severity}`,
    `  about       ${kinds}${target.operations === undefined ? '' : ` (${target.operations.join(', ')})`}`,
    ...(sections.length === 0 ? [] : [`  controls    ${sections.join('; ')}`]),
    ...(parameters.length === 0
      ? []
      : [
          '',
          '  parameters',
          ...parameters.map(([key, parameter]) => parameterLine(key, parameter, values[key])),
        ]),
    '',
    ...(ir.when === undefined ? [] : [`  only where  ${describe(ir.when)}`, '']),
    '  denies',
    ...ir.rules.flatMap((rule) => ruleLines(rule, '    ')),
    '',
    '  reads',
    ...[...readsOf(ir).all].flatMap(([input, tree]) => readLines(tree, input)).map((line) => `    ${line}`),
    ...inventory.map(({ kind }) => `    the ${kind} objects that are known`),
    ...(nests.length === 0 ? [] : ['', '  its work grows with', ...nests.map((nest) => `    ${nest}`)]),
    ...odd.flatMap(({ message }) => ['', `  odd: ${message}`]),
  ]
  return `${lines.join('\n')}\n`
}

interface Parameter {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
}

function parameterLine(
  key: string,
  { type, description, default: standard }: Parameter,
  value: unknown,
): string {
  const shown =
    value === undefined
      ? standard === undefined
        ? ''
        : ` = ${JSON.stringify(standard)}`
      : ` = ${JSON.stringify(value)} (set)`
  return `    ${key}: ${type ?? 'any'}${shown}${description === undefined ? '' : `  ${description}`}`
}

function ruleLines(rule: RuleNode, indentation: string): readonly string[] {
  switch (rule.kind) {
    case 'each':
      return [
        `${indentation}for each ${rule.element.name} of ${describe(rule.list)}`,
        ...rule.rules.flatMap((each) => ruleLines(each, `${indentation}  `)),
      ]
    case 'onlyIf':
      return [
        `${indentation}where ${describe(rule.if)}`,
        ...rule.rules.flatMap((each) => ruleLines(each, `${indentation}  `)),
      ]
    case 'deny': {
      const { message, code } = rule.violation
      const condition = rule.if.kind === 'literal' ? '' : `if ${describe(rule.if)}: `
      return [`${indentation}${condition}"${messageText(message)}" [${code}]`]
    }
  }
}

function messageText(node: Node): string {
  if (node.kind === 'call' && node.operator === 'message') {
    return node.arguments
      .map((part) => (part.kind === 'literal' ? String(part.value) : `{${describe(part)}}`))
      .join('')
  }
  return node.kind === 'literal' ? String(node.value) : `{${describe(node)}}`
}

function readLines(tree: ReadTree, path: string): readonly string[] {
  const children = [
    ...[...tree.fields].flatMap(([key, child]) => readLines(child, `${path}.${key}`)),
    ...(tree.elements === undefined ? [] : readLines(tree.elements, `${path}[*]`)),
    ...(tree.values === undefined ? [] : readLines(tree.values, `${path}.*`)),
  ]
  return children.length > 0 ? children : [path]
}
