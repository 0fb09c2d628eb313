import type { Layout } from './field.ts'

/*
 * What a page shows of a cookie must not be the cookie: pages are photographed, cached, and read by extensions, from
 * which HttpOnly keeps it. So the tag never leaves the server, and of what is secret only the first bytes do.
 */

const KID: Layout = { name: 'kid', size: 4, means: 'Which secret: its public name, derived from it.' }

const HOUR: Layout = {
  name: 'hour',
  size: 3,
  means: (bytes) => {
    const hours = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    const from = new Date(hours * 3_600_000).toISOString()
    return `Which key: that of the hour from ${from.slice(0, 10)}, ${from.slice(11, 16)} UTC. No key seals for longer.`
  },
}

const IV: Layout = { name: 'iv', size: 12, means: 'Random, new for every seal.' }

/** `01`: the session itself, in the cookie. */
export const SEALED_COOKIE: readonly Layout[] = [
  { name: 'version', size: 1, means: 'Format 1: a sealed session.' },
  KID,
  HOUR,
  IV,
  {
    name: 'ciphertext',
    shown: 8,
    means: 'The session, encrypted with AES-256-GCM; as long as what is in it.',
  },
  { name: 'tag', size: 16, shown: 0, means: 'Proves that not one bit of all this was changed.' },
]

/** `02`: a handle to the session in a store. */
export const ID_COOKIE: readonly Layout[] = [
  { name: 'version', size: 1, means: 'Format 2: an id cookie.' },
  KID,
  { name: 'handle', size: 16, means: 'The public id of the session, and the key of its record.' },
  {
    name: 'token',
    size: 32,
    shown: 0,
    means: 'The secret: 256 random bits. The record knows it by a hash only.',
  },
  {
    name: 'tag',
    size: 16,
    shown: 0,
    means: 'An HMAC: a forged cookie is refused before the store is asked.',
  },
]

/** A record in a store: sealed as a cookie is, under a key of its own, and it opens nothing. So all of it may be shown. */
export const RECORD: readonly Layout[] = [
  { name: 'version', size: 1, means: 'Format 1: sealed.' },
  KID,
  HOUR,
  IV,
  {
    name: 'ciphertext',
    means: 'The session, with the hash of its token; bound to the key that it stands under.',
  },
  { name: 'tag', size: 16, means: 'Proves that not one bit of it was changed, or moved to another key.' },
]
