import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Api, type Connection } from './api.js'
import { binaries } from '../../binaries.js'
import { startGatekeeper } from './gatekeeper.js'
import { freePorts, Processes } from './processes.js'

/** A cluster that runs: etcd, an API server and Gatekeeper on the loopback address. Objects are judged and stored; nothing runs. */
export interface Cluster {
  readonly connection: Connection
  /** Ends its processes and drops its data. */
  stop(): Promise<void>
}

export async function startCluster(): Promise<Cluster> {
  const programs = binaries('etcd', 'kube-apiserver', 'gatekeeper')
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-cluster-'))
  const processes = new Processes(folder)
  const keys = join(folder, 'keys')
  mkdirSync(keys)
  execFileSync('go', ['run', '.', keys], { cwd: fileURLToPath(new URL('certificates/', import.meta.url)) })
  const [etcd = 0, etcdPeers = 0, port = 0, gatekeeperPort = 0, health = 0] = await freePorts(5)
  const connection: Connection = { port, gatekeeperPort, keys }
  const api = new Api(connection)
  const stop = async (): Promise<void> => {
    api.close()
    await processes.stop()
  }
  try {
    startEtcd(processes, programs.etcd, folder, etcd, etcdPeers)
    await processes.until('etcd is healthy', async () => {
      const { status } = await fetch(`http://127.0.0.1:${etcd}/health`)
      return status === 200
    })
    startApiServer(processes, programs['kube-apiserver'], connection, etcd)
    await processes.until('the API server is ready', async () => {
      const { status } = await api.send('GET', '/readyz')
      return status === 200
    })
    await processes.until('the API server has its namespaces', async () => {
      const { status } = await api.send('GET', '/api/v1/namespaces/default')
      return status === 200
    })
    await startGatekeeper(api, processes, programs.gatekeeper, connection, health)
    return { connection, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startEtcd(
  processes: Processes,
  program: string,
  folder: string,
  port: number,
  peerPort: number,
): void {
  const clients = `http://127.0.0.1:${port}`
  const peers = `http://127.0.0.1:${peerPort}`
  processes.start('etcd', program, [
    ...['--name=rig', `--data-dir=${folder}/etcd`, '--unsafe-no-fsync', '--log-level=warn'],
    ...[`--listen-client-urls=${clients}`, `--advertise-client-urls=${clients}`],
    ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
    `--initial-cluster=rig=${peers}`,
  ])
}

const gates = ['ClusterTrustBundle', 'GenericWorkload', 'PodCertificateRequest', 'StorageVersionMigrator']

function startApiServer(
  processes: Processes,
  program: string,
  { port, keys }: Connection,
  etcdPort: number,
): void {
  processes.start('kube-apiserver', program, [
    ...[`--etcd-servers=http://127.0.0.1:${etcdPort}`, '--endpoint-reconciler-type=none'],
    ...['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${port}`],
    ...['--service-cluster-ip-range=10.96.0.0/16', '--allow-privileged=true', '--profiling=false'],
    ...[`--cert-dir=${keys}`, `--tls-cert-file=${keys}/tls.crt`, `--tls-private-key-file=${keys}/tls.key`],
    ...[`--client-ca-file=${keys}/ca.crt`, '--authorization-mode=RBAC', '--anonymous-auth=false'],
    ...[
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${keys}/accounts.pub`,
    ],
    `--service-account-signing-key-file=${keys}/accounts.key`,
    '--enable-admission-plugins=ValidatingAdmissionPolicy,MutatingAdmissionPolicy',
    // no controller makes the service accounts that the plugin asks for
    '--disable-admission-plugins=ServiceAccount',
    // alpha and beta versions too, to hold the schemas against; some are behind gates of their own
    '--runtime-config=api/all=true',
    `--feature-gates=${gates.map((gate) => `${gate}=true`).join(',')}`,
  ])
}
