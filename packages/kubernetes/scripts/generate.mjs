// Writes src/generated/ out of the API's own OpenAPI documents and Go types, both in Go modules of the Kubernetes project.
//   node scripts/generate.mjs           writes
//   node scripts/generate.mjs --check   exits 1 when the committed files differ
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const releases = ['v1.33.13', 'v1.34.4', 'v1.35.4', 'v1.36.3', 'v1.37.2']
const generated = fileURLToPath(new URL('../src/generated/', import.meta.url))

/** The folder of a module in Go's module cache. */
function moduleFolder(name, version) {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-generate-'))
  const answer = execFileSync('go', ['mod', 'download', '-json', `${name}@${version}`], {
    cwd: folder,
    encoding: 'utf8',
  })
  return JSON.parse(answer).Dir
}

// ─── reading the documents

/** `io.k8s.api.core.v1.Container` → `core/v1/Container`. */
function shortName(name) {
  const parts = name.split('.')
  const kind = parts.pop()
  const from = name.startsWith('io.k8s.api.') ? parts.slice(3) : parts.slice(-2)
  return [...from, kind].join('/')
}

const special = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'x',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 't',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 't',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': 'd',
}

/** A schema in the compact code that `schemas.ts` reads. */
function code(schema, enumeration) {
  if (schema.allOf?.length === 1) return code(schema.allOf[0], enumeration)
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice('#/components/schemas/'.length)
    return special[name] ?? `#${shortName(name)}`
  }
  if (schema.format === 'int-or-string') return 'x'
  switch (schema.type) {
    case 'string': {
      if (schema.format === 'date-time') return 't'
      const values = schema.enum ?? enumeration
      return values === undefined ? 's' : `(${[...values].sort().join('|')})`
    }
    case 'integer':
      return 'i'
    case 'number':
      return 'n'
    case 'boolean':
      return 'b'
    case 'array':
      return `[${code(schema.items ?? {}, enumeration)}`
    case 'object':
      if (schema.additionalProperties !== undefined) return `{${code(schema.additionalProperties)}`
  }
  return 'u'
}

