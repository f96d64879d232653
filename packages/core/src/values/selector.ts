import type { Json } from '../json.js'

/**
 * Whether a Kubernetes label selector matches labels; undefined where the selector cannot be read. An empty selector matches
 * everything. Labels that are no texts match nothing but `DoesNotExist` and `NotIn` do not count them either.
 *
 * Source: Kubernetes API reference, `LabelSelector`.
 */
export function matchesSelector(selector: Json, labels: Json): boolean | undefined {
  if (!isRecord(selector) || !isRecord(labels)) return undefined
  const { matchLabels = null, matchExpressions = null } = selector
  if (matchLabels !== null && !isRecord(matchLabels)) return undefined
  if (matchExpressions !== null && !Array.isArray(matchExpressions)) return undefined
  if (Object.keys(selector).some((key) => key !== 'matchLabels' && key !== 'matchExpressions'))
    return undefined
  let matches = true
  for (const [key, value] of Object.entries(matchLabels ?? {})) {
    if (typeof value !== 'string') return undefined
    if (labelOf(labels, key) !== value) matches = false
  }
  for (const expression of (matchExpressions ?? []) as readonly Json[]) {
    const holds = matchesExpression(expression, labels)
    if (holds === undefined) return undefined
    if (!holds) matches = false
  }
  return matches
}

function matchesExpression(expression: Json, labels: Readonly<Record<string, Json>>): boolean | undefined {
  if (!isRecord(expression)) return undefined
  const { key, operator, values = null } = expression as Readonly<Record<string, Json | undefined>>
  if (typeof key !== 'string') return undefined
  const listed = values === null ? [] : values
  if (!Array.isArray(listed) || !listed.every((value) => typeof value === 'string')) return undefined
  const label = labelOf(labels, key)
  switch (operator) {
    case 'In':
      return listed.length === 0 ? undefined : label !== undefined && listed.includes(label)
    case 'NotIn':
      return listed.length === 0 ? undefined : label === undefined || !listed.includes(label)
    case 'Exists':
      return listed.length > 0 ? undefined : label !== undefined
    case 'DoesNotExist':
      return listed.length > 0 ? undefined : label === undefined
    default:
      return undefined
  }
}

function labelOf(labels: Readonly<Record<string, Json>>, key: string): string | undefined {
  const label = Object.hasOwn(labels, key) ? labels[key] : undefined
  return typeof label === 'string' ? label : undefined
}

const isRecord = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
