import { openToken, type SessionToken, TOKEN_COOKIE_LENGTH } from '../crypto/session-token.ts'
import { fromBase64Url } from '../encoding.ts'
import { toSeconds, touchedRecord } from '../session/lifecycle.ts'
import type { Tombstone } from '../session/stored.ts'
import type { Refused, SessionBackend } from './backend.ts'
import { endSession } from './end-session.ts'
import { classify, confirmed, offered } from './renewal.ts'
import { publicId } from './report.ts'
import { saveStored } from './save-stored.ts'
import type { Settings } from './settings.ts'
import { type Found, type FoundLive, isLive, type Shelf } from './shelf.ts'
import { held, type StoreHeld, TRIES } from './store-held.ts'

/** Keeps records in a store; the cookie is a signed handle with a token. */
export function storeBackend(settings: Settings<object>, shelf: Shelf): SessionBackend<StoreHeld> {
  async function look(token: SessionToken, now: number): Promise<StoreHeld | Refused> {
    const { handle } = token
    const found = await shelf.get(handle)
    if (found === null) return { reason: 'unknown-session', handle }
    if (!isLive(found)) return refuse(found, token, now)
    const tokenClass = await classify(settings, token, found.content.tokens, now)
    if (tokenClass !== 'reused') return held(token, tokenClass, found)
    const userId = found.content.record.user?.id
    return { reason: 'reused', handle, userId, verdict: () => endReused(found, token, now) }
  }

  async function refuse(found: Found, { handle }: SessionToken, now: number): Promise<Refused> {
    if (found.content === null) {
      await shelf.discard(found)
      return { reason: 'undecodable', handle }
    }
    const { endedAt, successor } = found.content as Tombstone
    if (toSeconds(now) - endedAt <= settings.renewal.grace) return { reason: 'ended', handle, readOnly: true }
    if (successor === undefined || !shelf.isAtomic) return { reason: 'ended', handle }
    return { reason: 'reused', handle, verdict: () => endFrom(found) }
  }

  /** A copy of the token is about: ends the session on the version that was judged, else looks again. */
  async function endReused(found: FoundLive, token: SessionToken, now: number): Promise<void> {
    if (settings.onReuse === 'report') return
    if (await shelf.bury(found)) return reportEnd(found)
    const again = await look(token, now)
    if ('reason' in again && again.reason === 'reused') await again.verdict?.()
  }

  async function endFrom(found: Found): Promise<void> {
    if (settings.onReuse === 'report') return
    const ended = await endSession(shelf, found, 'delete')
    if (ended !== null) reportEnd(ended)
  }

  function reportEnd({ content: { record } }: FoundLive): void {
    settings.emit({ type: 'end', reason: 'reused', sessionId: publicId(record), userId: record.user?.id })
  }

  /** The offered token came back: it is the current one from now on. Of several requests with it one says so. */
  async function confirm(current: StoreHeld, now: number): Promise<StoreHeld | null> {
    const { token, found, record } = current
    const tokens = await confirmed(settings, token, found.content.tokens, now)
    const touched = touchedRecord(settings.policy, record, now)
    const renewed = await shelf.update(found, { ...found.content, record: touched, tokens })
    if (renewed === null) return null
    settings.emit({ type: 'renew', sessionId: publicId(record), userId: record.user?.id })
    return { ...current, record: touched, found: renewed, tokenClass: 'current' }
  }

  return {
    shared: true,
    canEnd: true,
    async load(value, now) {
      if (value.length !== TOKEN_COOKIE_LENGTH) {
        return { reason: value.length > TOKEN_COOKIE_LENGTH ? 'too-long' : 'malformed' }
      }
      const bytes = fromBase64Url(value)
      if (bytes === null) return { reason: 'malformed' }
      const token = await openToken(settings.keyring, settings.cookie.name, bytes)
      return typeof token === 'string' ? { reason: token } : look(token, now)
    },
    async settle(loaded, now) {
      let current = loaded
      for (let tries = 0; tries < TRIES && current.tokenClass === 'next'; tries++) {
        // A confirmation that fails is made up for by the next request; this one is served.
        const renewed = await confirm(current, now).catch(() => current)
        if (renewed !== null) return renewed
        const again = await look(current.token, now)
        if ('reason' in again) return again
        current = again
      }
      return current
    },
    save: (loaded, change) => saveStored(settings, shelf, loaded, change),
    async offer({ token, tokenClass, found, record }, now) {
      if (tokenClass !== 'current') return null
      return offered(settings, token, found.content.tokens, record, now)
    },
    async end({ found }) {
      await endSession(shelf, found, 'delete')
    },
    discard: ({ found }) => shelf.discard(found),
    async stands({ found }) {
      return isLive(await shelf.get(found.handle))
    },
  }
}
