/** What happens in a server, for its log. No content of a bundle, an input or a token stands in it. */
export type ServerEvent =
  | {
      readonly event: 'bundle-served'
      readonly bundle: string
      readonly revision: string
      readonly digest: string
    }
  | { readonly event: 'bundle-refused'; readonly bundle: string; readonly reason: string }
  | { readonly event: 'bundle-withdrawn'; readonly bundle: string }
  | {
      readonly event: 'admission'
      readonly path: string
      readonly uid: string
      /** The kind and the name of what is asked about. */
      readonly about: string
      readonly operation: string
      readonly outcome: string
      readonly dryRun: boolean
      readonly milliseconds: number
      /** The policies that deny it. */
      readonly denied?: string
    }
  | { readonly event: 'policies-in-force'; readonly revision: string; readonly policies: number }
  | { readonly event: 'policies-refused'; readonly reason: string }
  | { readonly event: 'problem'; readonly reason: string }
  | {
      readonly event: 'request'
      readonly method: string
      /** What was asked for, where it is something that the server has. */
      readonly resource: string
      readonly status: number
      readonly milliseconds: number
    }
