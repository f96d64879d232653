import type { Reason, Severity, Verdict, Violation } from '@gatewright/core'

/** Everything that went into a run, and what became of it: the answer to "was this judged?". */
export interface Ledger {
  readonly entries: readonly LedgerEntry[]
  readonly totals: Totals
}

/** One object, or one thing that could not be read as one. */
export interface LedgerEntry {
  readonly source: string
  /** The object as people call it: `Deployment shop/cart`. */
  readonly object: string
  readonly outcomes: readonly Outcome[]
  /** Why it could not be read. */
  readonly unreadable?: Reason
  readonly notes: readonly Reason[]
}

export interface Outcome {
  readonly policy: string
  readonly verdict: Verdict['verdict']
  readonly violations: readonly Violation[]
  readonly suppressed: readonly Violation[]
  readonly reasons: readonly Reason[]
}

/** Counts over a ledger. `objects` is the sum of `evaluated`, `notMatched` and `unreadable`. */
export interface Totals {
  readonly objects: number
  /** Objects that at least one policy judged. */
  readonly evaluated: number
  /** Objects that no policy was about. */
  readonly notMatched: number
  readonly unreadable: number
  readonly violations: number
  readonly suppressed: number
  readonly bySeverity: Readonly<Record<Severity, number>>
  readonly byVerdict: Readonly<Record<Verdict['verdict'], number>>
}

/** Adds up a ledger. */
export function ledgerOf(entries: readonly LedgerEntry[]): Ledger {
  const bySeverity: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
  const byVerdict: Record<Verdict['verdict'], number> = {
    allowed: 0,
    denied: 0,
    'not-applicable': 0,
    invalid: 0,
    undetermined: 0,
    error: 0,
  }
  let evaluated = 0
  let notMatched = 0
  let unreadable = 0
  let violations = 0
  let suppressed = 0
  for (const entry of entries) {
    if (entry.unreadable !== undefined) unreadable++
    else if (entry.outcomes.some(({ verdict }) => verdict !== 'not-applicable')) evaluated++
    else notMatched++
    for (const outcome of entry.outcomes) {
      byVerdict[outcome.verdict]++
      violations += outcome.violations.length
      suppressed += outcome.suppressed.length
      for (const { severity } of outcome.violations) bySeverity[severity]++
    }
  }
  return {
    entries,
    totals: {
      objects: entries.length,
      evaluated,
      notMatched,
      unreadable,
      violations,
      suppressed,
      bySeverity,
      byVerdict,
    },
  }
}
