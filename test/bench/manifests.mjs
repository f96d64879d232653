// Makes small manifests of several kinds, the same ones for a seed, with mistakes that real ones have.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes `count` manifests into a folder, one a file. */
export function writeManifests(folder, count, seed = 1) {
  mkdirSync(folder, { recursive: true })
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state / 2 ** 32
  }
  for (let i = 0; i < count; i++)
    writeFileSync(join(folder, `m${String(i).padStart(5, '0')}.yaml`), manifest(i, random))
}

function manifest(i, random) {
  const kind = i % 5
  const name = `app-${i}`
  if (kind === 4) {
    return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n  namespace: shop\nspec:\n  selector:\n    app: ${name}\n  ports:\n    - port: 80\n      targetPort: 8080\n`
  }
  const good = random() < 0.8
  const pod = (pad) =>
    [
      'spec:',
      '  securityContext:',
      '    runAsNonRoot: true',
      '    seccompProfile:',
      '      type: RuntimeDefault',
      '  containers:',
      `    - name: ${name}`,
      `      image: registry.example.com/shop/${name}:1.${i}.0`,
      '      ports:',
      '        - containerPort: 8080',
      '      resources:',
      '        requests:',
      '          cpu: 100m',
      '          memory: 128Mi',
      '        limits:',
      '          memory: 256Mi',
      '      securityContext:',
      `        allowPrivilegeEscalation: ${!good}`,
      '        readOnlyRootFilesystem: true',
      ...(good ? [] : ['        privileged: true']),
      '        capabilities:',
      '          drop:',
      '            - ALL',
    ]
      .map((line) => `${pad}${line}\n`)
      .join('')
  const labels = (pad) => `${pad}labels:\n${pad}  app: ${name}\n`
  if (kind === 3)
    return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: shop\n${labels('  ')}${pod('')}`
  return `apiVersion: apps/v1\nkind: ${['Deployment', 'StatefulSet', 'DaemonSet'][kind]}\nmetadata:\n  name: ${name}\n  namespace: shop\nspec:\n  selector:\n    matchLabels:\n      app: ${name}\n  template:\n    metadata:\n${labels('      ')}${pod('    ')}`
}
