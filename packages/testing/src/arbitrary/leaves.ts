import { equalJson, isNumber, type Json, parseQuantity } from '@gatewright/core'
import type { Dice } from './dice.js'
import type { Leaf } from './shape.js'

/** One of some values. It shrinks to the first. */
export function values(...of: readonly [Json, ...Json[]]): Leaf {
  return {
    is: 'leaf',
    make: (dice) => dice.one(of),
    accepts: (value) => of.some((each) => equalJson(each, value)),
    plain: of[0],
    beyond: of
      .flatMap((each) =>
        typeof each === 'string' && each !== '' ? [each.toLowerCase(), `${each}s`, ` ${each}`] : [],
      )
      .filter((each) => !of.includes(each)),
  }
}

/** A text of a grammar, out of examples. It shrinks to the first. */
export function text(
  grammar: RegExp,
  examples: readonly [string, ...string[]],
  beyond: readonly string[] = [],
): Leaf {
  return {
    is: 'leaf',
    make: (dice) => dice.one(examples),
    accepts: (value) => typeof value === 'string' && grammar.test(value),
    plain: examples[0],
    beyond,
  }
}

/** An integer of a range, small ones and the bounds more often. It shrinks to the first of the examples. */
export function integer(least: number, most: number, ...examples: readonly number[]): Leaf {
  const small = Math.min(most, Math.max(least, 0) + 10)
  return {
    is: 'leaf',
    make: (dice) => {
      const way = dice.integer(0, 7)
      if (way < 3 && examples.length > 0) return dice.one(examples)
      if (way === 6) return dice.one([least, most])
      return way === 7 ? dice.integer(least, most) : dice.integer(Math.max(least, 0), small)
    },
    accepts: (value) =>
      typeof value === 'number' && Number.isInteger(value) && least <= value && value <= most,
    plain: examples[0] ?? least,
    beyond: [least - 1, most + 1],
  }
}

export const boolean: Leaf = {
  is: 'leaf',
  make: (dice) => dice.chance(0.5),
  accepts: (value) => typeof value === 'boolean',
  plain: false,
}

const words = ['app', 'web', 'data', 'cache', 'agent', 'logs', 'db', 'proxy'] as const

const numbered = (dice: Dice): string =>
  dice.chance(0.6) ? dice.one(words) : `${dice.one(words)}-${dice.integer(0, 99)}`

/** Texts that are made of words: `app`, `web-7`. */
function name(grammar: RegExp, beyond: readonly string[]): Leaf {
  return {
    is: 'leaf',
    make: numbered,
    accepts: (value) => typeof value === 'string' && grammar.test(value),
    plain: 'app',
    beyond,
  }
}

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'

/** A name in DNS of one part, which does for every kind of name. 52 is what a CronJob may have, the least of all. */
export const dnsLabel: Leaf = name(/^[a-z](?:[-a-z0-9]{0,50}[a-z0-9])?$/, [
  'App',
  'a_b',
  '-app',
  'app.',
  '',
  'a'.repeat(64),
  'a'.repeat(254),
])

