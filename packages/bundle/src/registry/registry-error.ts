/**
 * What went wrong with a registry: `reference` (a name that is none), `not-found`, `unauthorized`, `conflict` (the tag is another one than
 * was said), `unavailable` (after all attempts) and `refused` (what the registry sent or asked for is not taken).
 */
export type RegistryProblem =
  | 'reference'
  | 'not-found'
  | 'unauthorized'
  | 'conflict'
  | 'unavailable'
  | 'refused'

/** Why something could not be pushed or pulled. Its message holds no credentials and no query of a URL. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly problem: RegistryProblem

  constructor(problem: RegistryProblem, message: string) {
    super(message)
    this.problem = problem
  }
}
