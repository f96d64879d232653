import {
  type CheckedPolicy,
  inputPath,
  type InputBinding,
  type ObjectKind,
  type ReadTree,
  readsOf,
  type Review,
} from '@gatewright/core'
import { bail } from './frame.js'
import { rootOf, seen, takesKind, valueAt } from './inputs.js'
import { type Fits, fits } from './shape.js'

/** Kinds that a check is kept for; judged objects name theirs, so there may be any number. */
const mostKinds = 1000

/**
 * Compiles whether a review fits its schema wherever policies read it, parameters aside: what several of them read is looked at
 * once. False says nothing of a single policy.
 */
export function compileFits(policies: readonly CheckedPolicy[]): (review: Review) => boolean {
  const known = new Map<string, (review: Review) => boolean>()
  return (review) => {
    const { key, kind } = seen(review)
    let check = known.get(key)
    if (check === undefined) {
      check = fitsOfKind(policies, kind)
      if (known.size < mostKinds) known.set(key, check)
    }
    return check(review)
  }
}

interface Input {
  readonly binding: InputBinding
  readonly trees: ReadTree[]
}

/** The check for objects of one kind: that of the policies about it. */
function fitsOfKind(policies: readonly CheckedPolicy[], kind: ObjectKind): (review: Review) => boolean {
  const inputs = new Map<string, Input>()
  for (const policy of policies) {
    if (!takesKind(policy.target, kind)) continue
    for (const [name, tree] of readsOf(policy).all) {
      const binding = policy.target.inputs[name]
      if (binding === undefined || binding.root === 'parameters') continue
      const key = JSON.stringify(binding)
      const input = inputs.get(key)
      if (input === undefined) inputs.set(key, { binding, trees: [tree] })
      else input.trees.push(tree)
    }
  }
  const checks = [...inputs.values()].flatMap(({ binding, trees }) => {
    const path = inputPath(binding, kind)
    const check = path === undefined ? undefined : fits(...trees)
    return path === undefined || check === undefined ? [] : [inputCheck(binding, path, check)]
  })
  return (review) => {
    try {
      return checks.every((check) => check(review))
    } catch (reason) {
      if (reason === bail) return false
      throw reason
    }
  }
}

function inputCheck(
  binding: InputBinding,
  path: readonly (string | number)[],
  check: Fits,
): (review: Review) => boolean {
  return (review) => check(valueAt(rootOf(binding, {}, review) ?? undefined, path))
}
