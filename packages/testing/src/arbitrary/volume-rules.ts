import {
  absolutePath,
  anyText,
  boolean,
  dnsLabel,
  dnsName,
  fileKey,
  integer,
  nonEmptyText,
  quantity,
  relativePath,
  values,
} from './leaves.js'
import { type DefinitionRules, exactlyOne, list } from './rules.js'
import { lazyField, listOf, mapOf, type ObjectShape, type Shape } from './shape.js'

const mode = integer(0, 511, 420, 256)

/** The kinds of volumes, those that are there in every version. */
const sources = [
  'emptyDir',
  'configMap',
  'secret',
  'hostPath',
  'persistentVolumeClaim',
  'projected',
  'downwardAPI',
  'csi',
  'ephemeral',
  'nfs',
  'iscsi',
  'rbd',
  'cephfs',
  'azureFile',
  'awsElasticBlockStore',
  'gcePersistentDisk',
  'flexVolume',
  'vsphereVolume',
] as const

export const volumeRules: Readonly<Record<string, DefinitionRules>> = {
  Volume: {
    fields: { name: dnsLabel, ...Object.fromEntries(sources.map((each) => [each, 'schema' as const])) },
    groups: [exactlyOne(...sources)],
  },
  EmptyDirVolumeSource: { fields: { medium: values('', 'Memory'), sizeLimit: quantity } },
  ConfigMapVolumeSource: {
    fields: { defaultMode: mode, items: list({ apartBy: ['path'] }), name: dnsLabel, optional: boolean },
    always: ['name'],
  },
  SecretVolumeSource: {
    fields: {
      defaultMode: mode,
      items: list({ apartBy: ['path'] }),
      optional: boolean,
      secretName: dnsLabel,
    },
    always: ['secretName'],
  },
  KeyToPath: { fields: { key: fileKey, mode, path: relativePath } },
  HostPathVolumeSource: { fields: { path: absolutePath, type: 'schema' } },
  PersistentVolumeClaimVolumeSource: { fields: { claimName: dnsLabel, readOnly: boolean } },
  ProjectedVolumeSource: {
    fields: { defaultMode: mode, sources: list({ most: 1 }) },
    always: ['sources'],
  },
  VolumeProjection: {
    fields: { configMap: 'schema', secret: 'schema', serviceAccountToken: 'schema', downwardAPI: 'schema' },
    groups: [exactlyOne('configMap', 'secret', 'serviceAccountToken', 'downwardAPI')],
  },
  ConfigMapProjection: { fields: { name: dnsLabel, optional: boolean }, always: ['name'] },
  SecretProjection: { fields: { name: dnsLabel, optional: boolean }, always: ['name'] },
  ServiceAccountTokenProjection: {
    fields: {
      audience: nonEmptyText,
      expirationSeconds: integer(600, 4_294_967_296, 3600),
      path: relativePath,
    },
  },
  DownwardAPIVolumeSource: { fields: { defaultMode: mode, items: list({ apartBy: ['path'] }) } },
  DownwardAPIProjection: { fields: { items: list({ apartBy: ['path'] }) } },
  DownwardAPIVolumeFile: { fields: { path: relativePath, fieldRef: 'schema', mode }, always: ['fieldRef'] },
  CSIVolumeSource: {
    fields: { driver: dnsName, readOnly: boolean, volumeAttributes: mapOf(dnsLabel, anyText) },
  },
  EphemeralVolumeSource: { fields: { volumeClaimTemplate: 'schema' }, always: ['volumeClaimTemplate'] },
  PersistentVolumeClaimTemplate: { fields: { spec: 'schema' } },
  PersistentVolumeClaim: {
    fields: {
      apiVersion: values('v1'),
      kind: values('PersistentVolumeClaim'),
      metadata: named(dnsLabel),
      spec: 'schema',
    },
    always: ['metadata', 'spec'],
  },
  PersistentVolumeClaimSpec: {
    fields: {
      accessModes: listOf(values('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'), {
        least: 1,
        apartBy: [''],
      }),
      resources: 'schema',
      storageClassName: dnsLabel,
      volumeMode: values('Filesystem'),
    },
    always: ['accessModes', 'resources'],
  },
  VolumeResourceRequirements: {
    fields: { requests: object({ storage: values('1Gi', '10Gi', '500Mi', '1.5Ti') }) },
    always: ['requests'],
  },
  NFSVolumeSource: { fields: { path: absolutePath, readOnly: boolean, server: dnsName } },
  ISCSIVolumeSource: {
    fields: {
      iqn: values('iqn.2026-01.com.example:storage'),
      lun: integer(0, 255, 0),
      readOnly: boolean,
      targetPortal: values('10.0.0.1:3260'),
    },
  },
  RBDVolumeSource: {
    fields: { image: dnsLabel, monitors: listOf(values('10.0.0.1:6789'), { least: 1 }), readOnly: boolean },
  },
  CephFSVolumeSource: {
    fields: {
      monitors: listOf(values('10.0.0.1:6789'), { least: 1 }),
      path: absolutePath,
      readOnly: boolean,
    },
  },
  AzureFileVolumeSource: { fields: { secretName: dnsLabel, shareName: dnsLabel, readOnly: boolean } },
  AWSElasticBlockStoreVolumeSource: { fields: { volumeID: nonEmptyText, readOnly: boolean } },
  GCEPersistentDiskVolumeSource: { fields: { pdName: nonEmptyText, readOnly: boolean } },
  FlexVolumeSource: { fields: { driver: values('example.com/driver'), readOnly: boolean } },
  VsphereVirtualDiskVolumeSource: { fields: { volumePath: nonEmptyText } },
}

/** Metadata of which no more than the name is asked. */
function named(name: Shape): ObjectShape {
  return object({ name })
}

function object(fields: Readonly<Record<string, Shape>>): ObjectShape {
  return {
    is: 'object',
    fields: new Map(Object.entries(fields).map(([key, shape]) => [key, lazyField(true, 1, () => shape)])),
  }
}
