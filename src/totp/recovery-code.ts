import { sha256 } from '../crypto/sha256.ts'
import { toBase64Url, utf8 } from '../encoding.ts'

/** Crockford's base32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Of 5 bits each: 120 bits in all. From 112 on, ASVS 6.5.2 and NIST SP 800-63B-4 section 3.1.2 are content with a plain
 * hash; below, it would have to be a slow one.
 */
const CHARACTERS = 24

const GROUPS = /.{4}(?=.)/g
const VALID = new RegExp(`^[${ALPHABET}]{${CHARACTERS}}$`)

/** Longer than any code with all its spaces and dashes. */
const MAX_LENGTH = 100

/** A new code, such as `7W2K-90XR-T4MB-CEZ1-5HVQ-8NDA`. */
export function newRecoveryCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(CHARACTERS))
  const text = Array.from(bytes, (byte) => ALPHABET.charAt(byte % 32)).join('') // 32 divides 256: no bias.
  return text.replace(GROUPS, '$&-')
}

/**
 * The code that was meant, without dashes: any case, with spaces and dashes anywhere, and with the letters that look
 * like digits. Null when it is none.
 */
export function readRecoveryCode(typed: unknown): string | null {
  if (typeof typed !== 'string' || typed.length > MAX_LENGTH) return null
  const text = typed
    .replace(/[\s\p{Dash_Punctuation}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  return VALID.test(text) ? text : null
}

/** What is kept of a code, as base64url. A salt would make no difference to codes drawn at random. */
export async function recoveryHash(code: string): Promise<string> {
  return toBase64Url(await sha256(utf8(code)))
}
