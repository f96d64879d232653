import type { Outcome } from '@gatewright/publish'
import { neutral } from '@gatewright/reports'

/** Where policies are published beside clusters: a tag of a registry, or an OPA. */
export interface Destination {
  /** What it is called: `registry.example.com/team/policies:main`, `https://opa.example.com`. */
  readonly name: string
  /** Brings them there, or tries it, and tells of each thing as it is done. */
  publish(options: DestinationOptions): Promise<readonly Outcome['did'][]>
  /** What is there otherwise than the source says. */
  drift(): Promise<readonly DriftedThing[]>
}

export interface DestinationOptions {
  readonly isTried: boolean
  readonly prune: boolean
  readonly tell: (thing: PublishedThing) => void
}

/** A thing that was brought there, with the lines that a `--diff` shows. */
export interface PublishedThing {
  readonly name: string
  readonly did: Outcome['did']
  readonly differences: readonly string[]
}

export interface DriftedThing {
  readonly name: string
  readonly is: 'same' | 'missing' | 'changed' | 'extra'
  readonly differences: readonly string[]
}

/** A line of what differs, with what others named in it. */
export const differenceLine = (name: string, is: string): string => `  ${neutral(name)} ${is}\n`
