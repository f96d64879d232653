import type { DenyNode, FixNode, Node, PolicyIr, RuleNode } from '@gatewright/core'
import { type Place, placeOf } from './partial-conditions.js'

/** A fix, one of the places that it changes, and all that has to hold for its violation. */
export interface FixSite {
  readonly rule: DenyNode
  readonly fix: FixNode
  /** Undefined where the place is computed. */
  readonly place: Place | undefined
  readonly conditions: readonly Node[]
  readonly variables: ReadonlyMap<number, Place>
}

interface Way {
  readonly conditions: readonly Node[]
  readonly variables: ReadonlyMap<number, Place>
}

/** The places that the fixes of a policy change: one for each list that a rule walks over. */
export function fixSites({ when, rules }: PolicyIr): readonly FixSite[] {
  const way: Way = { conditions: when === undefined ? [] : [when], variables: new Map() }
  return rules.flatMap((rule) => sitesOf(rule, way))
}

function sitesOf(rule: RuleNode, way: Way): readonly FixSite[] {
  switch (rule.kind) {
    case 'onlyIf':
      return rule.rules.flatMap((each) => sitesOf(each, { ...way, conditions: [...way.conditions, rule.if] }))
    case 'each':
      return waysInto(rule.list, rule.element.id, way).flatMap((inner) =>
        rule.rules.flatMap((each) => sitesOf(each, inner)),
      )
    case 'deny': {
      const { conditions, variables } = way
      return (rule.violation.fix ?? []).map((fix) => ({
        rule,
        fix,
        place: placeOf(fix.at, variables),
        conditions: [...conditions, rule.if],
        variables,
      }))
    }
  }
}

/** The ways into a list: through its filters, and into each list that it is put together of. */
function waysInto(list: Node, element: number, way: Way): readonly Way[] {
  switch (list.kind) {
    case 'concat':
      return list.lists.flatMap((each) => waysInto(each, element, way))
    case 'filter':
      return waysInto(list.list, element, way).map((inner) => {
        const place = inner.variables.get(element)
        const variables = new Map(inner.variables)
        if (place !== undefined) variables.set(list.lambda.element.id, place)
        return { conditions: [...inner.conditions, list.lambda.body], variables }
      })
    default: {
      const place = placeOf(list, way.variables)
      const variables = new Map(way.variables)
      if (place !== undefined) variables.set(element, { root: place.root, steps: [...place.steps, '*'] })
      return [{ conditions: way.conditions, variables }]
    }
  }
}
