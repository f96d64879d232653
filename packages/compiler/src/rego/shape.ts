import type { InputNode, Reads, ReadTree } from '@gatewright/core'
import { tidied } from './body.js'
import type { Compilation } from './compilation.js'
import { isOfTypes } from './guard.js'
import { inputTerm, kindPaths, pathTerm, reviewed } from './input.js'
import { singular } from './names.js'
import { extended, type Place, placeTerm } from './place.js'
import { forked, type Scope } from './scope.js'
import { call, compare, holds, type Line, literal, not, part, type Term, variable } from './syntax.js'
import { jsonTypesOf } from './types.js'

/** Where a walk over what is read stands: the lines that lead there, the value, and its place. */
interface At {
  readonly lines: readonly Line[]
  readonly term: Term
  readonly place: Place
  readonly scope: Scope
  readonly name: string
}

/**
 * Adds the rules of the set `misfit`: parts of the object that are not what its schema says where the policy reads them, a rule for
 * each object, list or map that is read.
 */
export function addMisfits(reads: Reads, before: readonly Line[], scope: Scope, to: Compilation): void {
  for (const [name, tree] of reads) {
    const binding = to.policy.target.inputs[name]
    if (binding === undefined || (binding.root !== 'object' && binding.root !== 'oldObject')) continue
    const node: InputNode = { kind: 'input', name }
    const term = inputTerm(node, to)
    const path = kindPaths(binding)
    const steps = path === undefined ? (binding.path as readonly string[]) : undefined
    const place: Place =
      steps === undefined
        ? { lines: [], base: pathTerm(binding, name, to), steps: [], ended: false }
        : { lines: [], steps: steps.map(literal), ended: false }
    const root = binding.root === 'object' ? reviewed(to) : to.library('previous')
    if (steps === undefined || steps.length > 0) {
      add(to, to.library('wrong_type', variable('at'), literal(['object'])), [
        ...before,
        { kind: 'bind', name: 'at', value: to.library('blocked_at', root, placeTerm(place, to)) },
      ])
      ofTypes(tree, { lines: before, term, place, scope, name }, to)
    }
    inside(tree, { lines: before, term, place, scope: forked(scope), name }, to)
  }
}

function add(to: Compilation, contains: Term, lines: readonly Line[]): void {
  const body = tidied({ body: lines }, [contains])?.body
  if (body !== undefined) to.add({ name: 'misfit', contains, body })
}

/** The JSON types that a read is of, by the names that `type_name` has for them; undefined where any is. */
function typesOf({ types }: ReadTree): readonly string[] | undefined {
  if (types.size === 0 || types.has('unknown')) return undefined
  return [...new Set([...types].flatMap(jsonTypesOf))]
}

/** That a value itself is of its types. */
function ofTypes(tree: ReadTree, { lines, term, place }: At, to: Compilation): void {
  const types = typesOf(tree)
  if (types === undefined) return
  add(to, to.library('wrong_type', placeTerm(place, to), literal(types)), [
    ...lines,
    not(isOfTypes(term, [...types, 'null'])),
  ])
}

function inside(tree: ReadTree, at: At, to: Compilation): void {
  const typed = [...tree.fields].flatMap(([key, child]) => {
    const types = typesOf(child)
    return types === undefined ? [] : [[key, types] as const]
  })
  if (typed.length > 0) fieldTypes(typed, at, to)
  const required = [...tree.fields].filter(([, child]) => child.assumed).map(([key]) => key)
  if (required.length > 0) requiredFields(required, at, to)
  for (const [keys, child] of twins(tree)) {
    if (!isDeep(child)) continue
    const [only] = keys
    if (keys.length === 1 && only !== undefined) {
      inside(child, below(at, literal(only), only, []), to)
    } else {
      const scope = forked(at.scope)
      const whole = at.term.kind === 'part' ? to.variable(scope, at.name) : undefined
      const named: readonly Line[] =
        whole === undefined ? [] : [{ kind: 'bind', name: whole, value: at.term }]
      const term = whole === undefined ? at.term : variable(whole)
      const key = to.variable(scope, 'list')
      const loop: Line = { kind: 'some', value: key, of: literal(keys) }
      inside(child, { ...below({ ...at, term }, variable(key), only ?? 'item', [...named, loop]), scope }, to)
    }
  }
  if (tree.elements !== undefined) each(tree.elements, at, 'is_array', to)
  if (tree.values !== undefined) each(tree.values, at, 'is_object', to)
}

