import {
  type Path,
  patternFault,
  type PolicyIr,
  type Reason,
  type RuleNode,
  type Verdict,
  type Violation,
  type ViolationNode,
} from '@gatewright/core'
import type { RawVerdict, RawViolation } from './module-instance.js'

/** Makes verdicts of what modules write about a policy: policy, severity and fixes are put back from the policy. */
export class VerdictReader {
  readonly #policy: PolicyIr
  /** The denies in the order of the rules, by which modules number them. */
  readonly #denies: readonly ViolationNode[]

  constructor(policy: PolicyIr) {
    this.#policy = policy
    this.#denies = policy.rules.flatMap(deniesOf)
  }

  read(raw: RawVerdict): Verdict {
    if (raw === 0) return allowed
    const { verdict, violations, reasons } = raw
    if (!isVerdict(verdict)) throw new TypeError(`a module says \`${String(verdict)}\`, which is no verdict`)
    return {
      verdict,
      violations: violations.map((each) => this.#violation(each)),
      reasons: reasons.map(({ code, message, at }): Reason => ({
        code,
        message: code === 'invalid-pattern' ? explained(message) : message,
        ...(at === undefined ? {} : { at }),
      })),
    }
  }

  #violation({ code, at, message, details, deny, fix = [] }: RawViolation): Violation {
    const node = this.#denies[deny]
    if (node?.code !== code) throw new TypeError(`a module names a deny that \`${this.#policy.id}\` has not`)
    return {
      policy: this.#policy.id,
      code,
      at: at as Path,
      message,
      details: details as Violation['details'],
      severity: node.severity ?? this.#policy.severity,
      fix: fix.map(({ kind, at: place, value }) =>
        kind === 'set' ? { kind, at: place, value: value as never } : { kind, at: place },
      ),
    }
  }
}

/** A module does not carry the words for what is wrong with a pattern. */
function explained(message: string): string {
  const [, pattern] = /^the pattern `(.*)` is not RE2 syntax$/s.exec(message) ?? []
  return (pattern === undefined ? undefined : patternFault('matches', pattern)?.message) ?? message
}

const allowed: Verdict = { verdict: 'allowed', violations: [], reasons: [] }

const verdicts: readonly string[] = [
  'allowed',
  'denied',
  'not-applicable',
  'invalid',
  'undetermined',
  'error',
] satisfies readonly Verdict['verdict'][]

const isVerdict = (name: string): name is Verdict['verdict'] => verdicts.includes(name)

function deniesOf(rule: RuleNode): readonly ViolationNode[] {
  return rule.kind === 'deny' ? [rule.violation] : rule.rules.flatMap(deniesOf)
}
