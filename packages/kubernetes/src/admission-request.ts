import type { ObjectSchema } from '@gatewright/core'

/** Who asks. Source: the `UserInfo` of `authentication.k8s.io/v1`. */
export interface UserInfo {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** The request that brings an object. Source: the `AdmissionRequest` of `admission.k8s.io/v1`. */
export interface AdmissionRequest {
  readonly operation?: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly name?: string
  readonly namespace?: string
  readonly subResource?: string
  readonly dryRun?: boolean
  readonly userInfo?: UserInfo
}

const text = { schema: { type: 'string' } } as const
const texts = { schema: { type: 'list', items: { type: 'string' } } } as const

const userInfoSchema: ObjectSchema = {
  type: 'object',
  name: 'UserInfo',
  fields: {
    username: text,
    uid: text,
    groups: texts,
    extra: { schema: { type: 'map', values: texts.schema } },
  },
}

/** The schema of `request` in rules. */
export const requestSchema: ObjectSchema = {
  type: 'object',
  name: 'AdmissionRequest',
  fields: {
    operation: { schema: { type: 'string', values: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] } },
    name: text,
    namespace: text,
    subResource: text,
    dryRun: { schema: { type: 'boolean' } },
    userInfo: { schema: userInfoSchema },
  },
}
