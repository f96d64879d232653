import { canonicalText, isObject, type Json, type Policy } from '@gatewright/core'
import { constraint } from './constraint.js'
import { type ConstraintMatch, matchOf } from './constraint-match.js'
import { GatekeeperError } from './gatekeeper-error.js'
import { type GatekeeperFile, yamlOf } from './file.js'
import { constraintKind } from './kind-name.js'

/** What `gator verify` asks: an object or an AdmissionReview, and what is found. */
export interface SuiteCase {
  /** By default its number. */
  readonly name?: string
  readonly object: Json
  readonly parameters?: Readonly<Record<string, Json>>
  readonly match?: ConstraintMatch
  /** Other objects of the cluster; all that there are. */
  readonly inventory?: readonly Json[]
  /** How many violations there are, or whether. */
  readonly violations: number | 'yes' | 'no'
  /** Messages, each of which a violation has word for word. */
  readonly messages?: readonly string[]
}

/** Where a suite's template is, and how the policy's kind is called. */
export interface SuiteOptions {
  readonly kind?: string
  /** Whether CEL judges: it says all that it finds as one violation, with its messages joined. */
  readonly cel?: boolean
  /** The path of the template from the folder of the suite. */
  readonly template: string
}

/**
 * The files of a suite of `gator verify`, below a folder of its own: `suite.yaml`, a constraint for each set of parameters and match,
 * and the objects. Throws a `GatekeeperError` for an object that `gator` cannot read.
 */
export function suiteOf(
  policy: Policy,
  cases: readonly SuiteCase[],
  options: SuiteOptions,
): readonly GatekeeperFile[] {
  const kind = constraintKind(policy, options.kind)
  const tests = new Map<string, SuiteCase[]>()
  for (const each of cases) {
    const key = canonicalText([each.parameters ?? {}, matchOf(policy, each.match) as unknown as Json])
    tests.set(key, [...(tests.get(key) ?? []), each])
  }
  const files = new Files()
  let number = 0
  const written = [...tests.values()].map((all, i) => {
    const { parameters, match } = all[0] ?? {}
    const name = `${kind.toLowerCase().slice(0, 50)}-${i + 1}`
    const manifest = constraint(policy, {
      name,
      kind,
      ...(match && { match }),
      ...(parameters && { parameters }),
    })
    return {
      name: `parameters ${i + 1}`,
      template: options.template,
      constraint: files.pathOf('constraints', manifest as unknown as Json),
      cases: all.map((each) => {
        number++
        const what = each.name ?? `case ${number}`
        return {
          name: what,
          object: files.pathOf('objects', readable(each.object, what)),
          ...(each.inventory !== undefined &&
            each.inventory.length > 0 && {
              inventory: each.inventory.map((other) => files.pathOf('inventory', readable(other, what))),
            }),
          assertions: options.cel === true ? joinedAssertions(each) : assertionsOf(each),
        }
      }),
    }
  })
  const suite = {
    apiVersion: 'test.gatekeeper.sh/v1alpha1',
    kind: 'Suite',
    metadata: { name: kind.toLowerCase() },
    tests: written,
  }
  return [{ path: 'suite.yaml', content: yamlOf(suite as unknown as Json) }, ...files.all()]
}

/** Files by their folder and their text: what is the same stands once. */
class Files {
  readonly #paths = new Map<string, Map<string, string>>()

  pathOf(folder: string, value: Json): string {
    const paths = this.#paths.get(folder) ?? new Map<string, string>()
    this.#paths.set(folder, paths)
    const text = yamlOf(value)
    const path = paths.get(text) ?? `${folder}/${paths.size + 1}.yaml`
    paths.set(text, path)
    return path
  }

  all(): readonly GatekeeperFile[] {
    return [...this.#paths.values()].flatMap((paths) =>
      [...paths].map(([content, path]) => ({ path, content })),
    )
  }
}

function readable(object: Json, name: string): Json {
  const { apiVersion, kind } = isObject(object) ? object : {}
  if (typeof apiVersion === 'string' && typeof kind === 'string') return object
  throw new GatekeeperError(
    'unreadable-object',
    `${name} has an object without \`apiVersion\` and \`kind\`, which gator does not read`,
    'leave it out',
  )
}

function assertionsOf({ violations, messages = [] }: SuiteCase): readonly Json[] {
  return [
    { violations },
    ...[...new Set(messages)].map((message) => ({ violations: 'yes', message: `^${quoted(message)}$` })),
  ]
}

/** What CEL says: whether there is a violation, and each message among those that are joined, unless they are cut. */
function joinedAssertions({ violations, messages = [] }: SuiteCase): readonly Json[] {
  const isThere = violations === 'yes' || (typeof violations === 'number' && violations > 0)
  const isWhole = messages.join('; ').length <= 1000
  return [
    { violations: isThere ? 1 : 'no' },
    ...(isWhole
      ? [...new Set(messages)].map((message) => ({
          violations: 'yes',
          message: `(?:^|; )${quoted(message.trim())}(?:; |$)`,
        }))
      : []),
  ]
}

/** A text as a pattern of RE2 that finds just that. */
const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
