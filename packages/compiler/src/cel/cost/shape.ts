/** How large the values are that a cost is worked out for. What is not given by a policy itself is one of these. */
export interface CelSizes {
  /** Elements of all lists of an object together that are in no other list: its containers, its volumes. */
  readonly elements: number
  /** Elements of a list, or entries of a map, in one of those elements. */
  readonly nested: number
  /** Code points of a text. */
  readonly text: number
  /** Parts that a text is split into, and places in it where something is replaced. */
  readonly parts: number
  /** Elements of a list in the parameters, where they are not built in. */
  readonly parameters: number
  /** Code points of a text in the parameters. */
  readonly parameterText: number
}

/** A number of elements. */
interface Count {
  readonly fixed: number
  /** Lists of an object, each as its root and its name, with how often it can be in here. */
  readonly lists: ReadonlyMap<string, number>
  readonly nested: number
  readonly parts: number
  readonly parameters: number
}

const noCount: Count = { fixed: 0, lists: new Map(), nested: 0, parts: 0, parameters: 0 }

/** A value that is read: where it is of, its name there, and how many lists it is inside of. */
interface Read {
  readonly root: string
  readonly name: string
  readonly depth: number
}

interface List {
  readonly count: Count
  readonly element: Shape
  /** Longest text that all elements are together, where that is known by itself. */
  readonly whole?: number
}

/** What a value can be, as far as costs hang on it. A shape with none of these is a number, a truth value or null. */
export interface Shape {
  /** Longest text. */
  readonly text?: number
  /** Longest list or largest map, with what its elements are. */
  readonly list?: List
  /** Values of the request, which can be anything. */
  readonly read?: readonly Read[]
}

export const scalar: Shape = {}

export const read = (root: string): Shape => ({ read: [{ root, name: root, depth: 0 }] })

export const listOfFixed = (count: number, element: Shape): Shape => ({
  list: { count: { ...noCount, fixed: count }, element, ...(count === 0 && { whole: 0 }) },
})

/** The parts of a text, which together are no longer than the text. */
export const partsOfText = (length: number): Shape => ({
  list: { count: { ...noCount, parts: 1 }, element: { text: length }, whole: length },
})

/** What is one of several shapes. */
export function either(shapes: readonly Shape[]): Shape {
  const texts = shapes.flatMap(({ text }) => text ?? [])
  const lists = shapes.flatMap(({ list }) => list ?? [])
  const reads = new Map(
    shapes
      .flatMap(({ read: of = [] }) => of)
      .map((each) => [`${each.root} ${each.name} ${each.depth}`, each]),
  )
  return {
    ...(texts.length > 0 && { text: Math.max(...texts) }),
    ...(lists.length > 0 && {
      list: {
        count: lists.map(({ count }) => count).reduce((a, b) => merged(a, b, Math.max)),
        element: either(lists.map(({ element }) => element)),
        ...wholeOf(lists, Math.max),
      },
    }),
    ...(reads.size > 0 && { read: [...reads.values()] }),
  }
}

function wholeOf(lists: readonly List[], by: (...of: number[]) => number): { readonly whole?: number } {
  const wholes = lists.flatMap(({ whole }) => whole ?? [])
  return wholes.length < lists.length ? {} : { whole: by(...wholes) }
}

function merged(a: Count, b: Count, by: (a: number, b: number) => number): Count {
  const names = new Set([...a.lists.keys(), ...b.lists.keys()])
  return {
    fixed: by(a.fixed, b.fixed),
    lists: new Map([...names].map((name) => [name, by(a.lists.get(name) ?? 0, b.lists.get(name) ?? 0)])),
    nested: by(a.nested, b.nested),
    parts: by(a.parts, b.parts),
    parameters: by(a.parameters, b.parameters),
  }
}

/** How long a shape is as a list or as a map. */
export const countOf = ({ list, read: reads = [] }: Shape): Count =>
  [list?.count ?? noCount, ...reads.map(countOfRead)].reduce((a, b) => merged(a, b, Math.max))

function countOfRead({ root, name, depth }: Read): Count {
  if (root === 'params') return { ...noCount, parameters: 1 }
  const isOfObject = root === 'object' || root === 'oldObject'
  return isOfObject && depth === 0
    ? { ...noCount, lists: new Map([[`${root} ${name}`, 1]]) }
    : { ...noCount, nested: 1 }
}

/** The elements of a list, and the values of a map. */
export const elementOf = ({ list, read: reads = [] }: Shape): Shape =>
  either([
    ...(list === undefined ? [] : [list.element]),
    { read: reads.map((each) => ({ ...each, depth: each.depth + 1 })) },
  ])

/** What a field is. */
export const fieldOf = ({ list, read: reads = [] }: Shape, name: string): Shape =>
  either([...(list === undefined ? [] : [list.element]), { read: reads.map((each) => ({ ...each, name })) }])

/** Two lists, one after the other. */
export const joinedLists = (a: Shape, b: Shape): Shape => ({
  list: {
    count: merged(countOf(a), countOf(b), (one, other) => one + other),
    element: either([elementOf(a), elementOf(b)]),
  },
})

/** A list as long as another, of other elements. */
export const asLongAs = (of: Shape, element: Shape, whole?: number): Shape => ({
  list: { count: countOf(of), element, ...(whole !== undefined && { whole }) },
})

/** How long the elements of a list are together, where that is known by itself. */
export const wholeTextOf = ({ list, read: reads = [] }: Shape): number | undefined =>
  reads.length > 0 ? undefined : list?.whole

/** How many elements a shape has at most. Lists of one object have no more together than the sizes say. */
export function elementsOf(shape: Shape, sizes: CelSizes): number {
  const { fixed, lists, nested, parts, parameters } = countOf(shape)
  const ofRoots = new Map<string, number>()
  for (const [list, times] of lists) {
    const [root = ''] = list.split(' ')
    ofRoots.set(root, Math.max(ofRoots.get(root) ?? 0, times))
  }
  const times = [...ofRoots.values()].reduce((sum, each) => sum + each, 0)
  return (
    fixed +
    times * sizes.elements +
    nested * sizes.nested +
    parts * sizes.parts +
    parameters * sizes.parameters
  )
}

export const canBeText = ({ text, read: reads = [] }: Shape): boolean =>
  text !== undefined || reads.length > 0

export const canBeList = ({ list, read: reads = [] }: Shape): boolean =>
  list !== undefined || reads.length > 0

/** How long a shape is at most as a text. */
export const lengthOf = ({ text = 0, read: reads = [] }: Shape, sizes: CelSizes): number =>
  Math.max(text, ...reads.map(({ root }) => (root === 'params' ? sizes.parameterText : sizes.text)))

/** Its size as the library has it: of a text, a list or a map what it has in it, and 1 of anything else. */
export const sizeOf = (shape: Shape, sizes: CelSizes): number =>
  Math.max(1, lengthOf(shape, sizes), elementsOf(shape, sizes))
