import { type Inventory, type Json, pathText, type Policy, sourceText, type Verdict } from '@gatewright/core'
import { inventory as inventoryOf } from '../inventory.js'
import { inventoryAnswers } from '../recording/inventory-answers.js'
import type { Question } from '../search/questions.js'
import type { AtomicCondition } from './conditions.js'
import { type Fixture, fixturesOf } from './fixture-code.js'
import { Probe } from './probe.js'
import { type MissingObservation, saysOf, type SuggestedCase, type Suggestions } from './suggest.js'
import { type Code, codeOf, printed, textCode } from './typescript.js'

export interface SuggestedTestsOptions {
  /** The name that the policy is exported by; by default the last part of its id. */
  readonly name?: string
  /** The module that exports the policy, as the test imports it; by default the file beside it that the policy is written in. */
  readonly from?: string
}

const sections: Readonly<Partial<Record<Verdict['verdict'], string>>> = {
  allowed: 'allows',
  denied: 'denies',
  undetermined: 'undetermined',
  'not-applicable': 'notApplicable',
}

/**
 * Suggested cases as a test file for vitest: a `testPolicy()` call with the verdicts that the policy gives today. What cannot be
 * written, and what no object was found for, is listed in comments.
 */
export function suggestedTests(
  policy: Policy,
  suggestions: Suggestions,
  options: SuggestedTestsOptions = {},
): string {
  const name = options.name ?? exportName(policy.id)
  const from = options.from ?? moduleOf(policy)
  const writer = new Writer(policy)
  const written = suggestions.cases.map((each) => ({ each, ...writer.written(each) }))
  const table: Code = {
    entries: Object.entries(sections).flatMap(([verdict, section]) => {
      const cases = written.flatMap(({ each, code }) =>
        code === undefined || each.verdict.verdict !== verdict ? [] : [[each.name, code] as const],
      )
      return cases.length === 0 ? [] : [[section, { entries: cases }] as const]
    }),
  }
  const unwritten = written.flatMap(({ each, because }) =>
    because === undefined ? [] : [oneLine(`// cannot be written, since ${because}: ${each.name}`)],
  )
  const hasTests = table.entries.length > 0
  const local = localName(name, writer.imports)
  return [
    '// Suggested by Gatewright for what no test showed of the policy. The verdicts are those that the policy gives today, taken',
    '// as right: review each of them before you keep it.',
    ...(hasTests
      ? [
          ...(writer.imports.size === 0
            ? []
            : [`import { ${[...writer.imports].toSorted().join(', ')} } from 'gatewright/testing'`]),
          "import { testPolicy } from 'gatewright/vitest'",
          `import { ${local === name ? name : `${name} as ${local}`} } from ${textCode(from)}`,
          '',
          `testPolicy(${local}, ${printed(table, '', local.length + 13)})`,
        ]
      : []),
    ...(unwritten.length + suggestions.notFound.length === 0 ? [] : ['']),
    ...unwritten,
    ...suggestions.notFound.map((each) => notFoundLine(each, suggestions.budget)),
    '',
  ].join('\n')
}

const oneLine = (text: string): string => text.replaceAll(/[\n\r\u2028\u2029]+/g, ' ')

function notFoundLine({ id, text, source, observation }: MissingObservation, budget: number): string {
  const place = source === undefined ? '' : ` (${sourceText({ ...source, file: fileName(source.file) })})`
  return oneLine(`// no object found among ${budget}: ${id}${place}: ${saysOf(text, observation)}`)
}

const fileName = (file: string): string => file.slice(file.lastIndexOf('/') + 1)

/** `shop/host-paths` is `hostPaths`. */
function exportName(id: string): string {
  const camel = id
    .slice(id.lastIndexOf('/') + 1)
    .replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())
  return /^[A-Za-z]/.test(camel) ? camel : `policy${camel}`
}

