import { type Lint, type PolicyIr, readAt, readsOf, type ReadTree } from '@gatewright/core'

const containerLists = ['containers', 'initContainers', 'ephemeralContainers']

/** What is odd in a policy about Kubernetes' objects: it looks at some containers of a pod and leaves out others. */
export function lintKubernetesPolicy(policy: PolicyIr): readonly Lint[] {
  return [...readsOf(policy).all.values()].flatMap(trees).flatMap(({ fields }) => {
    const read = containerLists.filter((list) => fields.has(list))
    const forgotten = containerLists.filter((list) => !fields.has(list))
    const [first] = read
    if (first === undefined || forgotten.length === 0) return []
    return [
      {
        name: 'forgotten-containers',
        message: `only ${read.join(' and ')} of a pod are looked at, so what runs in ${forgotten.join(' or ')} is never judged: use \`pod.allContainers\` of \`workloads\``,
        source: readAt(policy, first),
      },
    ]
  })
}

/** A tree of reads and all below it. */
function trees(tree: ReadTree): readonly ReadTree[] {
  const below = [
    ...tree.fields.values(),
    ...(tree.elements === undefined ? [] : [tree.elements]),
    ...(tree.values === undefined ? [] : [tree.values]),
  ]
  return [tree, ...below.flatMap(trees)]
}
