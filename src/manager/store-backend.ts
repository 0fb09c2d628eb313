import { openToken, type SessionToken, TOKEN_COOKIE_LENGTH } from '../crypto/session-token.ts'
import { fromBase64Url } from '../encoding.ts'
import type { EndEvent } from '../events.ts'
import { toSeconds, touchedRecord } from '../session/lifecycle.ts'
import type { Tombstone } from '../session/stored.ts'
import { type Change, isHeld, type Refused, type Saved, type SessionBackend } from './backend.ts'
import { endSession } from './end-session.ts'
import { classify, confirmed, offered } from './renewal.ts'
import { publicNames } from './report.ts'
import { saveStored } from './save-stored.ts'
import type { Settings } from './settings.ts'
import { type Found, type FoundLive, isLive, type Shelf } from './shelf.ts'
import { held, type StoreHeld } from './store-held.ts'
import { storedUsers } from './stored-users.ts'
import { TRIES } from './tries.ts'

/**
 * Milliseconds. A request that took longer looks again before it sends a token: the session may have moved on meanwhile,
 * and a dead token would take the new one's place in the browser.
 */
const LONG_REQUEST = 1000

/** Keeps records in a store; the cookie is a signed handle with a token. */
export class StoreBackend implements SessionBackend<StoreHeld> {
  readonly shared = true
  readonly canEnd = true
  readonly #settings: Settings<object>
  readonly #shelf: Shelf

  constructor(settings: Settings<object>, shelf: Shelf) {
    this.#settings = settings
    this.#shelf = shelf
  }

  async load(value: string, now: number): Promise<StoreHeld | Refused> {
    const { keyring, cookie } = this.#settings
    if (value.length > TOKEN_COOKIE_LENGTH) return { reason: 'too-long' }
    const bytes = fromBase64Url(value)
    if (bytes === null) return { reason: 'malformed' }
    const token = await openToken(keyring, cookie.name, bytes)
    return typeof token === 'string' ? { reason: token } : this.#look(token, now)
  }

  /** The token that was offered came back: of several requests with it one makes it the current one. */
  async settle(loaded: StoreHeld, now: number): Promise<StoreHeld | Refused> {
    let current = loaded
    for (let tries = 0; tries < TRIES && current.tokenClass === 'next'; tries++) {
      // A confirmation that fails is made up for by the next request; this one is served.
      const renewed = await this.#confirm(current, now).catch(() => current)
      if (renewed !== null) return renewed
      const again = await this.#look(current.token, now)
      if (!isHeld(again)) return again
      current = again
    }
    return current
  }

