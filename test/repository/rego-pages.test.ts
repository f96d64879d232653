import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { emitRego } from '@gatewright/compiler'
import { check, type Policy } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { imageRegistries } from '../../examples/policies/policies/image-registries.js'
import { isolatedNamespaces } from '../../examples/policies/policies/isolated-namespaces.js'
import { memoryLimits } from '../../examples/policies/policies/memory-limits.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Page {
  readonly policy: Policy
  readonly source: string
  /** What there is to see in the Rego. */
  readonly shows: string
}

const inPack = (policy: Policy, file: string, shows: string): Page => ({
  policy,
  source: `policies/pod-security/src/${file}.ts`,
  shows,
})
const inExample = (policy: Policy, file: string, shows: string): Page => ({
  policy,
  source: `examples/policies/policies/${file}.ts`,
  shows,
})

/** Ten policies, from the easy to the hard. */
const pages: readonly Page[] = [
  inPack(pack.hostNamespaces, 'host-namespaces', 'One comparison a rule, and where a pod lies in each kind.'),
  inPack(
    pack.privilegedContainers,
    'privileged-containers',
    'A loop over three lists, and exemptions by image.',
  ),
  inPack(pack.procMount, 'proc-mount', 'A default, and a choice among values.'),
  inExample(memoryLimits, 'memory-limits', 'Quantities, and what a missing one means.'),
  inExample(imageRegistries, 'image-registries', 'Image references, parsed as Docker parses them.'),
  inExample(
    isolatedNamespaces,
    'isolated-namespaces',
    'Other objects: what is not among those that are known proves nothing, unless they are all.',
  ),
  inPack(pack.capabilities, 'capabilities', 'Sets of texts, compared whatever their case.'),
  inPack(pack.hostPorts, 'host-ports', 'Loops in loops, and bounds that may be missing.'),
  inPack(pack.seccomp, 'seccomp', 'A chain of defaults: fields, then annotations with computed keys.'),
  inPack(
    pack.hostPathVolumes,
    'host-path-volumes',
    'Volumes joined with mounts, and paths by whole components.',
  ),
]

it.each(pages)('docs/rego shows $policy.id as it is emitted', async ({ policy, source, shows }) => {
  const ir = check(policy.ir)
  if ('problems' in ir) throw new Error(JSON.stringify(ir.problems))
  const { text } = emitRego({ ir, values: policy.values }, { root })
  const rego = text.slice(text.indexOf('# METADATA'))
  const page = `# ${policy.ir.title}

${shows}

\`${source}\`:

<!-- not checked: it is the file itself -->

\`\`\`typescript
${readFileSync(`${root}${source}`, 'utf8').trimEnd()}
\`\`\`

The Rego of it, for plain OPA:

\`\`\`rego
${rego.trimEnd()}
\`\`\`
`
  await expect(page).toMatchFileSnapshot(`../../docs/rego/${fileOf(policy)}.md`)
})

it('docs/rego lists its pages', async () => {
  const rows = pages.map(({ policy, shows }) => `| [${policy.ir.title}](${fileOf(policy)}.md) | ${shows} |`)
  const page = `# Policies beside their Rego

What \`gatewright build --target rego\` makes of ten policies, from the easy to the hard; the tests hold these pages to it. The functions
under \`lib\` are written once for all policies of a bundle. At the end of each module stands what the object has to be where the
policy reads it: an object that does not fit is *invalid*, and no pass.

| policy | what there is to see |
| --- | --- |
${rows.join('\n')}
`
  await expect(page).toMatchFileSnapshot('../../docs/rego/README.md')
})

const fileOf = ({ id }: Policy): string => id.slice(id.lastIndexOf('/') + 1)
