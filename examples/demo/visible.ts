/** Control characters, and those that turn the direction of text or are not seen at all. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu

/** What a client sent, as it may be shown: hono/jsx escapes the markup, this shows what would not be seen. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
    return `[U+${code}]`
  })
}
