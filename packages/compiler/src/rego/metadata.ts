import { type PolicyIr, wellFormed } from '@gatewright/core'
import { digestOf } from '../digest.js'
import { escaped, hidden } from './print.js'

/** The annotations of a policy's package. */
export function metadata({ id, title, description, severity, topic, controls }: PolicyIr): string {
  const lines = [
    'METADATA',
    `title: ${scalar(title)}`,
    ...(description === undefined ? [] : [`description: ${scalar(description)}`]),
    'custom:',
    `  id: ${scalar(id)}`,
    `  severity: ${severity}`,
    ...(topic === undefined ? [] : [`  topic: ${scalar(topic)}`]),
    ...(Object.keys(controls).length === 0 ? [] : ['  controls:']),
    ...Object.entries(controls).map(
      ([name, sections]) => `    ${scalar(name)}: [${sections.map(quoted).join(', ')}]`,
    ),
  ]
  return lines.map((line) => `# ${line}`).join('\n')
}

/** A text as YAML: bare where it cannot be anything else. */
export const scalar = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9 _./-]*[A-Za-z0-9.]$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : quoted(text)

/** A text as YAML in quotes, with nothing in it that YAML refuses. */
const quoted = (text: string): string => JSON.stringify(wellFormed(text)).replace(hidden, escaped)

/** A text under a line that says what made it, and tells whether it is as it was made. */
export function sealed(text: string): string {
  return `# made by gatewright; sha256 of what follows: ${digestOf(text)}\n\n${text}`
}
