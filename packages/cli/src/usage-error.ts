/** A mistake in how the command was called or configured; it ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly help: string | undefined

  constructor(message: string, help?: string) {
    super(message)
    this.help = help
  }
}

/** What the command's exit codes mean; where several apply, the highest is taken. */
export const exitCodes = {
  clean: 0,
  findings: 1,
  usage: 2,
  unjudged: 3,
  nothingEvaluated: 4,
} as const
