/** Why something cannot be said to Gatekeeper. `code` is kebab-case and documented in `docs/errors.md`; `help` says what to do. */
export class GatekeeperError extends Error {
  override readonly name = 'GatekeeperError'
  readonly code: string
  readonly help: string | undefined

  constructor(code: string, message: string, help?: string) {
    super(help === undefined ? message : `${message}; ${help}`)
    this.code = code
    this.help = help
  }
}
