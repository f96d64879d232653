export interface SinkLimits {
  /** The most bytes of a body as it comes; 8 MiB by default. */
  readonly body?: number
  /** The most bytes of a body when it is unpacked; 64 MiB by default. */
  readonly unpacked?: number
}

/** What OPA posts: a list of decisions, or one status. */
export type SinkKind = 'decisions' | 'status'
