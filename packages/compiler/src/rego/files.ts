import { digestOf } from '../digest.js'
import { emitRego, emitRegoLibrary, type RegoModule, type RegoOptions, type RegoPolicy } from './module.js'

/** A file of Rego, by its path below the folder that OPA is given. */
export interface RegoFile {
  readonly path: string
  readonly text: string
}

/**
 * Prints policies as files that are loaded together: a module a policy, and for plain OPA the library that they share.
 *
 * Throws `RegoUnsupported` where Rego cannot say a policy, and a `RegoCollision` where two policies would stand in one package, or
 * one would stand inside another, where its package could be taken for a rule.
 */
export function emitRegoFiles(
  policies: readonly RegoPolicy[],
  options: RegoOptions = {},
): readonly RegoFile[] {
  const modules = policies.map((each) => ({ id: each.ir.id, module: emitRego(each, options) }))
  for (const { id, module } of modules) {
    const other = modules.find((each) => each.id !== id && isInside(module, each.module))
    if (other !== undefined) throw new RegoCollision(id, other.id, other.module.package)
  }
  const files = modules.map(({ module: { path, text } }) => ({ path, text }))
  return options.entry === 'gatekeeper'
    ? files
    : [
        ...files,
        emitRegoLibrary(
          modules.map(({ module }) => module),
          options.library,
        ),
      ]
}

/**
 * The same for an OPA that takes one file at a time, and compiles all of them each time: the library comes first, in a package that is named
 * for what is in it. Another library stands beside it until nothing asks the old one any more.
 */
export function emitRegoFilesApart(
  policies: readonly RegoPolicy[],
  options: RegoOptions = {},
): readonly RegoFile[] {
  const text = emitRegoFiles(policies, options).at(-1)?.text ?? ''
  const library = `lib_${digestOf(text).slice(0, 12)}`
  const modules = emitRegoFiles(policies, { ...options, library })
  return [...modules.slice(-1), ...modules.slice(0, -1)]
}

const isInside = (one: RegoModule, other: RegoModule): boolean =>
  one.package === other.package || one.package.startsWith(`${other.package}.`)

/** Two policies whose ids lead to one package of Rego, or to one inside the other. */
export class RegoCollision extends Error {
  override readonly name = 'RegoCollision'
  readonly code = 'packages-collide'

  constructor(one: string, other: string, name: string) {
    super(`the policies \`${one}\` and \`${other}\` would both stand in the Rego package \`${name}\``)
  }
}
