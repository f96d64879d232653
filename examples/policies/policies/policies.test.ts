import { container, inventory, networkPolicy, pod } from 'gatewright/testing'
import { testPolicy } from 'gatewright/vitest'
import { imageRegistries } from './image-registries.js'
import { isolatedNamespaces } from './isolated-namespaces.js'
import { memoryLimits } from './memory-limits.js'

const using = (image: string) => pod({ spec: { containers: [container({ image })] } })

testPolicy(imageRegistries, {
  parameters: { registries: ['registry.example.com', 'ghcr.io/team'] },
  allows: {
    'a registry': using('registry.example.com/a:1'),
    'a repository of one': using(`ghcr.io/team/b@sha256:${'0'.repeat(64)}`),
  },
  denies: {
    'no registry': using('nginx'),
    'a registry of a longer name': using('registry.example.com.evil.io/a'),
    'a repository of a longer name': using('ghcr.io/team-b/x'),
    'a way out of the repository': using('ghcr.io/team/../evil'),
    'no image': using(''),
  },
})

const limited = (memory: string) =>
  pod({ spec: { containers: [container({ resources: { limits: { memory } } })] } })

testPolicy(memoryLimits, {
  allows: { 'the maximum': limited('2Gi') },
  denies: {
    'no limit': { object: pod(), code: 'missing', count: 1 },
    'more than the maximum': { object: limited('2049Mi'), code: 'above', count: 1 },
    'what is no quantity': { object: limited('lots'), code: 'missing', count: 1 },
  },
})

const policyIn = (namespace: string) => networkPolicy({ metadata: { namespace } })
const workload = pod({ metadata: { namespace: 'shop' } })

testPolicy(isolatedNamespaces, {
  allows: {
    'one for all pods': { object: workload, inventory: inventory([policyIn('shop')], { complete: false }) },
  },
  denies: {
    'one elsewhere': { object: workload, inventory: inventory([policyIn('other')], { complete: true }) },
  },
  undetermined: {
    'none that is known': { object: workload, inventory: inventory([], { complete: false }) },
  },
})
