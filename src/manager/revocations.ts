import type { Keyring } from '../crypto/keyring.ts'
import { firstKey } from '../crypto/mac.ts'
import { tagOf, tagsOf } from '../crypto/tag.ts'
import { toBase64Url } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { CLOCK_LEEWAY, type Policy, toSeconds } from '../session/lifecycle.ts'
import { type SessionRecord, type SignedIn, sameSession, sessionPart } from '../session/record.ts'
import type { StoredValue } from '../store.ts'
import type { BoundedStore } from './bounded-store.ts'
import { federatedTag, federatedTags, type Subject } from './federated.ts'
import type { FederatedSubject } from './federated-subject.ts'
import { TRIES } from './tries.ts'

interface MarkOptions {
  readonly keyring: Keyring
  /** Sessions side by side may share a store: what ends the one must not end the other. */
  readonly cookie: { readonly name: string }
  readonly policy: Policy
  readonly clock: () => number
  readonly revocationMaxAge: number
  readonly store: BoundedStore
  /** Only where there is one, a step-up can have been asked for. */
  readonly monitor: object | undefined
}

/** A time after every sign-in: the mark of a session that is over. */
const NEVER = Number.MAX_SAFE_INTEGER

/**
 * Where nothing can be compared, a write takes the place of a mark that it did not see. Of marks that are as late as they
 * can be, the last one written is the latest, give or take this many milliseconds. All others are kept beside them there,
 * lest the "sign out everywhere else" of an older session undo what has ended it.
 */
const LEEWAY = 1000
const EARLIER = 'earlier'

/**
 * What revokes sealed cookies: per session and per user a time before which nobody may have authenticated. Marks only grow,
 * and live as long as anything that they refuse.
 */
export class RevocationMarks {
  readonly #options: MarkOptions
  /** Milliseconds. */
  readonly #lifetime: number
  #lastNotBefore = 0

  constructor(options: MarkOptions) {
    const { policy, revocationMaxAge, store } = options
    const staleFor = store.consistency === 'strong' ? 0 : store.consistency.staleFor
    const longest = Math.max(policy.absoluteTimeout, policy.remember.absoluteTimeout)
    this.#options = options
    this.#lifetime = (longest + revocationMaxAge + staleFor + CLOCK_LEEWAY) * 1000
  }

  /** When whoever authenticates now does so: within the millisecond of a revocation, after it. */
  authTime(): number {
    const now = this.#options.clock()
    return this.#lastNotBefore === now + 1 ? this.#lastNotBefore : now
  }

