import { defineConfig } from 'gatewright'
import { baseline, readOnlyRootFilesystem } from 'gatewright/policies/pod-security'
import { imageRegistries } from './policies/image-registries.js'
import { isolatedNamespaces } from './policies/isolated-namespaces.js'
import { memoryLimits } from './policies/memory-limits.js'

export default defineConfig({
  policies: [
    baseline({ version: '1.36' }),
    readOnlyRootFilesystem.with({ exemptImages: ['postgres:*'] }),
    imageRegistries,
    isolatedNamespaces,
    memoryLimits,
  ],
  parameters: {
    'shop/image-registries': { registries: ['registry.example.com'] },
  },
  match: { excludedNamespaces: ['kube-*'] },
  exceptions: 'exceptions.yaml',
})
