import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, string | { readonly default: string }>>
}

/** Tests run against the sources: every workspace import is pointed from `dist/x.js` at `src/x.ts`. */
export function sourceAliases(): { find: RegExp; replacement: string }[] {
  return ['packages', 'policies'].flatMap((room) =>
    readdirSync(`${root}${room}`).flatMap((folder) => {
      const path = `${root}${room}/${folder}/package.json`
      if (!existsSync(path)) return []
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
      return Object.entries(manifest.exports ?? {}).flatMap(([subpath, entry]) => {
        const file = typeof entry === 'string' ? entry : entry.default
        if (!file.startsWith('./dist/') || !file.endsWith('.js')) return []
        const specifier = manifest.name + subpath.slice(1)
        return [
          {
            find: new RegExp(`^${specifier.replaceAll('/', '\\/')}$`),
            replacement: `${root}${room}/${folder}/${file.replace('./dist/', 'src/').replace(/\.js$/, '.ts')}`,
          },
        ]
      })
    }),
  )
}