const below = ({ lines, term, place, scope }: At, key: Term, name: string, more: readonly Line[]): At => ({
  lines: [...lines, ...more],
  term: part(term, key),
  place: extended(place, key) ?? place,
  scope: forked(scope),
  name,
})

/** Fields that are read alike: the lists of containers. */
function twins(tree: ReadTree): readonly (readonly [readonly string[], ReadTree])[] {
  const groups = new Map<string, { readonly keys: string[]; readonly child: ReadTree }>()
  for (const [key, child] of tree.fields) {
    const shape = child.elements === undefined ? key : `[] ${shapeText(child)}`
    const known = groups.get(shape)
    if (known === undefined) groups.set(shape, { keys: [key], child })
    else known.keys.push(key)
  }
  return [...groups.values()].map(({ keys, child }) => [keys, child] as const)
}

function shapeText(tree: ReadTree): string {
  const fields = [...tree.fields].map(([key, child]) => `${JSON.stringify(key)}:${shapeText(child)}`)
  const elements = tree.elements === undefined ? '' : `[${shapeText(tree.elements)}]`
  const values = tree.values === undefined ? '' : `<${shapeText(tree.values)}>`
  return `${[...tree.types].sort().join()}${tree.assumed ? '!' : ''}{${fields.sort().join()}}${elements}${values}`
}

const isDeep = ({ fields, elements, values }: ReadTree): boolean =>
  fields.size > 0 || elements !== undefined || values !== undefined

function fieldTypes(
  typed: readonly (readonly [string, readonly string[]])[],
  { lines, term, place, scope }: At,
  to: Compilation,
): void {
  const [only] = typed
  if (typed.length === 1 && only !== undefined) {
    const [name, types] = only
    add(to, to.library('wrong_type', placeTerm(extended(place, literal(name)), to), literal(types)), [
      ...lines,
      not(isOfTypes(part(term, name), [...types, 'null'])),
    ])
    return
  }
  const inner = forked(scope)
  const key = to.variable(inner, 'field_name')
  const types = to.variable(inner, 'types')
  const table: Term = {
    kind: 'record',
    fields: typed.map(([name, each]) => [name, literal([...each, 'null'])]),
  }
  add(to, to.library('wrong_type', placeTerm(extended(place, variable(key)), to), variable(types)), [
    ...lines,
    { kind: 'some', key, value: types, of: table },
    not(compare(call('type_name', part(term, variable(key))), 'in', variable(types))),
  ])
}

function requiredFields(keys: readonly string[], { lines, term, place, scope }: At, to: Compilation): void {
  const [only] = keys
  if (keys.length === 1 && only !== undefined) {
    add(to, to.library('absence', placeTerm(extended(place, literal(only)), to)), [
      ...lines,
      holds(call('is_object', term)),
      compare(call('object.get', term, literal(only), literal(null)), '==', literal(null)),
    ])
    return
  }
  const key = to.variable(forked(scope), 'field_name')
  add(to, to.library('absence', placeTerm(extended(place, variable(key)), to)), [
    ...lines,
    holds(call('is_object', term)),
    { kind: 'some', value: key, of: literal(keys) },
    compare(call('object.get', term, variable(key), literal(null)), '==', literal(null)),
  ])
}

/** The elements of a list or the values of a map. */
function each(tree: ReadTree, at: At, guard: 'is_array' | 'is_object', to: Compilation): void {
  const scope = forked(at.scope)
  const key = to.variable(scope, guard === 'is_array' ? 'i' : 'key')
  const value = to.variable(scope, singular(at.name))
  const element: At = {
    lines: [...at.lines, holds(call(guard, at.term)), { kind: 'some', key, value, of: at.term }],
    term: variable(value),
    place: extended(at.place, variable(key)) ?? at.place,
    scope,
    name: value,
  }
  ofTypes(tree, element, to)
  inside(tree, element, to)
}
