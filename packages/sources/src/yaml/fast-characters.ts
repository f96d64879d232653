/** Classes of ASCII characters, as bits. */
export const startsKey = 1
export const inKey = 2
/** May begin a word or number, and so has to be resolved. */
export const startsWord = 4
/** Begins no plain value, or one that the full reader has to look at. */
export const startsNoPlain = 8
export const startsFlow = 16
export const inFlow = 32

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const digits = '0123456789'

/** The classes of each ASCII character. */
export const characterClasses: Uint8Array = new Uint8Array(128)

function mark(characters: string, flag: number): void {
  for (const character of characters) {
    const unit = character.charCodeAt(0)
    characterClasses[unit] = (characterClasses[unit] ?? 0) | flag
  }
}

mark(`${letters}${digits}_/=(<^$\\.+`, startsKey)
mark(`${letters}${digits}_./-+=()$^~@*%;<>|&\\! ,?'[]`, inKey)
mark(`${digits}+-.~yYnNtTfFoO`, startsWord)
mark('&*!%@`,[]{}?:|>#\'"', startsNoPlain)
mark(`${letters}${digits}_./+=$~()-`, startsFlow)
mark(`${letters}${digits}_./+=$~()- ^@*%;<>|&\\!`, inFlow)
