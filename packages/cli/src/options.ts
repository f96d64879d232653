import { Option } from 'commander'

// What several commands take, each said once.

/** Collects an option that may be given several times. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export const configOption: Option = new Option(
  '--config <file>',
  'the configuration, instead of the gatewright.config.ts that is found upwards',
)
export const noConfigOption: Option = new Option('--no-config', 'use no configuration')

export const parametersOption: Option = new Option(
  '--parameters <file>',
  'parameters by policy id, in YAML or JSON',
)

export const builtPolicyOption: Option = new Option(
  '-p, --policy <name>',
  'build this pack, policy or module instead of what the configuration names; may be repeated',
)
  .argParser(collect)
  .default([])

/** How a bundle is signed. */
export const signingKeyOption: Option = new Option(
  '--signing-key <key>',
  'sign the bundle: a private key in PEM or a secret, a file or env:NAME',
)
export const signingAlgOption: Option = new Option(
  '--signing-alg <name>',
  'RS256, ES256, EdDSA, HS256 … (default: RS256)',
)
export const signingKeyIdOption: Option = new Option(
  '--key-id <id>',
  'the name by which readers know the key (default: default)',
)
export const signingScopeOption: Option = new Option('--scope <scope>', 'what the signature is good for')

/** How the signature of a bundle is checked, and how old the bundle may be. */
export const verificationKeyOption: Option = new Option(
  '--verification-key <key>',
  'a public key or a certificate in PEM, or a secret: a file, or env:NAME; what it did not sign is refused',
)
export const verificationAlgOption: Option = new Option(
  '--signing-alg <name>',
  'the algorithm of the key (default: RS256)',
)
export const verificationKeyIdOption: Option = new Option(
  '--key-id <id>',
  'the name of the key (default: default)',
)
export const verificationScopeOption: Option = new Option(
  '--scope <scope>',
  'the scope that the bundle has to be signed for',
)
export const notBeforeOption: Option = new Option(
  '--not-before <revision>',
  'refuse a bundle that is older than this revision',
)

/** How large objects have to be judged by policies in CEL, which the API server breaks off where they cost too much. */
export const holdsToOption: Option = new Option(
  '--holds-to <n>',
  "vap, kyverno, gatekeeper with --cel: fewest elements of an object's lists that a policy has to hold to (default: 40)",
)
export const parameterObjectsOption: Option = new Option(
  '--parameter-objects',
  'vap: parameters in objects of the cluster, of kinds that are made for the policies, and not built in',
)
export const celOption: Option = new Option(
  '--cel',
  'gatekeeper: CEL beside the Rego of templates, where a policy can be said in it; Gatekeeper judges with it then',
)
