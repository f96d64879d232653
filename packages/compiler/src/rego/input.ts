import type { InputBinding, InputNode, KindPath } from '@gatewright/core'
import { type Compilation, RegoUnsupported } from './compilation.js'
import { snake } from './names.js'
import type { Place } from './place.js'
import { list, literal, part, rule, type Term } from './syntax.js'

/** The document that an input is, or lies in: null where there is none. */
function rootTerm({ root }: InputBinding, to: Compilation): Term {
  switch (root) {
    case 'object':
      return to.library('reviewed')
    case 'oldObject':
      return to.library('previous')
    case 'request':
      return to.library('asked')
    case 'parameters':
      return rule('parameters')
  }
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
  to.add({ name, value: to.library('field', root, path), body: [] })
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
  const table = to.name(`${snake(name)}_paths`)
  const fields = paths.map(({ group, kind, path }): [string, Term] => [
    group === '' ? kind : `${group}/${kind}`,
    literal(path),
  ])
  to.add({
    name: table,
    comment: [`${table} says where the ${name} lies in each kind.`],
    value: { kind: 'record', fields },
    body: [],
  })
  const path = to.name(`${snake(name)}_path`)
  to.add({ name: path, value: part(rule(table), to.library('group_and_kind')), body: [] })
  to.inputs.set(key, rule(path))
  return rule(path)
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
  return { lines: [], base: pathTerm(binding, node.name, to), steps: [], ended: false }
}
