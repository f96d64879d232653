/** Why a bundle is not what it should be, and the file of it that is meant, where there is one. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
  readonly file: string | undefined

  constructor(message: string, file?: string) {
    super(file === undefined ? message : `${JSON.stringify(file)}: ${message}`)
    this.file = file
  }
}
