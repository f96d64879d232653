// What people get wrong, and what the compiler says. Each block is a file of its own for the test; the first line of a block names
// the diagnostic that has to come, with a part of its text.
export const mistakes: readonly {
  readonly name: string
  readonly code: string
  readonly says: string
  readonly rule: string
}[] = [
  {
    name: 'a misspelt field',
    code: 'TS2551',
    says: "Did you mean 'privileged'",
    rule: `({ pod }) => pod.allContainers.filter((c) => c.securityContext.priviledged.is(true)).deny(() => ({ message: 'x' }))`,
  },
  {
    name: 'an undecided predicate in a filter',
    code: 'TS2322',
    says: 'this may be missing: add .ifMissing(true)',
    rule: `({ pod }) => pod.allContainers.filter((c) => c.image.startsWith('x')).deny(() => ({ message: 'x' }))`,
  },
  {
    name: 'an undecided predicate negated',
    code: 'TS2684',
    says: 'this may be missing: add .ifMissing(true)',
    rule: `({ pod }) => pod.allContainers.filter((c) => c.image.startsWith('x').not()).deny(() => ({ message: 'x' }))`,
  },
  {
    name: 'a value that may be missing as a condition',
    code: 'TS2322',
    says: 'this may be missing: add .ifMissing(true)',
    rule: `({ pod }) => pod.allContainers.filter((c) => c.securityContext.privileged).deny(() => ({ message: 'x' }))`,
  },
  {
    name: '=== on an expression',
    code: 'TS2367',
    says: 'have no overlap',
    rule: `({ pod }) => pod.allContainers.filter((c) => c.securityContext.privileged === true).deny(() => ({ message: 'x' }))`,
  },
  {
    name: '&& between conditions',
    code: 'TS2801',
    says: 'always',
    rule: `({ pod }) => pod.allContainers.filter((c) => c.tty.is(true) && c.stdin.is(true)).deny(() => ({ message: 'x' }))`,
  },
  {
    name: 'if on a condition',
    code: 'TS2801',
    says: 'always',
    rule: `({ pod }) => { if (pod.hostNetwork.is(true)) return pod.containers.deny(() => ({ message: 'x' })); return [] }`,
  },
  {
    name: '? : on a condition',
    code: 'TS2801',
    says: 'always',
    rule: `({ pod }) => (pod.hostPID.is(true) ? pod.containers : pod.initContainers).deny(() => ({ message: 'x' }))`,
  },
  {
    name: '+ on a number',
    code: 'TS2365',
    says: `Operator '+' cannot be applied`,
    rule: `({ pod }) => pod.terminationGracePeriodSeconds.gt(pod.activeDeadlineSeconds + 1).ifMissing(false).deny({ message: 'x' })`,
  },
  {
    name: '! on a condition',
    code: 'TS2345',
    says: `'boolean' is not assignable to parameter of type 'Condition'`,
    rule: `({ pod }) => allOf(!pod.hostPID.is(true)).deny({ message: 'x' })`,
  },
  {
    name: 'a violation without a message',
    code: 'TS2741',
    says: `Property 'message' is missing`,
    rule: `({ pod }) => pod.hostPID.is(true).deny({ at: pod.hostPID })`,
  },
  {
    name: 'a literal that is not of the enumeration',
    code: 'TS2345',
    says: `parameter of type '"Always" | "IfNotPresent" | "Never"`,
    rule: `({ pod }) => pod.allContainers.filter((c) => c.imagePullPolicy.is('always')).deny(() => ({ message: 'x' }))`,
  },
  {
    name: 'a forgotten .deny',
    code: 'TS2322',
    says: 'a rule: end the chain with .deny(…)',
    rule: `({ pod }) => pod.hostNetwork.is(true)`,
  },
  {
    name: 'what may be missing given where a present value is asked for',
    code: 'TS2345',
    says: 'this may be missing',
    rule: `({ pod }) => { const ours = (image: Expr<string>) => image.startsWith('ours/'); return pod.allContainers.filter((c) => ours(c.image)).deny(() => ({ message: 'x' })) }`,
  },
  {
    name: 'a number compared with a text',
    code: 'TS2345',
    says: 'number | Value<number',
    rule: `({ pod }) => pod.terminationGracePeriodSeconds.gt('10').ifMissing(false).deny({ message: 'x' })`,
  },
  {
    name: 'a key of a map as a property',
    code: 'TS2339',
    says: `'team'`,
    rule: `({ pod }) => pod.metadata.labels.team.exists().deny({ message: 'x' })`,
  },
  {
    name: 'an unknown key of a violation',
    code: 'TS2561',
    says: "Did you mean to write 'message'",
    rule: `({ pod }) => pod.hostPID.is(true).deny({ mesage: 'x' })`,
  },
  {
    name: '.length of a list',
    code: 'TS2339',
    says: `'length'`,
    rule: `({ pod }) => pod.containers.length.gt(1).deny({ message: 'x' })`,
  },
  {
    name: 'a function without a return',
    code: 'TS2345',
    says: "Type 'void' is not assignable to type 'Condition'",
    rule: `({ pod }) => pod.containers.filter((c) => { c.tty.is(true) }).deny(() => ({ message: 'x' }))`,
  },
  {
    name: 'a value where a condition belongs',
    code: 'TS2740',
    says: 'StringExpr',
    rule: `({ pod }) => pod.containers.some((c) => c.name).deny({ message: 'x' })`,
  },
  {
    name: 'a quantity compared with a time',
    code: 'TS2345',
    says: 'timestamp',
    rule: `({ pod, object }) => pod.allContainers.filter((c) => c.resources.limits.get('cpu').gt(object.metadata.creationTimestamp).ifMissing(false)).deny(() => ({ message: 'x' }))`,
  },
  { name: 'oldObject without .on()', code: 'TS2339', says: `'oldObject'`, rule: `({ oldObject }) => []` },
]