// what a module cannot call its own, of what an id can end with
const reserved =
  /^(?:arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/

/** A name that an export can have in the test: `shop/pod` is not the builder of Pods. */
function localName(name: string, imports: ReadonlySet<string>): string {
  const isTaken = imports.has(name) || name === 'testPolicy' || reserved.test(name)
  return isTaken ? `policy${name.slice(0, 1).toUpperCase()}${name.slice(1)}` : name
}

function moduleOf({ id, source }: Policy): string {
  const file = source === undefined ? id.slice(id.lastIndexOf('/') + 1) : fileName(source.file)
  return `./${file.replace(/\.([cm]?)tsx?$/, '.$1js')}${source === undefined ? '.js' : ''}`
}

/** Writes cases, each as naturally as its verdict and what it shows allow. */
class Writer {
  readonly imports = new Set<string>()
  readonly #policy: Policy
  readonly #probe: Probe
  readonly #conditions: ReadonlyMap<string, AtomicCondition>

  constructor(policy: Policy) {
    this.#policy = policy
    this.#probe = new Probe(policy)
    this.#conditions = new Map(this.#probe.conditions.map((each) => [each.id, each]))
  }

  /** A case as code, or why it cannot be one. */
  written(suggested: SuggestedCase): { readonly code?: Code; readonly because?: string } {
    try {
      const code = this.#codeOf(suggested)
      return code === undefined ? { because: 'it hangs on an inventory of its own' } : { code }
    } catch (error) {
      if (error instanceof RangeError) return { because: error.message }
      throw error
    }
  }

  #codeOf(suggested: SuggestedCase): Code | undefined {
    const { inventory, parameters, verdict } = suggested
    const known = inventory === undefined ? undefined : this.#inventoryCode(inventory)
    if (inventory !== undefined && known === undefined) return undefined
    const fixture = fixturesOf(suggested.object).find(
      (each, i, all) => i === all.length - 1 || this.#isTheSame(each, suggested),
    ) as Fixture
    for (const each of fixture.imports) this.imports.add(each)
    if (known !== undefined) this.imports.add('inventory')
    const [violation] = verdict.violations
    const more: (readonly [string, Code])[] = [
      ...(violation === undefined
        ? []
        : [
            ...(violation.at.length === 0 ? [] : [['at', textCode(pathText(violation.at))] as const]),
            ['code', textCode(violation.code)] as const,
          ]),
      ...(Object.keys(parameters).length === 0 ? [] : [['parameters', codeOf(parameters)] as const]),
      ...(known === undefined ? [] : [['inventory', known] as const]),
    ]
    // an object without a kind would be taken for a case
    const isPlain = more.length === 0 && (typeof fixture.code === 'string' || hasKind(fixture.value))
    return isPlain ? fixture.code : { entries: [['object', fixture.code], ...more] }
  }

  /** Whether the policy says the same of what a fixture comes to, and it shows the same. */
  #isTheSame({ value }: Fixture, { parameters, inventory, verdict, shows }: SuggestedCase): boolean {
    const question: Question = { object: value, parameters, inventory }
    return (
      placesIn(this.#probe.verdict(question)) === placesIn(verdict) &&
      shows.every(({ id, observation }) => {
        const condition = this.#conditions.get(id)
        return condition !== undefined && this.#probe.shows(question, condition, observation)
      })
    )
  }

  #inventoryCode(inventory: Inventory): Code | undefined {
    const answers = inventoryAnswers(this.#policy.ir, inventory)
    if (answers.some((each) => 'failed' in each)) return undefined
    const lists = answers.flatMap((each) => ('failed' in each ? [] : [each]))
    const complete = lists.every((each) => each.complete)
    if (!complete && lists.some((each) => each.complete)) return undefined
    const objects = lists.flatMap((each) => each.items)
    try {
      inventoryOf(objects as readonly object[], { complete })
    } catch (error) {
      if (error instanceof TypeError) return undefined
      throw error
    }
    return {
      calls: 'inventory',
      with: [codeOf(objects as Json), { entries: [['complete', String(complete)]] }],
    }
  }
}

const hasKind = (value: Json): boolean => typeof value === 'object' && value !== null && 'kind' in value

/** What is asserted of a verdict. */
const placesIn = ({ verdict, violations }: Verdict): string =>
  [verdict, ...violations.map(({ code, at }) => `${code} ${pathText(at)}`).toSorted()].join('\n')
