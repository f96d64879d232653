import { imagesAndNetworks } from './library/images-and-networks.js'
import { numbers } from './library/numbers.js'
import { reviews } from './library/reviews.js'
import { values } from './library/values.js'
import { versionsAndTimes } from './library/versions-and-times.js'
import type { Dialect } from './print.js'

/** The shape that the emitted Rego is asked in: a package of its own for plain OPA, or a template for Gatekeeper. */
export type Entry = 'opa' | 'gatekeeper'

type Text = string | Readonly<Record<Entry, string>>

/** The texts of the library, in the order in which they are printed, by the name of the first rule of each. */
const texts: Readonly<Record<string, Text>> = {
  ...reviews,
  ...values,
  ...numbers,
  ...versionsAndTimes,
  ...imagesAndNetworks,
}

/** The names of the library's rules and functions, each with the text that it stands in. */
const owners: ReadonlyMap<string, string> = new Map(
  Object.entries(texts).flatMap(([owner, text]) =>
    definedIn(typeof text === 'string' ? text : text.opa).map((name) => [name, owner] as const),
  ),
)

/** The names that a policy's own rules must not have where the library stands beside them. */
export const libraryNames: ReadonlySet<string> = new Set(owners.keys())

function definedIn(text: string): readonly string[] {
  return [
    ...new Set(
      [...text.matchAll(/^(?:default )?(?!else\b|default )([a-z][a-z0-9_]*)/gm)].map(
        ([, name]) => name as string,
      ),
    ),
  ]
}

/** The texts that are needed for the rules that are asked, with what they ask in turn. */
export function libraryFor(names: Iterable<string>, entry: Entry, dialect: Dialect): readonly string[] {
  const needed = new Set<string>()
  const add = (name: string): void => {
    const owner = owners.get(name)
    if (owner === undefined || needed.has(owner)) return
    needed.add(owner)
    for (const [word] of textOf(owner, entry).matchAll(/(?<![.\w"])[a-z][a-z0-9_]*/g)) add(word)
  }
  for (const name of names) add(name)
  return Object.keys(texts)
    .filter((owner) => needed.has(owner))
    .map((owner) => textOf(owner, entry))
    .map((text) => (dialect === 'v0' ? inV0(text) : text))
}

function textOf(owner: string, entry: Entry): string {
  const text = texts[owner] as Text
  return (typeof text === 'string' ? text : text[entry]).trim().replaceAll('$request', requestOf(entry))
}

/** What the request of a review is called: Gatekeeper hands it in under one name always. */
export const requestOf = (entry: Entry): string => (entry === 'opa' ? 'request' : 'input.review')

/** The library is written in the part of v1 that differs from v0 in spelling only. */
function inV0(text: string): string {
  return text
    .replace(
      /^(\t*)(.*?)\bsome (\w+), (\w+) in ((?:[^;|\n\][{}]|\[[^\]\n]*\])+?)(?=$|;|\]|\})/gm,
      (_, indent: string, before: string, key: string, value: string, list: string) =>
        // without `some` a key would be the rule of that name, where a policy has one
        key === '_'
          ? `${indent}${before}${value} := ${list}[_]`
          : `${indent}${before}some ${key}${before === '' ? `\n${indent}` : '; '}${value} := ${list}[${key}]`,
    )
    .replace(
      /\bsome (\w+) in ((?:[^;|\n\][{}]|\[[^\]\n]*\])+?)(?=$|;|\]|\})/gm,
      (_, name: string, list: string) => (name === '_' ? `_ = ${list}[_]` : `${name} := ${list}[_]`),
    )
    .replace(/^(\w+) contains (.*?)(?= if|$)/gm, '$1[$2]')
    .replace(/^((?:\w+(?:\(.*?\))?|else)) := /gm, '$1 = ')
    .replace(/ if \{$/gm, ' {')
    .replace(/^((?:\w|else).*?) if (.*)$/gm, '$1 {\n\t$2\n}')
}
