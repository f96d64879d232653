import { everyNode, isObject, type Json, type Node, parseQuantity, type Policy } from '@gatewright/core'

/** Texts and numbers that may make a difference to a policy: its constants, and what lies beside them. */
export class Constants {
  readonly texts: Set<string> = new Set()
  readonly numbers: Set<Json> = new Set([0, 1])

  /** Adds the constants of a policy: of its conditions, with neighbours, and the values of its parameters. */
  addPolicy(policy: Policy): void {
    for (const node of everyNode(policy.ir)) {
      for (const example of domainExamples(node)) this.texts.add(example)
      if (node.kind !== 'literal') continue
      this.add(node.value)
      if (typeof node.value === 'string') for (const near of neighbours(node.value)) this.texts.add(near)
    }
    this.add(policy.values as Json)
  }

  /** Adds the texts and numbers of a value; numbers with those beside them. */
  add(value: Json | undefined): void {
    if (typeof value === 'string' && value.length < 200) this.texts.add(value)
    else if (typeof value === 'number')
      for (const near of [value - 1, value, value + 1]) this.numbers.add(near)
    else if (Array.isArray(value)) for (const each of value) this.add(each as Json)
    else if (isObject(value)) for (const each of Object.values(value)) this.add(each)
  }
}

const examples: Readonly<Record<string, readonly string[]>> = {
  imageRef: [
    'app',
    'registry.example.com/team/app:1.0.0',
    'registry.example.com:5000/app',
    `app@sha256:${'0123456789abcdef'.repeat(4)}`,
  ],
  quantity: ['1', '500m', '1Gi'],
  semver: ['1.2.3', '1.3.0-rc.1', '2.0.0'],
  duration: ['30s', '1h30m'],
  timestamp: ['2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z'],
  cidr: ['10.0.0.0/8', '10.1.2.3', '192.168.0.0/16', 'fd00::/8'],
}

/** Texts of the grammar that an operator reads: of an image reference one with each of its parts. */
export function domainExamples(node: Node): readonly string[] {
  if (node.kind !== 'call') return []
  const [domain = ''] = node.operator.split('.')
  return Object.hasOwn(examples, domain) ? (examples[domain] ?? []) : []
}

/** Texts that differ from one by little. */
export const neighbours = (text: string): readonly string[] => [
  `${text}x`,
  `x${text}`,
  text.slice(0, -1),
  text.toUpperCase(),
  text.toLowerCase(),
]

/** Texts that are near to one by what it may mean: an image or a registry, a quantity, a pattern; none where it means none of these. */
export function alike(text: string): readonly string[] {
  return [...imagesAlike(text), ...quantitiesAlike(text), ...patternExamples(text)]
}

/** Images that lie in a registry or repository, and such as only seem to. */
function imagesAlike(text: string): readonly string[] {
  const name = text.replace(/[/*]+$/, '')
  if (!/^[a-z0-9][a-z0-9.:/_@-]*$/.test(name)) return []
  const isHost = name.includes('.') || name.includes('/') || name === 'localhost'
  if (!isHost) return [`${name}:latest`, `docker.io/library/${name}`, `evil.example/${name}`]
  const [host = '', ...path] = name.split('/')
  const below = path.length === 0 ? '' : `/${path.join('/')}`
  return [
    `${name}/app:1.0.0`,
    `${name}/app@sha256:${'0123456789abcdef'.repeat(4)}`,
    name,
    `${name}/`,
    `${name}-evil/app:1.0.0`,
    `${host}.evil.example${below}/app:1.0.0`,
    `evil.example/${name}/app:1.0.0`,
    `${host}@evil.example${below}/app:1.0.0`,
    `${host}.${below}/app:1.0.0`,
    `${host}:443${below}/app:1.0.0`,
    `${host.toUpperCase()}${below}/app:1.0.0`,
    `evil-${name}/app:1.0.0`,
  ]
}

/** A quantity in other words, a little less and a little more. */
function quantitiesAlike(text: string): readonly string[] {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(text) ?? []
  if (number === undefined || parseQuantity(text) === undefined) return []
  const value = Number(number)
  const smaller: Readonly<Record<string, readonly [number, string]>> = {
    '': [1000, 'm'],
    Ki: [1024, ''],
    Mi: [1024, 'Ki'],
    Gi: [1024, 'Mi'],
    Ti: [1024, 'Gi'],
    k: [1000, ''],
    M: [1000, 'k'],
    G: [1000, 'M'],
  }
  const [factor, below] = smaller[unit] ?? [1, unit]
  const count = Math.round(value * factor)
  return [
    `${count}${below}`,
    `${count + 1}${below}`,
    `${count - 1}${below}`,
    `${value + 0.5}${unit}`,
    `${value * 2}${unit}`,
    `${value}${unit.endsWith('i') ? unit.slice(0, -1) : `${unit}i`}`,
    ...(unit === '' ? [`${value}e0`, `${value}.0`] : []),
  ]
}

/** What a simple pattern with `*` and `?`, or a regular expression of plain characters, takes. */
function patternExamples(text: string): readonly string[] {
  if (!/[*?^$]/.test(text)) return []
  const plain = text
    .replaceAll(/^\^|\$$/g, '')
    .replaceAll('.*', 'x')
    .replaceAll('*', 'x')
    .replaceAll('?', 'x')
  const literal = plain.replaceAll(/\\(.)/g, '$1')
  return [literal, `${literal}x`, `x${literal}`]
}
