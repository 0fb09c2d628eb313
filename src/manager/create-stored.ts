import { firstKey } from '../crypto/mac.ts'
import { type SessionToken, sign } from '../crypto/session-token.ts'
import { tagOf } from '../crypto/tag.ts'
import { type Bytes, toBase64Url } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { randomBytes, regeneratedRecord, toSeconds } from '../session/lifecycle.ts'
import type { SessionRecord } from '../session/record.ts'
import { federatedTags, type Subject } from './federated.ts'
import type { Settings } from './settings.ts'
import type { FoundLive, Shelf } from './shelf.ts'
import { TRIES } from './tries.ts'

/** A record that was just created, and the only copy of its token. */
export interface Newborn {
  readonly found: FoundLive
  readonly token: SessionToken
  readonly cookie: string
}

/**
 * Creates a record under a token of its own. A handle that is taken is drawn again, so that no record is overwritten.
 *
 * @param tags Of the session that goes on in it; without them they are made.
 */
export async function createStored(
  settings: Settings<object>,
  shelf: Shelf,
  record: SessionRecord,
  tags?: readonly Bytes[],
): Promise<Newborn> {
  const { keyring, cookie, clock } = settings
  const first = await firstKey(keyring)
  const listed =
    tags ?? (await Promise.all(subjectsOf(record).map((subject) => tagOf(keyring, first, ...subject))))
  for (let tries = 0; tries < TRIES; tries++) {
    const handle = tries === 0 ? record.handle : anotherHandle(record, tags !== undefined)
    const { value, token } = await sign(keyring, first, cookie.name, handle, randomBytes(32))
    const since = toSeconds(clock())
    const current = { hash: token.hash, kid: first.index, since, seed: randomBytes(16) }
    const found = await shelf.create({ record: { ...record, handle }, tokens: { current }, tags: listed })
    if (found !== null) return { found, token, cookie: toBase64Url(value) }
  }
  throw new SessionError('ERR_SESSION_STORE', 'The store says of every new session that it is there already.')
}

/** Of a session that goes on the half stays by which it is known. */
function anotherHandle(record: SessionRecord, goesOn: boolean): Bytes {
  return goesOn ? regeneratedRecord(record).handle : randomBytes(16)
}

/** Where it is listed: by its user, also of half a sign-in, for "sign out everywhere" ends that too. */
function subjectsOf({ user, pending }: SessionRecord): Subject[] {
  const who = user ?? pending
  return who === undefined ? [] : [['user', who.id], ...federatedTags(who.oidc)]
}
