import { isNumber, type Json, numberText } from '@gatewright/core'

/** A value as indented JSON text, with every digit of its numbers, which `JSON.stringify` cannot write. Keys without a value are left out. */
export function jsonText(value: Json, indentation = ''): string {
  if (isNumber(value)) return numberText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indentation}  `
  const isList = Array.isArray(value)
  const parts = isList
    ? (value as readonly Json[]).map((each) => jsonText(each, inner))
    : Object.entries(value as Readonly<Record<string, Json | undefined>>).flatMap(([key, each]) =>
        each === undefined ? [] : [`${JSON.stringify(key)}: ${jsonText(each, inner)}`],
      )
  const [open, close] = isList ? '[]' : '{}'
  if (parts.length === 0) return `${open}${close}`
  return `${open}\n${parts.map((each) => `${inner}${each}`).join(',\n')}\n${indentation}${close}`
}
