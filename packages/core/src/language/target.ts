import type { z } from 'zod'
import type { TargetIr } from '../ir/policy.js'
import type { Schema } from '../schema.js'
import { DefinitionError } from './definition-error.js'
import type { Expr } from './expression.js'
import type { bindings } from './phantom.js'
import { expressionOf } from './proxy.js'
import { domainOf } from './members.js'
import type { ValueSubject } from './subject.js'
import { schemaFromZod } from './zod-schema.js'

/** What a policy is about: which objects it takes, and what its rule is given to speak of them. */
export interface Target<B> {
  readonly ir: TargetIr
  /** The schema of the objects, as far as it is known. */
  readonly schema: Schema
  /** The expressions that a rule is given; made anew for each policy. */
  bind(): B
  readonly [bindings]?: B
}

/**
 * A target for any JSON document: its schema is all that matching, fixtures and positions need.
 *
 * The rule is given `input`.
 */
export function target<S extends z.ZodType>(name: string, schema: S): Target<{ input: Expr<z.output<S>> }> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new DefinitionError('invalid-name', `the target name \`${name}\` is not kebab-case`)
  }
  const read = schemaFromZod(schema)
  return {
    ir: { name, inputs: { input: { root: 'object', path: [] } } },
    schema: read,
    bind: () => ({ input: inputExpression('input', read) }),
  }
}

/** The expression for an input that a target binds. `vouched`: the schema is known to hold of what a cluster accepts. */
export function inputExpression<T>(
  name: string,
  schema: Schema,
  options: { readonly presence?: ValueSubject['presence']; readonly vouched?: boolean } = {},
): Expr<T> {
  return expressionOf({
    is: 'value',
    node: { kind: 'input', name },
    schema,
    presence: options.presence ?? (schema.type === 'unknown' ? 'unknown' : 'present'),
    vouched: options.vouched ?? schema.type !== 'unknown',
    ...domainOf(schema),
  })
}