  save(loaded: StoreHeld | undefined, change: Change): Promise<Saved<StoreHeld>> {
    return saveStored(this.#settings, this.#shelf, loaded, change)
  }

  async offer(loaded: StoreHeld, arrivedAt: number, now: number): Promise<string | null> {
    const cookie = await this.#offer(loaded, now)
    if (cookie === null || now - arrivedAt < LONG_REQUEST) return cookie
    const again = await this.#look(loaded.token, now).catch(() => null)
    return again !== null && isHeld(again) ? this.#offer(again, now) : null
  }

  async end({ found }: StoreHeld): Promise<void> {
    await endSession(this.#shelf, found, 'delete')
  }

  async endAll(userId: string): Promise<void> {
    await storedUsers(this.#settings, this.#shelf).revokeAll(userId)
  }

  async demandStepUp(loaded: StoreHeld): Promise<StoreHeld> {
    const { stepUpSince } = loaded.record
    let current = loaded
    for (let tries = 0; tries < TRIES; tries++) {
      const record = { ...current.found.content.record, stepUpSince }
      const found = await this.#shelf.update(current.found, { ...current.found.content, record })
      if (found !== null) return { ...loaded, found, record: { ...loaded.record, stepUpSince } }
      const again = await this.#shelf.get(current.found.handle)
      if (!isLive(again)) break // It is over, or goes on under a new authentication; this request changes nothing of it.
      current = { ...current, found: again }
    }
    return loaded
  }

  discard({ found }: StoreHeld): Promise<void> {
    return this.#shelf.discard(found)
  }

  async stands({ found, record }: StoreHeld): Promise<boolean> {
    const again = await this.#shelf.get(found.handle)
    return (
      isLive(again) && (again.content.record.stepUpSince === undefined || record.stepUpSince !== undefined)
    )
  }

  async #offer({ token, tokenClass, found, record }: StoreHeld, now: number): Promise<string | null> {
    if (tokenClass !== 'current') return null
    return offered(this.#settings, token, found.content.tokens, record, now)
  }

  async #look(token: SessionToken, now: number): Promise<StoreHeld | Refused> {
    const { handle } = token
    const found = await this.#shelf.get(handle)
    if (found === null) return { reason: 'unknown-session', handle }
    if (!isLive(found)) return this.#refuse(found, now)
    const tokenClass = await classify(this.#settings, token, found.content.tokens, now)
    const userId = found.content.record.user?.id
    if (tokenClass === 'unjudged') return { reason: 'unknown-key', handle, userId }
    if (tokenClass !== 'reused') return held(token, tokenClass, found)
    return { reason: 'reused', handle, userId, verdict: () => this.#endReused(found, token, now) }
  }

  async #refuse(found: Found, now: number): Promise<Refused> {
    const { handle, content } = found
    if (content === null) {
      await this.#shelf.discard(found)
      return { reason: 'undecodable', handle }
    }
    const { endedAt, successor } = content as Tombstone
    if (toSeconds(now) - endedAt <= this.#settings.renewal.grace) {
      const end = successor && ((reason?: EndEvent['reason']) => this.#endMoved(found, reason ?? 'sign-out'))
      return { reason: 'ended', handle, readOnly: true, end }
    }
    if (successor === undefined || !this.#shelf.isAtomic) return { reason: 'ended', handle }
    return { reason: 'reused', handle, verdict: () => this.#endReusedMove(found) }
  }

  /**
   * Somebody has a copy of the token: ends the session on the version that was judged, else looks again. The tombstone
   * goes at once: no new cookie is on its way, and whoever was robbed must be able to sign in.
   */
  async #endReused(found: FoundLive, token: SessionToken, now: number): Promise<void> {
    if (this.#settings.onReuse === 'report') return
    if (await this.#shelf.bury(found)) {
      await this.#shelf.delete(found)
      return this.#reportEnd(found, 'reused')
    }
    const again = await this.#look(token, now)
    if (isHeld(again)) return
    // Judged before it moved on: the grace is for tokens that were good until then.
    await (again.verdict?.() ?? again.end?.('reused'))
  }

  /** The same for a session that has moved on: what it has become ends. */
  async #endReusedMove(found: Found): Promise<void> {
    if (this.#settings.onReuse === 'end') await this.#endMoved(found, 'reused')
  }

  async #endMoved(found: Found, reason: EndEvent['reason']): Promise<void> {
    const ended = await endSession(this.#shelf, found, 'delete')
    if (ended !== null) this.#reportEnd(ended, reason)
  }

  #reportEnd({ content: { record } }: FoundLive, reason: EndEvent['reason']): void {
    this.#settings.emit({ type: 'end', reason, ...publicNames(record) })
  }

  async #confirm(current: StoreHeld, now: number): Promise<StoreHeld | null> {
    const { token, found, record } = current
    const tokens = await confirmed(this.#settings, token, found.content.tokens, now)
    const touched = touchedRecord(this.#settings.policy, record, now)
    const renewed = await this.#shelf.update(found, { ...found.content, record: touched, tokens })
    if (renewed === null) return null
    this.#settings.emit({ type: 'renew', ...publicNames(record) })
    return { ...current, record: touched, found: renewed, tokenClass: 'current' }
  }
}
