import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../usage-error.js'
import { version } from '../version.js'

/** Writes a working project: one policy, its test, a configuration, a manifest. Nothing that is there is overwritten. */
export function init(folder: string): number {
  const root = resolve(folder)
  const files = Object.entries(projectFiles(root))
  const taken = files.filter(([name]) => existsSync(join(root, name))).map(([name]) => name)
  if (taken.length > 0) {
    throw new UsageError(
      `\`${relative(process.cwd(), root) || '.'}\` has ${taken.join(', ')} already`,
      'choose an empty folder: gatewright init my-policies',
    )
  }
  for (const [name, content] of files) {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { flag: 'wx' })
  }
  const shown = relative(process.cwd(), root)
  process.stdout.write(`${files.map(([name]) => `wrote ${join(shown, name)}`).join('\n')}\n\n`)
  const enter = shown === '' ? '' : `  cd ${shown}\n`
  process.stdout.write(
    `next:\n${enter}  npm install\n  npm test          # runs the policy's test, and says how good it is\n  npm run check     # judges manifests/, which has a mistake to find\n`,
  )
  return readdirSync(root).length > 0 ? 0 : 1
}

function projectFiles(root: string): Readonly<Record<string, string>> {
  const manifest = {
    name: 'policies',
    private: true,
    type: 'module',
    scripts: {
      check: 'gatewright check manifests',
      lint: 'gatewright lint policies',
      test: 'tsc --noEmit && gatewright lint policies && gatewright test',
    },
    devDependencies: {
      'fast-check': '^4.10.2',
      gatewright: dependency(root),
      oxlint: '^1.94.0',
      'oxlint-tsgolint': '^7.0.2007',
      typescript: '^7.0.2',
      vitest: '^4.1.12',
      zod: '^4.6.7',
    },
  }
  const compiler = {
    compilerOptions: {
      target: 'es2022',
      lib: ['es2023'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    },
    include: ['policies', 'gatewright.config.ts'],
  }
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(compiler, null, 2)}\n`,
    '.gitignore': 'node_modules/\n',
    'gatewright.config.ts': `import { defineConfig } from 'gatewright'
import { baseline } from 'gatewright/policies/pod-security'
import { imageTags } from './policies/image-tags.js'

export default defineConfig({
  policies: [baseline(), imageTags],
  testing: { coverage: 1, mutation: 0.8 }, // how good the tests in policies/ have to be
})
`,
    'policies/image-tags.ts': `import { imageRef, message, policy, type Policy } from 'gatewright'
import { workloads } from 'gatewright/kubernetes'
import { z } from 'zod'

export const imageTags: Policy = policy({
  id: 'team/image-tags',
  title: 'Images must carry a tag that is not on the list',
  severity: 'medium',
  target: workloads, // Pods and everything with a pod template; binds \`pod\`
  parameters: z.object({ tags: z.array(z.string()).default(['latest']) }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter((c) => imageRef(c.image).digest.missing())
      .filter((c) => imageRef(c.image).tag.default('latest').in(parameters.tags))
      .deny((c) => ({
        message: message\`container \${c.name} uses \${c.image}: name a tag that stays\`,
        at: c.image,
      })),
})
`,
    'policies/image-tags.test.ts': `import { container, pod, review } from 'gatewright/testing'
import { testPolicy } from 'gatewright/vitest'
import { imageTags } from './image-tags.js'

const using = (image: string) => pod({ spec: { containers: [container({ image })] } })

testPolicy(imageTags, {
  allows: {
    'a tag that stays': using('registry.example.com/app:1.4.2'),
    'a digest': using('app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'),
    'a tag that is not on a list of ours': { object: using('nginx:latest'), parameters: { tags: ['dev'] } },
  },
  denies: {
    'no tag': { object: using('nginx'), at: 'spec.containers[0].image', count: 1 },
    'a tag that moves': using('nginx:latest'),
    'a port that is no tag': using('registry.example.com:5000/app'),
    'every container, of every kind': {
      object: pod({
        spec: {
          initContainers: [container({ image: 'nginx' }), container({ image: 'nginx' })],
          ephemeralContainers: [container({ image: 'nginx' })],
        },
      }),
      count: 3,
    },
    'an update': review({ object: using('nginx'), oldObject: using('nginx:1.27') }),
  },
})
`,
    'manifests/app.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  selector:
    matchLabels: { app: app }
  template:
    metadata:
      labels: { app: app }
    spec:
      containers:
        - name: app
          image: nginx:latest
`,
  }
}

/** Where the package is beside this one in a checkout of the repository; an installed one has none there. */
const checkedOut = fileURLToPath(new URL('../../../gatewright', import.meta.url))

/** What a project depends on: the version of this command, or the checkout that it runs from, by its path from the project. */
function dependency(root: string): string {
  if (!existsSync(join(checkedOut, 'package.json'))) return `^${version}`
  return `file:${relative(root, checkedOut).split(sep).join('/')}`
}
