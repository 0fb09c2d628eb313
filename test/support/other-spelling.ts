const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The same bytes in base64url, spelt with a bit set that means nothing. Their number must be no multiple of three. */
export function otherSpelling(text: string): string {
  return text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1) as string) + 1]
}
