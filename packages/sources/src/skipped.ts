/** A file that is not read, and why. */
export interface Skipped {
  readonly name: string
  readonly code: 'missing' | 'unreadable' | 'symbolic-link' | 'not-a-file' | 'no-match' | 'file-too-large'
  readonly message: string
}

/** Why the file system refused, in words. */
export function reasonOf(error: unknown): Pick<Skipped, 'code' | 'message'> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { code: 'missing', message: 'there is no such file' }
    case 'ELOOP':
      return { code: 'symbolic-link', message: 'its links lead in a circle' }
    case 'EACCES':
    case 'EPERM':
      return { code: 'unreadable', message: 'the permission to read it is missing' }
    default:
      return { code: 'unreadable', message: `reading it failed with ${code}` }
  }
}
