/** What went wrong with an OPA: it refused, could not be reached in time, or answered what is no answer of an OPA. */
export type OpaProblem = 'refused' | 'unreachable' | 'unreadable'

/** Why something could not be brought into an OPA, or be told of it. What OPA says stands in it as OPA says it. */
export class OpaError extends Error {
  override readonly name = 'OpaError'
  readonly problem: OpaProblem

  constructor(problem: OpaProblem, message: string) {
    super(message)
    this.problem = problem
  }
}
