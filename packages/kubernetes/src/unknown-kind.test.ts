import { expect, it } from 'vitest'
import { unknownKind } from './unknown-kind.js'

it.each([
  ['apps/v1', 'Deploymnt', 'apps/v1', 'Deployment'],
  ['v1', 'pod', 'v1', 'Pod'],
  ['v1', 'Deployment', 'apps/v1', 'Deployment'],
  ['app/v1', 'Deployment', 'apps/v1', 'Deployment'],
  ['networking.k8s.io/v1', 'NetworkPolcy', 'networking.k8s.io/v1', 'NetworkPolicy'],
])('%s %s looks like %s %s', (apiVersion, kind, itsVersion, itsKind) => {
  expect(unknownKind({ apiVersion, kind })?.nearest).toEqual({ apiVersion: itsVersion, kind: itsKind })
})

it.each([
  ['a kind that there is', { apiVersion: 'apps/v1', kind: 'Deployment' }],
  ['of a version that is gone', { apiVersion: 'extensions/v1beta1', kind: 'Deployment' }],
  ['a kind that is gone', { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy' }],
  ['a custom resource of a like name', { apiVersion: 'example.com/v1', kind: 'Deploymnt' }],
  ["kubectl's configuration", { apiVersion: 'v1', kind: 'Config' }],
  ['an eviction', { apiVersion: 'policy/v1', kind: 'Eviction' }],
  ['a scale', { apiVersion: 'autoscaling/v1', kind: 'Scale' }],
  ['no kind', { apiVersion: 'v1' }],
  ['no object', null],
])('%s is no misspelt kind', (_, object) => {
  expect(unknownKind(object)).toBeUndefined()
})
