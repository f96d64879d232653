import { createHash, timingSafeEqual } from 'node:crypto'
import { isBundleName } from './bundle-shelf.js'

/** Who may ask for what. */
export interface Access {
  /** Whether a request with this `Authorization` may have a bundle, by its name, or post to a sink, `/status` or `/logs`. */
  allows(resource: string, authorization: string | undefined): boolean
}

/** Everyone who gets through to the server may have all. */
export const openAccess: Access = { allows: () => true }

/**
 * Reads a file of tokens: on each line a bundle, `*` for all bundles, `/status` or `/logs`, and a token of at least 16 characters; `#` begins a
 * comment. What has no token can be asked for by nobody. Throws a `SyntaxError` that names the line, and no token.
 */
export function tokenAccess(text: string): Access {
  const tokens = text.split(/\r?\n/).flatMap((line, i) => {
    const plain = line.replace(/(?:^|\s)#.*$/, '').trim()
    if (plain === '') return []
    const [resource = '', token = '', ...more] = plain.split(/\s+/)
    const isResource = ['*', '/status', '/logs'].includes(resource) || isBundleName(resource)
    if (!isResource || more.length > 0 || !/^[\x21-\x7e]{16,}$/.test(token))
      throw new SyntaxError(`line ${i + 1} of the tokens is no bundle and a token of at least 16 characters`)
    return [{ resource, hash: hashOf(token) }]
  })
  return {
    allows: (resource, authorization) => {
      const given = hashOf(/^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1] ?? '')
      let isAllowed = false
      // all of them each time, so that how long it takes says nothing of which
      for (const each of tokens) {
        const isEqual = timingSafeEqual(each.hash, given)
        const isMeant = each.resource === resource || (each.resource === '*' && !resource.startsWith('/'))
        isAllowed = (isEqual && isMeant) || isAllowed
      }
      return isAllowed
    },
  }
}

const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest()
