import type { Keyring } from '../crypto/keyring.ts'
import { firstKey } from '../crypto/mac.ts'
import { tagOf, tagsOf } from '../crypto/tag.ts'
import { toBase64Url } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { CLOCK_LEEWAY, type Policy, toSeconds } from '../session/lifecycle.ts'
import { type SessionRecord, type SignedIn, sameSession, sessionPart } from '../session/record.ts'
import type { StoredValue } from '../store.ts'
import type { BoundedStore } from './bounded-store.ts'
import { type FederatedSubject, federatedTag, federatedTags, type Subject } from './federated.ts'
import { TRIES } from './tries.ts'

/** What revokes sealed cookies: per session and per user a time before which nobody may have authenticated. */
export interface RevocationMarks {
  isCheckDue(record: SessionRecord, now: number): boolean
  /** One batch read. Of half a sign-in it says whether that was revoked. */
  standing(record: SessionRecord): Promise<'live' | 'revoked' | 'step-up'>
  /** Whoever holds the session must authenticate again. */
  demandStepUp(record: SessionRecord): Promise<void>
  /** The keys of the marks that can end the session. */
  keysOf(record: SessionRecord): Promise<string[]>
  /** A session takes the place of another: the older sealed cookies of that one are over. */
  replace(before: SessionRecord, after: SessionRecord): Promise<void>
  endSession(userId: string, handle: Uint8Array): Promise<void>
  /** Ends the sessions of a user that authenticated before a time in milliseconds. */
  endBefore(userId: string, notBefore: number): Promise<void>
  /** Ends the sessions that belong to one at an OpenID provider, or to a user there, and have authenticated by now. */
  endFederated(subject: FederatedSubject): Promise<void>
  /** When whoever authenticates now does so: within the millisecond of a revocation, after it. */
  authTime(): number
}

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

/** Marks only grow, and live as long as anything that they refuse. */
export function revocationMarks(options: MarkOptions): RevocationMarks {
  const { keyring, clock, policy, revocationMaxAge, store, monitor } = options
  const { name } = options.cookie
  const staleFor = store.consistency === 'strong' ? 0 : store.consistency.staleFor
  const longest = Math.max(policy.absoluteTimeout, policy.remember.absoluteTimeout)
  const lifetime = (longest + revocationMaxAge + staleFor + CLOCK_LEEWAY) * 1000
  let lastNotBefore = 0

  async function raise(notBefore: number, isLatest: boolean, subject: Subject): Promise<void> {
    const marked: Subject = isLatest || store.atomicUpdate ? subject : [...subject, EARLIER]
    const key = toBase64Url(await tagOf(keyring, await firstKey(keyring), ...marked))
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await store.get(key)
      if (found != null && !(timeOf(found) < notBefore)) return
      const expiresAt = clock() + lifetime
      const value = String(notBefore)
      const version =
        found == null
          ? await store.create(key, value, { expiresAt })
          : await store.update(key, value, { expiresAt, version: found.version })
      if (version !== null) return
    }
    throw new SessionError(
      'ERR_SESSION_CONFLICT',
      'The revocation mark is being written by others. Try again.',
    )
  }

  async function keysUnder(subjects: readonly Subject[]): Promise<string[]> {
    const earlier = store.atomicUpdate ? [] : subjects.map((subject): Subject => [...subject, EARLIER])
    const tags = await Promise.all([...subjects, ...earlier].map((subject) => tagsOf(keyring, ...subject)))
    return tags.flat().map(toBase64Url)
  }

  /** The keys of the marks that end a session, and of the one that asks for a new authentication. */
  async function keys({ user, pending, handle }: SessionRecord): Promise<[ends: string[], asks: string[]]> {
    const who = user ?? pending
    if (who === undefined) return [[], []]
    const asks = monitor === undefined ? [] : [stepUpOf(name, who.id, handle)]
    return Promise.all([keysUnder(subjectsOf(name, who, handle)), keysUnder(asks)])
  }

  return {
    authTime() {
      const now = clock()
      return lastNotBefore === now + 1 ? lastNotBefore : now
    },
    isCheckDue({ user, checkedAt = 0 }, now) {
      const age = toSeconds(now) - checkedAt
      return user !== undefined && (age >= revocationMaxAge || age < 0)
    },
    async standing(record) {
      const user = record.user ?? record.pending
      if (user === undefined) return 'live'
      const [ends, asks] = await keys(record)
      const marks = await marksUnder(store, [...ends, ...asks])
      const hits = marks.map((mark) => mark != null && !(user.authTime >= timeOf(mark)))
      return hits.slice(0, ends.length).includes(true) ? 'revoked' : hits.includes(true) ? 'step-up' : 'live'
    },
    async demandStepUp({ user, handle }) {
      if (user === undefined) return
      lastNotBefore = Math.max(lastNotBefore, clock() + 1)
      await raise(clock() + 1, true, stepUpOf(name, user.id, handle))
    },
    keysOf: async (record) => (await keys(record)).flat(),
    async replace(before, after) {
      if (before.user === undefined) return
      if (!sameSession(before.handle, after.handle)) return this.endSession(before.user.id, before.handle)
      const authTime = after.user?.authTime ?? 0
      if (authTime > before.user.authTime) {
        await raise(authTime, false, sessionOf(name, before.user.id, before.handle))
      }
    },
    endSession: (userId, handle) => raise(NEVER, true, sessionOf(name, userId, handle)),
    async endBefore(userId, notBefore) {
      await raise(notBefore, notBefore >= clock() - LEEWAY, ['user', name, userId])
      lastNotBefore = Math.max(lastNotBefore, notBefore)
    },
    async endFederated(subject) {
      const notBefore = clock() + 1
      await raise(notBefore, true, ofCookie(name, federatedTag(subject)))
      lastNotBefore = Math.max(lastNotBefore, notBefore)
    },
  }
}

/** @throws {SessionError} `ERR_SESSION_STORE` when some did not come: one of them may refuse. */
async function marksUnder({ getMany }: BoundedStore, keys: string[]): Promise<(StoredValue | null)[]> {
  const marks = await getMany(keys)
  if (marks?.length === keys.length) return marks
  throw new SessionError('ERR_SESSION_STORE', 'The store gave fewer marks than it was asked for.')
}

/** What is no number compares with nothing: asked whether it lets in, the answer is no. */
function timeOf({ value }: StoredValue): number {
  return /^\d+$/.test(value) ? Number(value) : Number.NaN
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
