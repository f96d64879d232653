import type { Json } from '@gatewright/core'

/** An object of Kubernetes, as it is written to a file. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: { readonly [key: string]: Json }
}

/** The order in which Argo CD applies what is written: what defines kinds, and then what is of them. */
export const syncWaves: Readonly<Record<'kinds' | 'parameters' | 'definitions' | 'constraints', string>> = {
  kinds: '-1',
  parameters: '0',
  definitions: '1',
  constraints: '2',
}

/** The annotation that Argo CD reads the order from. */
export const syncWave = 'argocd.argoproj.io/sync-wave'
