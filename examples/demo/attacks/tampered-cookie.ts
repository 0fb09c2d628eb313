import type { Mode } from '../sessions.ts'
import type { Attack } from './attack.ts'
import { JAKARTA, LISBON } from './place.ts'

/** One byte of each field. */
const SEALED = [
  ['version', 0],
  ['kid', 1],
  ['hour', 5],
  ['iv', 8],
  ['ciphertext', 20],
  ['tag', -1],
] as const

const ID = [
  ['version', 0],
  ['kid', 1],
  ['handle', 5],
  ['token', 21],
  ['tag', -1],
] as const

const CONCLUSION: Record<Mode, string> = {
  sealed:
    'Each was refused, and answered as if there had been no cookie at all. A wrong version, secret or hour costs no ' +
    'cryptography; the rest fails the one authenticated decryption, for AES-GCM covers every byte.',
  kv: 'Each was refused before the store was asked: the tag is an HMAC over handle and token.',
  'durable-object': 'Each was refused before the store was asked: the tag is an HMAC over handle and token.',
}

export const tamperedCookie: Attack = {
  id: 'tampered-cookie',
  title: 'A tampered cookie',
  plan: 'Take a valid cookie, turn one bit in each of its fields, and see whether any of them still opens the account.',
  async run(stage) {
    const hedy = await stage.victim(LISBON)
    const forger = stage.visitor(JAKARTA)
    for (const [field, at] of stage.mode === 'sealed' ? SEALED : ID) {
      forger.cookie = withBitTurned(hedy.cookie ?? '', at)
      await stage.did('The forger', `shows it with one bit of the ${field} turned.`, forger.get('/account'))
    }
    await stage.did('Hedy', 'goes on with her own.', hedy.get('/account'))
    return CONCLUSION[stage.mode]
  },
}

/** @param at A byte, from the end when negative. */
function withBitTurned(cookie: string, at: number): string {
  const bytes = Uint8Array.from(atob(cookie.replaceAll('-', '+').replaceAll('_', '/')), (c) =>
    c.charCodeAt(0),
  )
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