  isCheckDue({ user, checkedAt = 0 }: SessionRecord, now: number): boolean {
    const age = toSeconds(now) - checkedAt
    return user !== undefined && (age >= this.#options.revocationMaxAge || age < 0)
  }

  /** One batch read. Of half a sign-in it says whether that was revoked. */
  async standing(record: SessionRecord): Promise<'live' | 'revoked' | 'step-up'> {
    const user = record.user ?? record.pending
    if (user === undefined) return 'live'
    const [ends, asks] = await this.#keys(record)
    const marks = await marksUnder(this.#options.store, [...ends, ...asks])
    const hits = marks.map((mark) => mark != null && !(user.authTime >= timeOf(mark)))
    return hits.slice(0, ends.length).includes(true) ? 'revoked' : hits.includes(true) ? 'step-up' : 'live'
  }

  /** The keys of the marks by which the session opens no more. */
  async keysOf(record: SessionRecord): Promise<string[]> {
    return (await this.#keys(record)).flat()
  }

  /** Whoever holds the session must authenticate again. */
  async demandStepUp({ user, handle }: SessionRecord): Promise<void> {
    if (user !== undefined) await this.#raiseToNow(stepUpOf(this.#name, user.id, handle))
  }

  /** A session takes the place of another: the older sealed cookies of that one are over. */
  async replace(before: SessionRecord, after: SessionRecord): Promise<unknown> {
    const user = before.user ?? before.pending
    if (user === undefined) return undefined
    if (!sameSession(before.handle, after.handle)) return this.endSession(user.id, before.handle)
    const authTime = after.user?.authTime ?? 0
    if (authTime <= user.authTime) return undefined
    return this.#raise(authTime, false, sessionOf(this.#name, user.id, before.handle))
  }

  /** Half a sign-in becomes a whole one. @returns False when it was revoked, or another request was faster. */
  async complete(half: SessionRecord): Promise<boolean> {
    const { pending, handle } = half
    if (pending === undefined || (await this.standing(half)) === 'revoked') return false
    return this.endSession(pending.id, handle)
  }

  /** @returns False when it was over already. */
  endSession(userId: string, handle: Uint8Array): Promise<boolean> {
    return this.#raise(NEVER, true, sessionOf(this.#name, userId, handle))
  }

  /** Ends the sessions of a user that authenticated before a time in milliseconds. */
  async endBefore(userId: string, notBefore: number): Promise<void> {
    const isLatest = notBefore >= this.#options.clock() - LEEWAY
    await this.#raise(notBefore, isLatest, ['user', this.#name, userId])
    this.#lastNotBefore = Math.max(this.#lastNotBefore, notBefore)
  }

  /** Ends the sessions that belong to one at an OpenID provider, or to a user there, and have authenticated by now. */
  async endFederated(subject: FederatedSubject): Promise<void> {
    await this.#raiseToNow(ofCookie(this.#name, federatedTag(subject)))
  }

  get #name(): string {
    return this.#options.cookie.name
  }

  async #raiseToNow(subject: Subject): Promise<void> {
    const notBefore = this.#options.clock() + 1
    await this.#raise(notBefore, true, subject)
    this.#lastNotBefore = Math.max(this.#lastNotBefore, notBefore)
  }

  /** @returns False when there is one that is as late. @throws {SessionError} Also for one that nobody can read. */
  async #raise(notBefore: number, isLatest: boolean, subject: Subject): Promise<boolean> {
    const { keyring, clock, store } = this.#options
    const marked: Subject = isLatest || store.atomicUpdate ? subject : [...subject, EARLIER]
    const key = toBase64Url(await tagOf(keyring, await firstKey(keyring), ...marked))
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await store.get(key)
      const time = found == null ? 0 : timeOf(found)
      if (Number.isNaN(time)) throw outage('The store gave a mark that is no number.')
      if (time >= notBefore) return false
      const expiresAt = clock() + this.#lifetime
      const value = String(notBefore)
      const version =
        found == null
          ? await store.create(key, value, { expiresAt })
          : await store.update(key, value, { expiresAt, version: found.version })
      if (version !== null) return true
    }
    throw new SessionError(
      'ERR_SESSION_CONFLICT',
      'The revocation mark is being written by others. Try again.',
    )
  }

  /** The keys of the marks that end a session, and of the one that asks for a new authentication. */
  async #keys({ user, pending, handle }: SessionRecord): Promise<[ends: string[], asks: string[]]> {
    const who = user ?? pending
    if (who === undefined) return [[], []]
    const asks = this.#options.monitor === undefined ? [] : [stepUpOf(this.#name, who.id, handle)]
    return Promise.all([this.#keysUnder(subjectsOf(this.#name, who, handle)), this.#keysUnder(asks)])
  }

  async #keysUnder(subjects: readonly Subject[]): Promise<string[]> {
    const { keyring, store } = this.#options
    const earlier = store.atomicUpdate ? [] : subjects.map((subject): Subject => [...subject, EARLIER])
    const tags = await Promise.all([...subjects, ...earlier].map((subject) => tagsOf(keyring, ...subject)))
    return tags.flat().map(toBase64Url)
  }
}

/** @throws {SessionError} `ERR_SESSION_STORE` when some did not come: one of them may refuse. */
async function marksUnder({ getMany }: BoundedStore, keys: string[]): Promise<(StoredValue | null)[]> {
  const marks = await getMany(keys)
  if (Array.isArray(marks) && marks.length === keys.length) return marks
  throw outage('The store gave fewer marks than it was asked for.')
}

const outage = (message: string) => new SessionError('ERR_SESSION_STORE', message)

/** What is no number compares with nothing: asked whether it lets in, the answer is no. */
function timeOf({ value }: StoredValue): number {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN
}

function sessionOf(cookieName: string, userId: string, handle: Uint8Array): Subject {
  return ['session', cookieName, userId, sessionPart(handle)]
}

function stepUpOf(cookieName: string, userId: string, handle: Uint8Array): Subject {
  return [...sessionOf(cookieName, userId, handle), 'step-up']
}

/** All that can end this session. */
function subjectsOf(cookieName: string, user: SignedIn, handle: Uint8Array): Subject[] {
  const federated = federatedTags(user.oidc).map((tag) => ofCookie(cookieName, tag))
  return [sessionOf(cookieName, user.id, handle), ['user', cookieName, user.id], ...federated]
}

function ofCookie(cookieName: string, [kind, ...names]: Subject): Subject {
  return [kind, cookieName, ...names]
}
