import {
  defaultOperations,
  type FieldNode,
  type InputBinding,
  type InputNode,
  type KindPath,
} from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { snake } from './names.js'
import type { Place } from './place.js'
import { call, holds, type Line, list, literal, part, rule, type Term, variable } from './syntax.js'
import { RegoUnsupported } from './unsupported.js'

/** The document that an input is, or lies in: null where there is none. */
function rootTerm({ root }: InputBinding, to: Compilation): Term {
  switch (root) {
    case 'object':
      return reviewed(to)
    case 'oldObject':
      return to.library('previous')
    case 'request':
      return to.library('asked')
    case 'parameters':
      return rule('parameters')
  }
}

/** The object as it shall be. Of a request that Gatekeeper hands in it can be taken as it is, but for deletions. */
export function reviewed(to: Compilation): Term {
  const { kinds, operations = defaultOperations } = to.policy.target
  const asItIs = to.entry === 'gatekeeper' && kinds !== undefined && !operations.includes('DELETE')
  return asItIs ? to.request('object') : to.library('reviewed')
}

const requestFields: readonly string[] = ['name', 'namespace', 'subResource', 'dryRun', 'userInfo']

/** A field of the request; undefined for what is none. */
export function requestTerm({ of, key }: FieldNode, to: Compilation): Term | undefined {
  if (of.kind !== 'input' || to.policy.target.inputs[of.name]?.root !== 'request') return undefined
  if (key === 'operation') return to.library('operation')
  return requestFields.includes(key) ? to.request(key) : undefined
}

/** An input of the target as a term that is always there where the policy applies. */
export function inputTerm(node: InputNode, to: Compilation): Term {
  const binding = to.policy.target.inputs[node.name]
  if (binding === undefined) throw new TypeError(`the target has no input \`${node.name}\``)
  if (binding.root === 'parameters')
    throw new RegoUnsupported(node, 'the parameters are asked for as a whole', 'ask for one by its name')
  const root = rootTerm(binding, to)
  if (binding.path.length === 0) return root
  const known = to.inputs.get(node.name)
  if (known !== undefined) return known
  const path = pathTerm(binding, node.name, to)
  const name = to.name(node.name)
  const found = variable('found')
  to.add({
    name,
    value: found,
    body: [{ kind: 'bind', name: 'found', value: call('object.get', root, path, literal(null)) }],
    otherwise: [{ value: literal(null), body: [] }],
  })
  const term = rule(name)
  to.inputs.set(node.name, term)
  return term
}

/** The steps to an input, which may depend on the kind of what is judged. */
export function pathTerm(binding: InputBinding, name: string, to: Compilation): Term {
  const paths = kindPaths(binding)
  if (paths === undefined) return list((binding.path as readonly string[]).map(literal))
  const key = JSON.stringify(paths)
  const known = to.inputs.get(key)
  if (known !== undefined) return known
  const groups = [...new Set(paths.map(({ group }) => group))]
  const fields = groups.map((group): [string, Term] => {
    const own = paths.filter((each) => each.group === group)
    return [group, { kind: 'record', fields: own.map(({ kind, path }) => [kind, literal(path)]) }]
  })
  const path = to.name(`${snake(name)}_path`)
  to.add({
    name: path,
    comment: [`${path} says where the ${name} lies in each kind.`],
    value: ofKind({ kind: 'record', fields }, to),
    body: [],
  })
  to.inputs.set(key, rule(path))
  return rule(path)
}

/** What a table of groups and kinds has for what is judged. */
export function ofKind(table: Term, to: Compilation): Term {
  return part(part(table, judgedKind('group', to)), judgedKind('kind', to))
}

/** The group or the kind of what is judged. */
export function judgedKind(key: 'group' | 'kind', to: Compilation): Term {
  return to.entry === 'gatekeeper' ? to.request('kind', key) : part(to.library('judged_kind'), key)
}

/** Whether every kind that the policy takes has the input. */
function isEverywhere(binding: InputBinding, to: Compilation): boolean {
  const paths = kindPaths(binding)
  const { kinds } = to.policy.target
  return (
    paths === undefined ||
    kinds?.every((each) => paths.some(({ group, kind }) => group === each.group && kind === each.kind)) ===
      true
  )
}

/** The paths of an input that lies elsewhere in each kind. */
export function kindPaths({ path }: InputBinding): readonly KindPath[] | undefined {
  const [first] = path
  return first === undefined || typeof first === 'string' ? undefined : (path as readonly KindPath[])
}

/** Where an input lies in the judged object; undefined for the request and the parameters. */
export function inputPlace(node: InputNode, to: Compilation): Place | undefined {
  const binding = to.policy.target.inputs[node.name]
  if (binding === undefined || (binding.root !== 'object' && binding.root !== 'oldObject')) return undefined
  if (kindPaths(binding) === undefined)
    return { lines: [], steps: (binding.path as readonly string[]).map(literal), ended: false }
  const path = pathTerm(binding, node.name, to)
  const lines: readonly Line[] = isEverywhere(binding, to) ? [] : [holds(path)]
  return { lines, base: path, steps: [], ended: false }
}
