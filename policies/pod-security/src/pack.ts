import { type Profile, profile } from '@gatewright/core'
import { capabilities } from './capabilities.js'
import { hostNamespaces } from './host-namespaces.js'
import { hostPathVolumes } from './host-path-volumes.js'
import { hostPorts } from './host-ports.js'
import { hostProbesLifecycle } from './host-probes-lifecycle.js'
import { interactiveTty } from './interactive-tty.js'
import { appArmor } from './apparmor.js'
import { flexVolumeDrivers } from './flexvolume-drivers.js'
import { fsGroup } from './fsgroup.js'
import { privilegedContainers } from './privileged-containers.js'
import { privilegeEscalation } from './privilege-escalation.js'
import { procMount } from './proc-mount.js'
import { readOnlyRootFilesystem } from './read-only-root-filesystem.js'
import { seccomp } from './seccomp.js'
import { seLinux } from './selinux.js'
import { sysctls } from './sysctls.js'
import { users } from './users.js'
import { volumeTypes } from './volume-types.js'
import { windowsHostProcess } from './windows-host-process.js'

/** The whole pack, with parameters that suit most clusters; set others by policy id in the configuration. */
export const podSecurity: Profile = profile({
  id: 'pod-security',
  title: 'Pod security',
  policies: [
    appArmor.with({ allowedProfiles: ['runtime/default', 'localhost/*'] }),
    capabilities.with({ requiredDropCapabilities: ['ALL'], allowedCapabilities: ['NET_BIND_SERVICE'] }),
    flexVolumeDrivers,
    fsGroup,
    hostNamespaces,
    hostPathVolumes,
    hostPorts,
    hostProbesLifecycle,
    interactiveTty,
    privilegedContainers,
    privilegeEscalation,
    procMount,
    readOnlyRootFilesystem,
    seccomp.with({ allowedProfiles: ['runtime/default', 'localhost/*'] }),
    seLinux,
    sysctls.with({
      allowedSysctls: ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies'],
    }),
    users.with({ runAsUser: { rule: 'MustRunAsNonRoot', ranges: [] } }),
    volumeTypes.with({
      volumes: [
        'configMap',
        'csi',
        'downwardAPI',
        'emptyDir',
        'ephemeral',
        'image',
        'persistentVolumeClaim',
        'projected',
        'secret',
      ],
    }),
    windowsHostProcess,
  ],
})
