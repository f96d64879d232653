/** Where reading stops; each limit is an error, never a cut. */

/** Bytes of one file or of standard input. */
export const largestFile: number = 64 * 1024 * 1024

/** Bytes of one document: what the API server and etcd take. */
export const largestDocument: number = 3 * 1024 * 1024

/** Documents in one file. */
export const mostDocuments = 100_000

/** Nesting of mappings and sequences, aliases expanded. */
export const deepest = 200

/** Nodes of one document, aliases expanded. */
export const mostNodes = 1_000_000
