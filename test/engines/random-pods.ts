import { podTemplatePaths } from '@gatewright/kubernetes'
import { seeded } from '../fuzz/random-policies.js'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** Random pod templates of the right types, with what the Pod Security Standards look at set well, badly or not at all. */
export class RandomPods {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  #one<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T
  }

  /** A value with some probability, else nothing. */
  #maybe<T extends Json>(p: number, make: () => T): T | undefined {
    return this.#random() < p ? make() : undefined
  }

  #list(most: number, make: () => Json): Json {
    return Array.from({ length: this.#below(most + 1) }, make)
  }

  #bool(truth = 0.5): boolean {
    return this.#random() < truth
  }

  /** A pod template. `strictness` is how likely each part is as `restricted` wants it, so that some pods pass. */
  template(): Json {
    const strictness = this.#one([0.2, 0.7, 0.95, 0.99])
    const loose = (): boolean => this.#random() > strictness
    const names = ['app', 'web', 'db', 'init', 'debug']
    const container = (): Json => this.#container(this.#one(names), strictness)
    return {
      metadata: {
        name: 'pod',
        annotations: this.#maybe(loose() ? 0.5 : 0.05, () =>
          Object.fromEntries(
            Array.from({ length: 1 + this.#below(2) }, () => [
              this.#one([
                'container.apparmor.security.beta.kubernetes.io/app',
                'container.apparmor.security.beta.kubernetes.io/web',
                'seccomp.security.alpha.kubernetes.io/pod',
                'container.seccomp.security.alpha.kubernetes.io/app',
                'other',
              ]),
              this.#one([
                'runtime/default',
                'localhost/a',
                'unconfined',
                '',
                'Localhost/a',
                'docker/default',
              ]),
            ]),
          ),
        ),
      },
      spec: {
        containers: Array.from({ length: 1 + this.#below(2) }, container),
        initContainers: this.#maybe(0.3, () => this.#list(2, container)),
        ephemeralContainers: this.#maybe(0.2, () => this.#list(2, container)),
        hostNetwork: this.#maybe(0.3, () => loose()),
        hostPID: this.#maybe(0.2, () => loose()),
        hostIPC: this.#maybe(0.2, () => loose()),
        hostUsers: this.#maybe(0.3, () => this.#bool()),
        os: this.#maybe(0.15, () => ({ name: this.#one(['linux', 'windows']) })),
        securityContext: this.#maybe(0.85, () => ({
          ...(this.#context(strictness) as object),
          sysctls: this.#maybe(0.3, () =>
            this.#list(2, () => ({
              name: loose()
                ? this.#one([
                    'kernel.msgmax',
                    'net.ipv4.tcp_rmem',
                    'net.ipv4.tcp_notsent_lowat',
                    'net.core.somaxconn',
                  ])
                : this.#one([
                    'kernel.shm_rmid_forced',
                    'net.ipv4.tcp_syncookies',
                    'net.ipv4.ip_local_reserved_ports',
                    'net.ipv4.tcp_fin_timeout',
                  ]),
              value: '1',
            })),
          ),
        })),
        volumes: this.#maybe(0.5, () =>
          this.#list(3, () => ({
            name: this.#one(['a', 'b']),
            [loose()
              ? this.#one(['hostPath', 'nfs', 'gitRepo', 'flexVolume', 'iscsi'])
              : this.#one([
                  'emptyDir',
                  'secret',
                  'configMap',
                  'projected',
                  'csi',
                  'ephemeral',
                  'downwardAPI',
                  'image',
                  'persistentVolumeClaim',
                ])]: {},
          })),
        ),
      },
    }
  }

  /** Fields that containers and pods share. */
  #context(strictness: number): Json {
    const loose = (): boolean => this.#random() > strictness
    return {
      runAsNonRoot: this.#maybe(0.85, () => !loose()),
      runAsUser: this.#maybe(0.4, () => (loose() ? 0 : 1000)),
      seccompProfile: this.#maybe(0.85, () => ({
        type: loose()
          ? this.#one(['Unconfined', 'runtime/default'])
          : this.#one(['RuntimeDefault', 'Localhost']),
      })),
      appArmorProfile: this.#maybe(0.3, () => ({
        type: loose() ? 'Unconfined' : this.#one(['RuntimeDefault', 'Localhost']),
      })),
      seLinuxOptions: this.#maybe(0.25, () => ({
        type: this.#maybe(0.7, () =>
          loose()
            ? this.#one(['spc_t', 'container_engine_t'])
            : this.#one(['container_t', '', 'container_init_t']),
        ),
        user: this.#maybe(0.2, () => (loose() ? 'sysadm_u' : '')),
        role: this.#maybe(0.2, () => (loose() ? 'sysadm_r' : '')),
        level: this.#maybe(0.3, () => 's0'),
      })),
      windowsOptions: this.#maybe(0.15, () => ({ hostProcess: this.#maybe(0.6, () => loose()) })),
    }
  }

  #container(name: string, strictness: number): Json {
    const loose = (): boolean => this.#random() > strictness
    const handler = (): Json => ({
      [this.#one(['httpGet', 'tcpSocket'])]: {
        port: 80,
        host: this.#maybe(loose() ? 0.8 : 0.1, () => (loose() ? 'example.com' : '')),
      },
    })
    return {
      name,
      image: 'nginx',
      ports: this.#maybe(0.3, () =>
        this.#list(2, () => ({ containerPort: 80, hostPort: this.#maybe(0.5, () => (loose() ? 8080 : 0)) })),
      ),
      livenessProbe: this.#maybe(0.2, handler),
      readinessProbe: this.#maybe(0.1, handler),
      startupProbe: this.#maybe(0.1, handler),
      lifecycle: this.#maybe(0.1, () => ({
        postStart: this.#maybe(0.5, handler),
        preStop: this.#maybe(0.5, handler),
      })),
      securityContext: this.#maybe(0.95, () => ({
        ...(this.#context(strictness) as object),
        privileged: this.#maybe(0.4, () => loose()),
        allowPrivilegeEscalation: this.#maybe(0.95, () => loose()),
        procMount: this.#maybe(0.3, () => (loose() ? 'Unmasked' : 'Default')),
        capabilities: this.#maybe(0.95, () => ({
          add: this.#maybe(0.3, () =>
            this.#list(2, () =>
              loose() ? this.#one(['SYS_ADMIN', 'CHOWN', 'NET_RAW', 'ALL']) : 'NET_BIND_SERVICE',
            ),
          ),
          drop: this.#maybe(0.97, () =>
            loose() ? this.#list(2, () => this.#one(['NET_RAW', 'all', 'KILL'])) : ['ALL'],
          ),
        })),
      })),
    }
  }

  /** An object of a random kind around a template. */
  wrapped(template: Json): Json {
    const { group, kind, path } = this.#one(podTemplatePaths)
    let inner = template
    for (const key of [...path].reverse()) inner = { [key]: inner }
    return { ...(inner as object), apiVersion: group === '' ? 'v1' : `${group}/v1`, kind }
  }
}
