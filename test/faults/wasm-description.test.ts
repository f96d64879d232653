import { describeWasm, emitWasm } from '@gatewright/compiler'
import type { Json } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import { privilegedContainers } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { customSection } from '../../packages/compiler/src/wasm/description.js'
import { Dice } from '../fuzz/dice.js'

// What a module says of itself is shown to people who decide whether to trust it.

const ir = checkedIr(privilegedContainers)
const told = { sourceMap: 'policies.wasm.map' }
const { bytes } = emitWasm([{ ir, values: { exemptImages: ['*'] } }], told)
const empty = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
const said = (description: Json): Uint8Array =>
  customSection('gatewright', new TextEncoder().encode(JSON.stringify(description)))

describe('what a module says of itself', () => {
  it('names the parameters that are built in', () => {
    expect(describeWasm(bytes)?.policies).toMatchObject([{ values: { exemptImages: ['*'] } }])
    expect(describeWasm(emitWasm([{ ir }], told).bytes)?.policies).toMatchObject([{ values: {} }])
  })

  it('is not believed where the module is cut off, anywhere', () => {
    for (let size = 0; size < bytes.length; size += size > bytes.length - 3000 ? 1 : 997)
      expect(describeWasm(bytes.subarray(0, size)), String(size)).toBeUndefined()
  })

  it('is not believed where it stands twice', () => {
    const other = { format: 'gatewright.wasm/1', policies: [] }
    expect(describeWasm(joined(bytes, said(other)))).toBeUndefined()
    expect(describeWasm(joined(empty, said(other), said(other)))).toBeUndefined()
    expect(describeWasm(joined(empty, said(other)))).toEqual(other)
  })

  it.each<readonly [string, Json]>([
    ['null', null],
    ['a list', []],
    ['another format', { format: 'gatewright.wasm/2', policies: [] }],
    ['no policies', { format: 'gatewright.wasm/1' }],
    ['policies that are none', { format: 'gatewright.wasm/1', policies: [7] }],
    ['a policy without a name', { format: 'gatewright.wasm/1', policies: [{}] }],
    [
      'a list for a text',
      {
        format: 'gatewright.wasm/1',
        policies: [{ ...(describeWasm(bytes)?.policies[0] as object), title: ['x'] }],
      },
    ],
  ])('is nothing where it is %s', (_, description) => {
    expect(describeWasm(joined(empty, said(description)))).toBeUndefined()
  })

  it('never ends in a failure, whatever the bytes', () => {
    const dice = new Dice(1)
    for (let i = 0; i < 3000; i++) {
      const changed = Uint8Array.from(bytes)
      const from = dice.chance(0.5) ? changed.length - 3000 : 0
      for (let j = 0; j < 1 + dice.below(4); j++)
        changed[from + dice.below(changed.length - from)] = dice.below(256)
      const described = describeWasm(changed)
      for (const each of described?.policies ?? []) expect(typeof each.id).toBe('string')
    }
  })
})
