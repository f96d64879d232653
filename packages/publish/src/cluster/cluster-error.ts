/** What went wrong with a cluster: what is said of it, or what it answered. */
export type ClusterProblem =
  | 'kubeconfig'
  | 'unreachable'
  | 'refused'
  | 'conflict'
  | 'not-found'
  | 'not-in-time'

/** Why something could not be done in a cluster. No token and no key stands in it. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly problem: ClusterProblem

  constructor(problem: ClusterProblem, message: string) {
    super(message)
    this.problem = problem
  }
}
