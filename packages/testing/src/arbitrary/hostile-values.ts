import { isObject, type Json } from '@gatewright/core'
import type { Dice } from './dice.js'
import type { Making } from './made.js'

/** Numbers that readers disagree about, or that overflow. */
const numbers: readonly Json[] = [
  -1,
  -0,
  0.1,
  1.5,
  1e21,
  1e308,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  65_536,
  4_294_967_296,
]

/** Quantities in odd spellings. */
const quantities: readonly Json[] = [
  '1.5Gi',
  '1e3',
  '0.1',
  '100m',
  '1E',
  '1e-3',
  '.5',
  '5.',
  '+1',
  '-0',
  '0x10',
  '1e400',
  '１Gi',
  '1 Gi',
  '1gi',
  '9223372036854775808',
  '1Ki1',
  '1e',
  0.1,
  1e3,
  '0.0000000001',
  '1_000',
  'Infinity',
  'NaN',
]

/** Texts that look like others, or that tools trip over. */
const texts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\n',
  'a\nb',
  '__proto__',
  'constructor',
  'null',
  'true',
  '0',
  '~',
  '{{ .Values.x }}',
  '${X}',
  '*',
  '.*',
  '../..',
  '\u202eevil',
  '\u200b',
  '\ufeffa',
  '\ud800',
  'a\udc00',
  '𝓪',
  'é',
  'e\u0301',
  'ß',
  'İ',
  'x'.repeat(5000),
  '%00',
  'a,b',
  "' or 1",
  '🦆',
]

/** Registries that look like others. */
const images: readonly string[] = [
  'docker.io.evil.com/x',
  'registry.example.com.evil.com/app:1.0.0',
  'registry.example.com@evil.com/app',
  'registry.example.com/../evil.com/app',
  'REGISTRY.EXAMPLE.COM/app',
  'registry.example.com/',
  'registry.example.com./app:1',
  'registry.example.com:443/app',
  'evil.com/registry.example.com/app',
  'registry-example.com/app',
  'registry.example.com//app',
  'nginx:',
  'nginx@sha256:0',
  ':latest',
  'nginx:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'nginx:Latest',
  'index.docker.io/nginx',
  'nginх:1.27',
]

/** A value as an attacker or a broken tool sends it in the place of another. */
export function hostileValue(value: Json, making: Making): Json {
  const { dice, bias, more } = making
  const way = dice.integer(0, 19)
  if (way === 0) return nested(dice)
  if (way === 1) return dice.one<Json>([null, [], {}, '', 0, false])
  if (way < 5 && bias !== undefined) return (more !== undefined && dice.chance(0.5) ? more : bias).any(dice)
  if (typeof value === 'string') return hostileText(value, dice)
  if (typeof value === 'number') return dice.one(dice.chance(0.8) ? numbers : quantities)
  if (typeof value === 'boolean')
    return dice.one<Json>([!value, String(value), Number(value), null, 'True', 'on'])
  if (Array.isArray(value)) return hostileList(value as readonly Json[], dice)
  return isObject(value) ? hostileObject(value, dice) : dice.one(texts)
}

function hostileText(value: string, dice: Dice): Json {
  const own = (): string =>
    dice.one([
      `${value} `,
      ` ${value}`,
      `${value}\n`,
      `${value}\u0000`,
      value.toUpperCase(),
      value.replaceAll('a', '\u0430'),
      value.replaceAll('o', '\u043e'),
      `${value}.`,
      `${value}/`,
      value.split('').join('\u200b'),
      `\ufeff${value}`,
      value.repeat(3),
    ])
  const isQuantity = /^[0-9.]+[A-Za-z]{0,2}$/.test(value)
  if (isQuantity && dice.chance(0.7)) return dice.one(quantities)
  const isImage = /[/:]/.test(value)
  if (isImage && dice.chance(0.5)) return dice.one(images)
  return dice.chance(0.4) ? own() : dice.one<Json>([...texts, ...dice.one([images, quantities, numbers])])
}

function hostileList(value: readonly Json[], dice: Dice): Json {
  return dice.one<readonly Json[]>([
    [],
    [null],
    [...value, null],
    [null, ...value],
    [...value, ...value],
    [value as Json],
    [...value, 'text'],
    [...value, []],
    [...value, {}],
    value.toReversed(),
    Array.from({ length: 200 }, (_, i) => value[i % Math.max(1, value.length)] ?? null),
  ]) as Json
}

function hostileObject(value: Readonly<Record<string, Json>>, dice: Dice): Json {
  const entries = Object.entries(value)
  return dice.one<Json>([
    {},
    [value],
    entries.map(([, each]) => each) as Json,
    Object.fromEntries([...entries, ['__proto__', { privileged: true }]]) as Json,
    Object.fromEntries([['constructor', null], ...entries]) as Json,
    Object.fromEntries(entries.map(([key]) => [key, null])),
    Object.fromEntries(entries.map(([key, each]) => [key.toUpperCase(), each])),
  ])
}

function nested(dice: Dice): Json {
  const depth = dice.one([3, 50, 200])
  let value: Json = 'x'
  for (let i = 0; i < depth; i++) value = dice.chance(0.5) ? ([value] as Json) : { x: value }
  return value
}
