// Takes each mutant of the pod-security pack for a new version of its policy, and counts those that `gatewright diff` tells from it in
// its default budget. Prints the sums; with --missed those that it does not find. Nothing fails.
import { policiesOf } from '../../packages/core/dist/index.js'
import { isTold } from '../../packages/testing/dist/equivalence/diff.js'
import { mutantPolicy, mutantsOf } from '../../packages/testing/dist/mutation/index.js'
import { podSecurity } from '../../policies/pod-security/dist/pack.js'

const shows = process.argv.includes('--missed')
let told = 0
let all = 0
for (const policy of policiesOf([podSecurity])) {
  const mutants = mutantsOf(policy)
  const missed = mutants.filter((mutant) => !isTold(policy, mutantPolicy(policy, mutant)))
  told += mutants.length - missed.length
  all += mutants.length
  console.log(`${policy.id}: ${mutants.length - missed.length} of ${mutants.length}`)
  if (shows) for (const { id, change } of missed) console.log(`  ${id} ${change}`)
}
console.log(`in all: ${told} of ${all}, ${((told / all) * 100).toFixed(1)} %`)
