/** The classes of changes, and what each does to a policy. */
export const mutationOperators = {
  'drop-condition': 'leaves out a condition of an `and` or `or`',
  'flip-condition': 'turns a condition round',
  'flip-missing': 'decides the other way what holds where a value is missing',
  'drop-default': 'takes a value without its default',
  'forget-list': 'forgets a list of several, such as the init containers',
  'widen-prefix': 'lets a prefix, suffix or wildcard match more',
  'widen-pattern': 'takes an anchor from a pattern',
  'move-bound': 'lets a limit in, leaves it out, or moves it by one',
  'change-constant': 'compares with another constant',
  'ignore-parameter': 'takes a parameter for its default, or for empty',
  'skip-operation': 'does not judge an operation',
  'drop-rule': 'leaves out a rule',
  'drop-filter': 'keeps the elements that a filter leaves out',
  'drop-when': 'drops the condition that a policy or some of its rules stand under',
  'swap-quantifier': 'asks for some element instead of every one, or the reverse',
  'first-only': 'looks at the first element of a list only',
  'swap-operands': 'compares the other way round',
} as const

/** A class of changes. */
export type MutationOperator = keyof typeof mutationOperators
