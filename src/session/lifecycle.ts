import type { Bytes } from '../encoding.ts'
import type { RejectReason } from '../events.ts'
import { NO_DATA, type SessionRecord, type SignedIn } from './record.ts'

/** Seconds. */
export interface Timeouts {
  /** Without any request (OWASP "idle timeout", ASVS 7.3.1). */
  readonly idleTimeout: number
  /** From the last authentication, whatever happens (ASVS 7.3.2). */
  readonly absoluteTimeout: number
}

/** The timeouts of every session, and of those whose user asked to be remembered. */
export interface Policy extends Timeouts {
  readonly remember: Timeouts
}

/** A clock may be this far behind the one that issued a session, in seconds. */
export const CLOCK_LEEWAY = 60

/** Activity is written down only when more than this part of the idle time has passed since it last was. */
const TOUCH_PART = 10

export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

/** The longest that a cookie can stay unused and still open, in seconds. */
export function longestIdle(policy: Policy): number {
  const { remember } = policy
  return Math.max(
    Math.min(policy.idleTimeout, policy.absoluteTimeout),
    Math.min(remember.idleTimeout, remember.absoluteTimeout),
  )
}

/** A session for a visitor who has none. */
export function anonymousRecord(policy: Timeouts, now: number): SessionRecord {
  const createdAt = toSeconds(now)
  return { handle: randomBytes(16), createdAt, ...deadlines(policy, createdAt), flash: {}, data: NO_DATA }
}

/** A new session for someone who just authenticated. */
export function signedInRecord(policy: Policy, user: SignedIn): SessionRecord {
  return { ...anonymousRecord(timeoutsOf(policy, user), user.authTime), user }
}

/** Seconds in which the second factor must follow the first. */
const PENDING_TIMEOUT = 600

/** A session for someone who passed the first factor: of a visitor, until the second is there. */
export function pendingRecord(policy: Policy, pending: SignedIn): SessionRecord {
  const timeouts = {
    idleTimeout: Math.min(policy.idleTimeout, PENDING_TIMEOUT),
    absoluteTimeout: Math.min(policy.absoluteTimeout, PENDING_TIMEOUT),
  }
  return { ...anonymousRecord(timeouts, pending.authTime), pending }
}

/** The same session after its user authenticated again: a new id, both timers reset. */
export function reauthenticatedRecord(policy: Policy, record: SessionRecord, user: SignedIn): SessionRecord {
  return {
    ...regeneratedRecord(record),
    ...deadlines(timeoutsOf(policy, user), toSeconds(user.authTime)),
    user,
    stepUpSince: undefined,
  }
}

/** The same session under a new id; neither timer moves. */
export function regeneratedRecord(record: SessionRecord): SessionRecord {
  const handle = record.handle.slice()
  handle.set(randomBytes(8), 8)
  return { ...record, handle }
}

/** A move (a new id, a re-authentication) of `before` to `mine`, on top of what another request wrote meanwhile. */
export function movedOnto(
  fresh: SessionRecord,
  mine: SessionRecord,
  before: SessionRecord | undefined,
): SessionRecord {
  if (mine.handle === before?.handle) return fresh
  const { handle, user, lastSeenAt, idleExpiresAt, absoluteExpiresAt } = mine
  if (user === before?.user) return { ...fresh, handle }
  const { stepUpSince = 0 } = fresh
  const isMet = stepUpSince <= toSeconds(user?.authTime ?? 0)
  const asked = isMet ? undefined : fresh.stepUpSince
  return { ...fresh, handle, user, lastSeenAt, idleExpiresAt, absoluteExpiresAt, stepUpSince: asked }
}

/**
 * The record as it stands now, or why it no longer opens. The earlier of the deadline written down and the one that
 * today's policy gives counts, so that a stricter policy holds at once.
 */
export function resume(policy: Policy, record: SessionRecord, now: number): SessionRecord | RejectReason {
  const seconds = toSeconds(now)
  const { idleTimeout, absoluteTimeout } = timeoutsOf(policy, record.user)
  const start = record.user === undefined ? record.createdAt : toSeconds(record.user.authTime)
  const absoluteExpiresAt = Math.min(record.absoluteExpiresAt, start + absoluteTimeout)
  const idleExpiresAt = Math.min(record.idleExpiresAt, record.lastSeenAt + idleTimeout, absoluteExpiresAt)
  // Asked this way round, a clock that gives no number opens nothing.
  const issuedAt = Math.max(record.createdAt, record.lastSeenAt, start)
  if (!(issuedAt <= seconds + CLOCK_LEEWAY)) return 'issued-in-future'
  if (seconds >= absoluteExpiresAt) return 'absolute-timeout'
  if (seconds >= idleExpiresAt) return 'idle-timeout'
  const isSame = idleExpiresAt === record.idleExpiresAt && absoluteExpiresAt === record.absoluteExpiresAt
  return isSame ? record : { ...record, idleExpiresAt, absoluteExpiresAt }
}

/** True when enough of the idle time has passed for this request's activity to be worth a write. */
export function isTouchDue(policy: Policy, record: SessionRecord, now: number): boolean {
  const { idleTimeout } = timeoutsOf(policy, record.user)
  return (toSeconds(now) - record.lastSeenAt) * TOUCH_PART > idleTimeout
}

/** The record with this request as its last activity; the absolute limit stays where it is. */
export function touchedRecord(policy: Policy, record: SessionRecord, now: number): SessionRecord {
  const lastSeenAt = Math.max(toSeconds(now), record.lastSeenAt)
  const { idleTimeout } = timeoutsOf(policy, record.user)
  return {
    ...record,
    lastSeenAt,
    idleExpiresAt: Math.min(lastSeenAt + idleTimeout, record.absoluteExpiresAt),
  }
}

function timeoutsOf(policy: Policy, user: SignedIn | undefined): Timeouts {
  return user?.remember ? policy.remember : policy
}

function deadlines({ idleTimeout, absoluteTimeout }: Timeouts, now: number) {
  const absoluteExpiresAt = now + absoluteTimeout
  return { lastSeenAt: now, idleExpiresAt: Math.min(now + idleTimeout, absoluteExpiresAt), absoluteExpiresAt }
}

/** From the CSPRNG (ASVS 11.5.1). */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}
