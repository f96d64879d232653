import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const kubernetes = '1.36.3'
const gatekeeperModule = 'github.com/open-policy-agent/gatekeeper/v3'

/** The minor version of the API server: `1.36`. */
export const kubernetesVersion: string = kubernetes.slice(0, kubernetes.lastIndexOf('.'))

interface Program {
  readonly module: string
  readonly version: string
  readonly package: string
  /** The version of the modules that this one keeps beside itself, where it does. */
  readonly siblings?: string
  /** Variables of the linker. */
  readonly variables?: Readonly<Record<string, string>>
}

const programs = {
  conftest: {
    module: 'github.com/open-policy-agent/conftest',
    version: 'v0.71.1',
    package: 'github.com/open-policy-agent/conftest',
  },
  etcd: {
    module: 'go.etcd.io/etcd/server/v3',
    version: 'v3.6.16',
    package: 'go.etcd.io/etcd/server/v3',
    siblings: 'v3.6.16',
  },
  'kube-apiserver': {
    module: 'k8s.io/kubernetes',
    version: `v${kubernetes}`,
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    siblings: `v0.${kubernetes.slice('1.'.length)}`,
    variables: {
      'k8s.io/component-base/version.gitVersion': `v${kubernetes}`,
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': kubernetesVersion.slice('1.'.length),
    },
  },
  gatekeeper: { module: gatekeeperModule, version: 'v3.23.1', package: gatekeeperModule },
  gator: { module: gatekeeperModule, version: 'v3.23.1', package: `${gatekeeperModule}/cmd/gator` },
  kyverno: {
    module: 'github.com/kyverno/kyverno',
    version: 'v1.19.1',
    package: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno',
  },
  opa: {
    module: 'github.com/open-policy-agent/opa',
    version: 'v1.22.2',
    package: 'github.com/open-policy-agent/opa',
  },
} as const satisfies Readonly<Record<string, Program>>

export type ProgramName = keyof typeof programs

/** Where binaries are kept from one run to the next. */
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatewright-rig')

/** Builds programs from the Go module proxy, those that are not there yet. Gives their paths. */
export function binaries<const N extends ProgramName>(...names: readonly N[]): Readonly<Record<N, string>> {
  return Object.fromEntries(names.map((name) => [name, binary(name, programs[name])])) as Record<N, string>
}

/** The programs of these that are not built yet, for those who would rather leave something out than build for minutes. */
export function unbuilt(...names: readonly ProgramName[]): readonly ProgramName[] {
  return names.filter((name) => !existsSync(pathOf(name, programs[name])))
}

const pathOf = (name: string, { version }: Program): string => join(cache, `${name}-${version}`)

function binary(name: string, program: Program): string {
  const path = pathOf(name, program)
  if (existsSync(path)) return path
  const from = Date.now()
  console.error(`building ${name} ${program.version}: minutes, once`)
  const folder = wrapper(name, program)
  const variables = Object.entries(program.variables ?? {}).map(([key, value]) => `-X ${key}=${value}`)
  const made = join(folder, 'made')
  const flags = ['-mod=mod', '-trimpath', '-ldflags', ['-s', '-w', ...variables].join(' ')]
  go(folder, 'build', ...flags, '-o', made, program.package)
  renameSync(made, path)
  rmSync(folder, { recursive: true })
  console.error(`built ${name} ${program.version} in ${Math.round((Date.now() - from) / 1000)} s`)
  return path
}

/**
 * A module that requires the program's, with the program's own go.mod as its start, so that every dependency has the version that
 * the release pins. Replacements by a folder beside it, which only its own repository has, become the published modules.
 */
function wrapper(name: string, { module, version, siblings }: Program): string {
  const folder = join(cache, `build-${name}-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const source = moduleFolder(module, version)
  // not copied as they are: the files of the module cache cannot be written to
  for (const file of ['go.mod', 'go.sum']) writeFileSync(join(folder, file), readFileSync(join(source, file)))
  const { Replace: replaced } = JSON.parse(go(folder, 'mod', 'edit', '-json')) as GoMod
  const edits = (replaced ?? []).flatMap(({ Old: { Path: old }, New: { Path: by } }) => {
    if (by.includes('FORBIDDEN')) return [`-dropreplace=${old}`]
    return by.startsWith('.') ? [`-replace=${old}=${old}@${siblings ?? version}`] : []
  })
  go(folder, 'mod', 'edit', `-module=rig.invalid/${name}`, `-require=${module}@${version}`, ...edits)
  return folder
}

interface GoMod {
  readonly Replace: readonly { readonly Old: { Path: string }; readonly New: { Path: string } }[] | null
}

/** Where the source of Gatekeeper is; its manifests are in it. */
export function gatekeeperSource(): string {
  return moduleFolder(gatekeeperModule, programs.gatekeeper.version)
}

function moduleFolder(module: string, version: string): string {
  mkdirSync(cache, { recursive: true })
  return (JSON.parse(go(cache, 'mod', 'download', '-json', `${module}@${version}`)) as { Dir: string }).Dir
}

function go(folder: string, ...options: readonly string[]): string {
  return execFileSync('go', options, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  })
}
