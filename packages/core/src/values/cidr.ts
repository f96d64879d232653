/** A range of addresses of one family. A single address has as many prefix bits as its family. */
interface Network {
  readonly bits: 32 | 128
  readonly first: bigint
  readonly prefix: number
}

/**
 * Whether a network holds an address, or the whole of another network; undefined where either cannot be read. Host bits of the
 * network are ignored, families are kept apart, and addresses are as Go's `net/netip` reads them: no leading zeros, no zones.
 */
export function addressWithin(network: string, other: string): boolean | undefined {
  const a = parseNetwork(network)
  const b = parseNetwork(other) ?? parseAddress(other)
  if (a === undefined || b === undefined) return undefined
  return a.bits === b.bits && b.prefix >= a.prefix && start(b, a.prefix) === start(a, a.prefix)
}

/** Whether two networks share an address; undefined where either cannot be read. */
export function networksOverlap(one: string, other: string): boolean | undefined {
  const a = parseNetwork(one)
  const b = parseNetwork(other)
  if (a === undefined || b === undefined) return undefined
  const prefix = Math.min(a.prefix, b.prefix)
  return a.bits === b.bits && start(a, prefix) === start(b, prefix)
}

const start = ({ bits, first }: Network, prefix: number): bigint => first >> BigInt(bits - prefix)

function parseNetwork(text: string): Network | undefined {
  const slash = text.lastIndexOf('/')
  if (slash < 0) return undefined
  const address = parseAddress(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined
  const prefix = Number(length)
  return prefix <= address.bits ? { ...address, prefix } : undefined
}

function parseAddress(text: string): Network | undefined {
  const first = text.includes(':') ? parseV6(text) : parseV4(text)
  const bits = text.includes(':') ? 128 : 32
  return first === undefined ? undefined : { bits, first, prefix: bits }
}

function parseV4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return undefined
  let value = 0n
  for (const octet of match.slice(1)) {
    if (Number(octet) > 255 || (octet.length > 1 && octet.startsWith('0'))) return undefined
    value = value * 256n + BigInt(octet)
  }
  return value
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, i) => groupsOf(half, i === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])]
  return groups.reduce((value, group) => value * 65536n + BigInt(group), 0n)
}

/** The 16-bit groups of a part of an IPv6 address; the last of all may be written as IPv4. */
function groupsOf(text: string, endsAddress: boolean): readonly number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (endsAddress && index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part)
      if (v4 === undefined) return undefined
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16))
    } else {
      return undefined
    }
  }
  return groups
}
