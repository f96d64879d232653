import { isScalar, type Pair } from 'yaml'

/** The namespace of YAML's own tags, `!!` for short. */
export const yamlTag = 'tag:yaml.org,2002:'

/** Whether a pair merges its value: `<<` plain, or under the tags `!` or `!!merge`. */
export function isMerge({ key }: Pair): boolean {
  if (!isScalar(key) || key.source !== '<<') return false
  return key.tag === undefined ? key.type === 'PLAIN' : key.tag === '!' || key.tag === `${yamlTag}merge`
}
