/** A module or bundle that cannot be judged by. */
export class OpaLoadError extends Error {
  override readonly name = 'OpaLoadError'
  readonly code:
    | 'bad-bundle'
    | 'bad-module'
    | 'bad-data'
    | 'no-entry-point'
    | 'missing-builtins'
    | 'unknown-shape'

  constructor(code: OpaLoadError['code'], message: string) {
    super(message)
    this.code = code
  }
}
