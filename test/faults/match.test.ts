import { type Match, type MatchContext, matchObject } from '@gatewright/evaluator'
import type { Json } from '@gatewright/core'
import { describe, expect, it } from 'vitest'

/** A part of a match that is read and then ignored lets all through, or nothing (CVE-2025-29778): each is held to both answers. */

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cart', namespace: 'shop', labels: { app: 'cart', tier: 'web' } },
}
const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'all' } }
const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } }
const known: MatchContext = { namespaceObject: (name) => (name === 'shop' ? shop : undefined) }

interface Case {
  readonly match: Match
  readonly object?: Json
  readonly context?: MatchContext
}

const matching: readonly Case[] = [
  { match: {} },
  { match: { kinds: [] } },
  { match: { kinds: [{}] } },
  { match: { kinds: [{ kinds: ['Deployment'] }] } },
  { match: { kinds: [{ apiGroups: ['apps'], kinds: ['*'] }] } },
  { match: { kinds: [{ kinds: ['Pod'] }, { apiGroups: ['apps'] }] } },
  { match: { scope: '*' } },
  { match: { scope: 'Namespaced' } },
  { match: { scope: 'Cluster' }, object: role },
  { match: { scope: 'Cluster' }, object: shop },
  { match: { namespaces: ['shop'] } },
  { match: { namespaces: ['a', 's*'] } },
  { match: { namespaces: ['*op'] } },
  { match: { namespaces: ['*ho*'] } },
  { match: { namespaces: ['shop'] }, object: shop },
  { match: { namespaces: ['other'] }, object: role },
  { match: { excludedNamespaces: ['sho', 'shop-*', '*shop-'] } },
  { match: { labelSelector: {} } },
  { match: { labelSelector: { matchLabels: { app: 'cart', tier: 'web' } } } },
  { match: { labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['cart'] }] } } },
  { match: { labelSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } } },
  { match: { namespaceSelector: { matchLabels: { team: 'a' } } }, context: known },
  { match: { namespaceSelector: { matchLabels: { team: 'a' } } }, object: shop },
  { match: { namespaceSelector: { matchLabels: { team: 'b' } } }, object: role },
  { match: { name: 'cart' } },
  { match: { name: 'c*' } },
  { match: { name: 'cart-*' }, object: { ...deployment, metadata: { generateName: 'cart-' } } },
  { match: { source: 'All' } },
  { match: { source: 'Original' } },
  { match: { source: 'Generated' }, context: { source: 'Generated' } },
]

const others: readonly Case[] = [
  { match: { kinds: [{ kinds: ['deployment'] }] } },
  { match: { kinds: [{ apiGroups: [''], kinds: ['Deployment'] }] } },
  { match: { kinds: [{ apiGroups: ['apps'], kinds: ['StatefulSet'] }] } },
  { match: { scope: 'Cluster' } },
  { match: { scope: 'Namespaced' }, object: role },
  { match: { namespaces: ['sho', 'hop', 'shop-*'] } },
  { match: { namespaces: ['other'] }, object: shop },
  { match: { excludedNamespaces: ['shop'] } },
  { match: { excludedNamespaces: ['*'] } },
  { match: { excludedNamespaces: ['sh*'] }, object: shop },
  { match: { labelSelector: { matchLabels: { app: 'cart', tier: 'db' } } } },
  { match: { labelSelector: { matchLabels: { toString: 'x' } } } },
  { match: { labelSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['cart'] }] } } },
  { match: { labelSelector: { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] } } },
  { match: { namespaceSelector: { matchLabels: { team: 'b' } } }, context: known },
  { match: { name: 'car' } },
  { match: { name: 'CART' } },
  { match: { name: 'cart' }, object: { ...deployment, metadata: { generateName: 'cart-' } } },
  { match: { source: 'Generated' } },
  { match: { source: 'Original' }, context: { source: 'Generated' } },
  // all parts have to match
  { match: { kinds: [{ kinds: ['Deployment'] }], namespaces: ['shop'], name: 'other' } },
]

const errors: readonly Case[] = [
  { match: { kinds: [{}] }, object: { kind: 'Deployment' } },
  { match: { namespaceSelector: { matchLabels: { team: 'a' } } } },
  { match: { namespaceSelector: {} } },
  { match: { labelSelector: {} }, object: { ...deployment, metadata: { labels: ['app'] } } },
  { match: { labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: [] }] } } },
]

const answer = ({ match, object = deployment, context = {} }: Case) => matchObject(match, object, context)

describe('a match takes what it names', () => {
  it.each(matching)('$match', (each) => expect(answer(each)).toEqual({ matches: true }))
})

describe('a match leaves out the rest, and says why', () => {
  it.each(others)('$match', (each) => {
    const key = Object.keys(each.match).at(-1) ?? ''
    const code = {
      kinds: 'kinds',
      scope: 'scope',
      namespaces: 'namespaces',
      excludedNamespaces: 'excluded-namespace',
      labelSelector: 'label-selector',
      namespaceSelector: 'namespace-selector',
      name: 'name',
      source: 'source',
    }[key]
    expect(answer(each)).toMatchObject({ matches: false, reason: { code: `match-${code ?? ''}` } })
  })
})

describe('E9: what cannot be answered is an error', () => {
  it.each(errors)('$match', (each) => expect(answer(each)).toHaveProperty('error'))
})