export const dnsName: Leaf = text(
  new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`),
  ['app', 'db.shop', 'registry.example.com'],
  ['App', 'a..b', '-a', 'a_b', 'a'.repeat(254)],
)

/** The name of a port. */
export const portName: Leaf = text(
  /^(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  ['http', 'https', 'metrics', 'grpc', 'admin', 'p-1'],
  ['', '123', 'a--b', 'Http', 'a'.repeat(16)],
)

export const namespaceName: Leaf = text(
  new RegExp(`^${label}$`),
  ['default', 'kube-system', 'shop', 'team-a'],
  ['Default', '', 'a.b'],
)

export const qualifiedName: Leaf = text(
  new RegExp(`^(?:(?=.{1,253}/)${label}(?:\\.${label})*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`),
  [
    'app',
    'tier',
    'team',
    'app.kubernetes.io/name',
    'example.com/owner',
    'pod-security.kubernetes.io/enforce',
  ],
  ['', '/app', 'a/b/c', '-app', 'a'.repeat(64), 'Example.COM/x'],
)

export const labelValue: Leaf = text(
  /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
  ['app', 'web', 'v1.2', 'restricted', 'true', ''],
  ['-a', 'a b', 'a'.repeat(64), 'é'],
)

/** Any text that fits into a field without a grammar of its own. */
export const anyText: Leaf = text(/^[^\ud800-\udfff]{0,1000}$/, ['text', 'x', '', 'A sentence.', 'ключ'])

export const nonEmptyText: Leaf = text(/^[ -~]{1,200}$/, ['text', 'x', 'A sentence.'], [''])

export const image: Leaf = {
  ...text(
    /^(?! )[ -~]{1,200}(?<! )$/,
    [
      'registry.example.com/app:1.0.0',
      'nginx',
      'nginx:latest',
      'nginx:1.27',
      'docker.io/library/nginx:1.27.0',
      'quay.io/team/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
      'ghcr.io/team/app:v2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
      'localhost:5000/app',
      'team/app:main',
    ],
    ['', ' nginx', 'nginx '],
  ),
}

export const absolutePath: Leaf = text(
  /^\/(?!.*(?:^|\/)\.\.(?:\/|$))[!-9;-~]*$/,
  ['/data', '/', '/etc', '/var/run/docker.sock', '/var/log', '/proc', '/tmp/x'],
  ['', '/a/../b', 'a:b'],
)

export const relativePath: Leaf = text(
  /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))(?!\.\.)[A-Za-z0-9._/-]{1,100}$/,
  ['file', 'a/b', 'ca.crt'],
  ['/file', '../file', ''],
)

/** The key of a ConfigMap or a Secret. */
export const fileKey: Leaf = text(
  /^(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/,
  ['key', 'config.yaml', 'token', 'A_B'],
  ['', '..', 'a/b', 'a b'],
)

export const quantity: Leaf = {
  is: 'leaf',
  make: (dice) =>
    dice.chance(0.7)
      ? dice.one<Json>(['1', '100m', '500m', '0.5', '2', '64Mi', '128Mi', '1Gi', '1.5Gi', '1e3', '2G', 1])
      : `${dice.integer(1, 4096)}${dice.one(['m', '', 'k', 'Ki', 'M', 'Mi', 'Gi'])}`,
  accepts: (value) => {
    if (typeof value !== 'string' && !isNumber(value)) return false
    return !String(value).startsWith('-') && parseQuantity(String(value)) !== undefined
  },
  plain: '1',
  beyond: ['-1', '1 Gi', '1gi', '1GiB', 'a', '', '.', '1e', '１Gi'],
}

/** A share or a count of pods; never none of either, since the two fields that have them may not both be 0. */
export const countOrShare: Leaf = {
  is: 'leaf',
  make: (dice) => dice.one<Json>([1, 2, '25%', '100%', 7]),
  accepts: (value) =>
    typeof value === 'number'
      ? Number.isInteger(value) && value > 0 && value < 1000
      : /^(?:[1-9][0-9]?|100)%$/.test(String(value)),
  plain: 1,
  beyond: [-1, '25', '101%', '%'],
}

export const port: Leaf = integer(1, 65_535, 80, 8080, 443, 53)

/** A port by its number or by its name. */
export const portOrName: Leaf = {
  is: 'leaf',
  make: (dice) => (dice.chance(0.7) ? port.make(dice) : portName.make(dice)),
  accepts: (value) => port.accepts(value) || portName.accepts(value),
  plain: 80,
  beyond: [0, 65_536, '', '80', 'a--b'],
}

/** A user or a group. */
export const id: Leaf = integer(0, 2_147_483_647, 1000, 0, 65_534)

export const count: Leaf = integer(0, 2_147_483_647, 1, 3)
export const atLeastOne: Leaf = integer(1, 2_147_483_647, 1, 10)

export const ipAddress: Leaf = text(
  /^(?:10|172|192)\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.(?:[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$/,
  ['10.0.0.1', '192.168.1.10', '172.16.0.7'],
  ['10.0.0', '10.0.0.256', '010.0.0.1', ''],
)

export const cidrBlock: Leaf = text(
  /^(?:0\.0\.0\.0\/0|10\.0\.0\.0\/8|192\.168\.0\.0\/16|169\.254\.169\.254\/32|10\.1\.0\.0\/16|::\/0|fd00::\/8)$/,
  ['10.0.0.0/8', '0.0.0.0/0', '192.168.0.0/16', '169.254.169.254/32', '10.1.0.0/16', '::/0', 'fd00::/8'],
  ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/'],
)

/** Bytes as they are written in JSON. */
export const base64: Leaf = text(
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  ['dGV4dA==', '', 'AAECAw=='],
  ['text!', 'dGV4dA'],
)

export const timestamp: Leaf = text(
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/,
  ['2026-01-01T00:00:00Z', '2020-02-28T23:59:59Z'],
  ['2026-01-01', '2026-13-01T00:00:00Z', ''],
)

export const duration: Leaf = text(/^(?:\d+h)?(?:\d+m)?\d+s$/, ['1s', '1h30m0s', '0s'], ['1', '1 s', ''])

/** Any value at all. */
export const anything: Leaf = {
  is: 'leaf',
  make: (dice) => dice.one<Json>([{}, 'text', 1, true, ['text'], { key: 'text' }]),
  accepts: () => true,
  plain: {},
}