/** Enumerations of Go's types: `{ 'core/v1/Container': { imagePullPolicy: [...] } }`. */
function enumerations(folder) {
  const found = {}
  const groups = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const group of groups) {
    const versions = readdirSync(join(folder, group.name)).filter((name) => /^v\d/.test(name))
    for (const version of versions) {
      let text
      try {
        text = readFileSync(join(folder, group.name, version, 'types.go'), 'utf8')
      } catch {
        continue
      }
      const types = new Set(
        [...text.matchAll(/\/\/ \+enum\n(?:\/\/.*\n)*type (\w+) string/g)].map((match) => match[1]),
      )
      const values = {}
      for (const [, type, value] of text.matchAll(/^\s+\w+\s+(\w+)\s*=\s*"([^"]*)"/gm)) {
        if (types.has(type) && value !== '') (values[type] ??= new Set()).add(value)
      }
      for (const [, struct, body] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
        for (const [, type, field] of body.matchAll(/^\s+\w+\s+(?:\[\]|\*)?(\w+)\s+`json:"(\w+)/gm)) {
          if (values[type] !== undefined)
            (found[`${group.name}/${version}/${struct}`] ??= {})[field] = [...values[type]]
        }
      }
    }
  }
  return found
}

/** One release: definitions by short name, and the resources that are served. */
function readRelease(release) {
  const folder = join(moduleFolder('k8s.io/kubernetes', release), 'api/openapi-spec/v3')
  const enums = enumerations(moduleFolder('k8s.io/api', release.replace(/^v1/, 'v0')))
  const definitions = new Map()
  const resources = new Map()
  for (const file of readdirSync(folder).sort()) {
    const document = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      if (special[name] === undefined)
        definitions.set(shortName(name), definition(shortName(name), schema, enums))
    }
    for (const [path, item] of Object.entries(document.paths ?? {})) readPath(path, item, document, resources)
  }
  return { definitions, resources }
}

function definition(name, schema, enums) {
  const properties = schema.properties
  const required = new Set(schema.required ?? [])
  if (properties === undefined)
    return { doc: schema.description ?? '', alias: code({ ...schema, description: undefined }) }
  const fields = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    doc: schema.description ?? '',
    kinds: schema['x-kubernetes-group-version-kind'] ?? [],
    fields: fields.map(([key, field]) => ({
      key,
      code: code(field, enums[name]?.[key]),
      // kind and apiVersion stand in every object; the documents do not say so
      required:
        required.has(key) ||
        ((key === 'kind' || key === 'apiVersion') && schema['x-kubernetes-group-version-kind'] !== undefined),
      doc: field.description ?? '',
    })),
  }
}

const collection = /^\/api(?:s\/[^/]+)?\/[^/]+\/(?:namespaces\/\{namespace\}\/)?([a-z0-9]+)$/
const subresource =
  /^\/api(?:s\/[^/]+)?\/[^/]+\/(?:namespaces\/\{namespace\}\/)?([a-z0-9]+)\/\{name\}\/([a-z]+)$/

function readPath(path, item, document, resources) {
  const operation = item.post ?? item.get ?? item.put
  const of = operation?.['x-kubernetes-group-version-kind']
  if (of === undefined) return
  const prefix = path.split('/').slice(1, path.startsWith('/apis/') ? 4 : 3)
  const [group, version] = prefix[0] === 'apis' ? prefix.slice(1) : ['', prefix[1]]
  const match = collection.exec(path)
  if (match !== null) {
    const key = `${group}/${version}/${match[1]}`
    const namespaced = path.includes('{namespace}')
    const known = resources.get(key)
    const named = Object.keys(document.components.schemas).find((name) =>
      document.components.schemas[name]['x-kubernetes-group-version-kind']?.some(
        (each) => each.group === of.group && each.version === of.version && each.kind === of.kind,
      ),
    )
    const entry = known ?? {
      group,
      version,
      kind: of.kind.replace(/List$/, ''),
      plural: match[1],
      namespaced,
      subresources: new Set(),
    }
    if (item.post !== undefined || known === undefined) {
      resources.set(key, {
        ...entry,
        kind: item.post === undefined ? entry.kind : of.kind,
        namespaced: entry.namespaced || namespaced,
        definition: named === undefined ? undefined : shortName(named),
      })
    }
    return
  }
  const sub = subresource.exec(path)
  if (sub === null) return
  const owner = resources.get(`${group}/${version}/${sub[1]}`)
  if (owner !== undefined) owner.subresources.add(sub[2])
}

// ─── writing

/** All definitions, each with the spans of releases in which its text is the same. */
function schemaTable(all) {
  const names = [...new Set(all.flatMap(({ definitions }) => [...definitions.keys()]))].sort()
  const table = {}
  for (const name of names) {
    const spans = []
    for (const [index, { definitions }] of all.entries()) {
      const found = definitions.get(name)
      if (found === undefined) continue
      const text =
        found.alias ??
        found.fields.map(({ key, code, required }) => `${key}:${code}${required ? '!' : ''}`).join(';')
      const last = spans.at(-1)
      const shown = found.alias === undefined ? text : `=${text}`
      if (last !== undefined && last[2] === shown && last[1] === index - 1) last[1] = index
      else spans.push([index, index, shown])
    }
    table[name] = spans
  }
  return table
}

function resourceTable(all) {
  const rows = new Map()
  for (const [index, { resources }] of all.entries()) {
    for (const [key, entry] of resources) {
      if (entry.definition === undefined) continue
      const known = rows.get(key)
      if (known === undefined) rows.set(key, { ...entry, from: index, to: index })
      else
        Object.assign(known, {
          to: index,
          subresources: new Set([...known.subresources, ...entry.subresources]),
        })
    }
  }
  return [...rows.values()]
    .sort((a, b) => compare(`${a.group}/${a.plural}/${a.version}`, `${b.group}/${b.plural}/${b.version}`))
    .map((row) => [
      row.group,
      row.version,
      row.kind,
      row.plural,
      row.namespaced ? 1 : 0,
      row.definition,
      [...row.subresources].sort().join(' '),
      row.from,
      row.to,
    ])
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/** Stable versions before beta before alpha, newer before older. */
function rank(name) {
  const [group, version] = name.split('/').slice(-3)
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version ?? '')
  if (match === null) return [3, 0, 0]
  const stage = match[2] === undefined ? 0 : match[2] === 'beta' ? 1 : 2
  const home = group === 'core' || group === 'apps' || group === 'meta' ? 0 : 1
  return [stage, home, -Number(match[1]) * 100 - Number(match[3] ?? 0)]
}

function byRank(a, b) {
  const [x, y] = [rank(a), rank(b)]
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2] || compare(a, b)
}

const reserved = new Set([
  'Condition',
  'Date',
  'Function',
  'Map',
  'Object',
  'Set',
  'String',
  'Array',
  'Promise',
  'Error',
  'Event',
  'Node',
  'Record',
  'Status',
  'Scale',
])

/** A TypeScript name for each definition: the plain one for the best, with group and version for the others. */
function typeNames(names) {
  const result = new Map()
  const taken = new Set()
  const pascal = (text) =>
    text.replace(/(^|[^A-Za-z0-9]+)([a-z0-9])/gi, (_, __, letter) => letter.toUpperCase())
  for (const name of [...names].sort(byRank)) {
    const parts = name.split('/')
    const kind = parts.at(-1)
    const plain = reserved.has(kind) ? `${kind === 'Condition' ? 'Meta' : 'Kubernetes'}${kind}` : kind
    const full = parts.map(pascal).join('')
    const chosen = taken.has(plain) ? full : plain
    taken.add(chosen)
    result.set(name, chosen)
  }
  return result
}

function typeOf(text, names) {
  switch (text[0]) {
    case 's':
      return 'string'
    case 'i':
    case 'n':
      return 'number'
    case 'b':
      return 'boolean'
    case 'q':
      return 'Quantity'
    case 't':
      return 'Time'
    case 'd':
      return 'Duration'
    case 'x':
      return 'IntOrString'
    case 'u':
      return 'unknown'
    case '(':
      return text
        .slice(1, -1)
        .split('|')
        .map((value) => `'${value}'`)
        .join(' | ')
    case '#':
      return names.get(text.slice(1)) ?? 'unknown'
    case '[':
      return `readonly (${typeOf(text.slice(1), names)})[]`.replace(/\((\w+)\)/, '$1')
    case '{':
      return `Readonly<Record<string, ${typeOf(text.slice(1), names)}>>`
  }
  throw new Error(`no type for ${text}`)
}

/** A description as a comment: its first paragraphs, not longer than a hover shows at once. */
function comment(text, indent, note) {
  const paragraphs = text.replaceAll('*/', '* /').split(/\n\s*\n/)
  let kept = ''
  for (const paragraph of paragraphs) {
    const line = paragraph.replace(/\s+/g, ' ').trim()
    if (kept !== '' && kept.length + line.length > 700) break
    kept += (kept === '' ? '' : ' ') + line
  }
  if (kept.length > 1200) kept = `${kept.slice(0, 1197).replace(/\s+\S*$/, '')} …`
  const whole = [kept, note].filter((part) => part).join(' ')
  return whole === '' ? '' : `${indent}/** ${whole} */\n`
}

function types(all) {
  const newest = all.at(-1).definitions
  const merged = new Map()
  for (const [index, { definitions }] of all.entries()) {
    for (const [name, found] of definitions) {
      const known = merged.get(name) ?? { ...found, fields: undefined, byKey: new Map() }
      for (const field of found.fields ?? []) known.byKey.set(field.key, { ...field, last: index })
      merged.set(name, {
        ...known,
        doc: found.doc,
        alias: found.alias,
        last: index,
        hasFields: found.fields !== undefined,
      })
    }
  }
  const names = typeNames(merged.keys())
  const minor = (index) => releases[index].split('.').slice(0, 2).join('.').slice(1)
  const until = (last) => (last === all.length - 1 ? undefined : `Removed after ${minor(last)}.`)
  let text = `// Made by scripts/generate.mjs from the OpenAPI documents of Kubernetes ${releases.map((each) => each.slice(1)).join(', ')}. Descriptions: The Kubernetes Authors, Apache-2.0.\nimport type { InUnit } from '@gatewright/core'\n\n/** A quantity, such as \`500m\` or \`1Gi\`. */\nexport type Quantity = InUnit<'quantity', string | number>\n/** An RFC 3339 time. */\nexport type Time = InUnit<'timestamp', string>\n/** A duration, such as \`1h30m\`. */\nexport type Duration = InUnit<'duration', string>\n/** A number, or a text such as a name or a percentage. */\nexport type IntOrString = number | string\n`
  for (const name of [...merged.keys()].sort()) {
    const found = merged.get(name)
    const type = names.get(name)
    text += `\n${comment(found.doc, '', until(found.last))}`
    if (!found.hasFields) {
      text += `export type ${type} = ${found.alias === undefined ? 'unknown' : typeOf(found.alias, names)}\n`
      continue
    }
    text += `export interface ${type} {\n`
    for (const field of [...found.byKey.values()].sort((a, b) => compare(a.key, b.key))) {
      const key = /^[A-Za-z_$][\w$]*$/.test(field.key) ? field.key : `'${field.key}'`
      const literal =
        field.key === 'kind' && newest.get(name)?.kinds?.length === 1
          ? `'${newest.get(name).kinds[0].kind}'`
          : undefined
      const note = field.last === found.last ? undefined : until(field.last)
      text += `${comment(field.doc, '  ', note)}  readonly ${key}${field.required ? '' : '?'}: ${literal ?? typeOf(field.code, names)}\n`
    }
    text += '}\n'
  }
  return { text, names }
}

/** `NetworkPolicy`, `networkpolicies` → `networkPolicies`. */
function constantName(kind, plural) {
  const lower = kind[0].toLowerCase() + kind.slice(1)
  if (/^[A-Z]{2}/.test(kind))
    return kind.replace(/^[A-Z]+(?=[A-Z][a-z])/, (head) => head.toLowerCase()) + plural.slice(kind.length)
  if (plural.startsWith(kind.toLowerCase())) return lower + plural.slice(kind.length)
  if (kind.endsWith('y')) return `${lower.slice(0, -1)}ies`
  return plural
}

function resources(table, names) {
  const best = new Map()
  for (const row of table) {
    const [group, version, kind, plural] = row
    const key = `${group}/${plural}`
    const known = best.get(key)
    if (
      known === undefined ||
      byRank(`${group || 'core'}/${version}/${kind}`, `${known[0] || 'core'}/${known[1]}/${kind}`) < 0
    )
      best.set(key, row)
  }
  const rows = [...best.values()].sort((a, b) =>
    compare(`${rank(`${a[0] || 'core'}/${a[1]}/x`)}${a[0]}`, `${rank(`${b[0] || 'core'}/${b[1]}/x`)}${b[0]}`),
  )
  const taken = new Set()
  const used = new Set()
  let body = ''
  for (const [group, version, kind, plural, namespaced, definition] of rows) {
    const type = names.get(definition)
    let constant = constantName(kind, plural)
    if (taken.has(constant))
      constant = `${group.split('.')[0]}${constant[0].toUpperCase()}${constant.slice(1)}`
    taken.add(constant)
    used.add(type)
    const groupVersion = group === '' ? version : `${group}/${version}`
    body += `\n/** Every \`${kind}\` of \`${groupVersion}\`. */\nexport const ${constant}: Resource<${type}> = resource({ group: '${group}', version: '${version}', kind: '${kind}', plural: '${plural}', namespaced: ${namespaced === 1} })\n`
  }
  return `// Made by scripts/generate.mjs.\nimport { resource, type Resource } from '../resource.js'\nimport type {\n${[
    ...used,
  ]
    .sort()
    .map((each) => `  ${each},\n`)
    .join('')}} from './types.js'\n${body}`
}

/** The kinds of each group, whatever their versions. */
function kinds(table) {
  const groups = new Map()
  for (const [group, , kind] of table) groups.set(group, (groups.get(group) ?? new Set()).add(kind))
  const lines = [...groups]
    .sort(([a], [b]) => compare(a, b))
    .map(
      ([group, all]) =>
        `  readonly '${group}': ${[...all]
          .sort()
          .map((kind) => `'${kind}'`)
          .join(' | ')}\n`,
    )
  return `// Made by scripts/generate.mjs.\n\n/** The kinds that the known versions of Kubernetes serve, by their groups. */\nexport interface ServedKinds {\n${lines.join('')}}\n`
}

const all = releases.map(readRelease)
const table = resourceTable(all)
const { text, names } = types(all)
const data = {
  versions: releases.map((release) => release.split('.').slice(0, 2).join('.').slice(1)),
  definitions: schemaTable(all),
  resources: table,
}
const quoted = JSON.stringify(JSON.stringify(data))
  .replaceAll('\u2028', '\\u2028')
  .replaceAll('\u2029', '\\u2029')
const files = {
  'types.ts': text,
  'resources.ts': resources(table, names),
  'kinds.ts': kinds(table),
  'schema-table.ts': `// Made by scripts/generate.mjs. One text, so that it costs nothing until it is read.\nexport const schemaTable: string = ${quoted}\n`,
}
let drifted = 0
for (const [name, content] of Object.entries(files)) {
  if (process.argv.includes('--check')) {
    let committed = ''
    try {
      committed = readFileSync(join(generated, name), 'utf8')
    } catch {}
    if (committed !== content) {
      console.error(`src/generated/${name} differs from what the documents give`)
      drifted++
    }
  } else {
    writeFileSync(join(generated, name), content)
    console.log(`${name}: ${content.length} characters`)
  }
}
process.exitCode = drifted > 0 ? 1 : 0
