import { MAX_COOKIE_BYTES } from '../cookie/chunk.ts'
import { sealContext } from '../crypto/keyring.ts'
import { hourOf, seal, unseal } from '../crypto/seal.ts'
import { fromBase64Url, toBase64Url } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { CLOCK_LEEWAY, longestIdle, toSeconds } from '../session/lifecycle.ts'
import { decodeRecord, encodeRecord } from '../session/record-bytes.ts'
import type { Loaded, Refused, SessionBackend } from './backend.ts'
import type { RevocationMarks } from './revocations.ts'
import type { Settings } from './settings.ts'

/** Keeps the whole record in the cookie, sealed; with `revocations`, what was ended is marked in a store. */
export function cookieBackend({
  keyring,
  cookie,
  policy,
  maxChunks,
  marks,
  clock,
}: Settings<object>): SessionBackend {
  const context = sealContext('session', cookie.name)
  const lifetime = longestIdle(policy) * 1000

  return {
    shared: false,
    canEnd: marks !== undefined,
    async load(value, now) {
      if (value.length > maxChunks * MAX_COOKIE_BYTES) return { reason: 'too-long' }
      const sealed = fromBase64Url(value)
      if (sealed === null) return { reason: 'malformed' }
      const newest = hourOf(now + CLOCK_LEEWAY * 1000)
      const hours = { oldest: hourOf(now - lifetime), current: hourOf(now), newest }
      const unsealed = await unseal(keyring, context, sealed, hours)
      if (typeof unsealed === 'string') return { reason: unsealed }
      const decoded = decodeRecord(unsealed.plaintext)
      if (decoded === null) return { reason: 'undecodable' }
      return { record: decoded.record, data: decoded.data, stale: !unsealed.primary, rank: 0 }
    },
    ...(marks && { settle: (held: Loaded, now: number) => checkMarks(marks, held, now) }),
    async save(_, { snapshot, before, completes }, now) {
      const { record } = snapshot
      if (before !== undefined && completes && (await marks?.complete(before)) === false) throw ended()
      const cookie = toBase64Url(await seal(keyring, context, encodeRecord(record), now))
      if (before !== undefined && !completes) await marks?.replace(before, record)
      return { held: { record, data: {}, stale: false, rank: 0 }, snapshot, cookie }
    },
    async end({ record }) {
      const user = record.user ?? record.pending
      if (user !== undefined) await marks?.endSession(user.id, record.handle)
    },
    ...(marks && { endAll: (userId: string) => marks.endBefore(userId, clock() + 1) }),
    async demandStepUp(held) {
      await marks?.demandStepUp(held.record)
      return { ...held, stale: true }
    },
    async discard() {},
    async stands({ record }) {
      const standing = await marks?.standing(record)
      return standing !== 'revoked' && (standing !== 'step-up' || record.stepUpSince !== undefined)
    },
  }
}

/** Reads the marks when the last time is too long ago, and remembers this time in the seal. */
async function checkMarks(marks: RevocationMarks, held: Loaded, now: number): Promise<Loaded | Refused> {
  const { record } = held
  if (!marks.isCheckDue(record, now)) return held
  const standing = await marks.standing(record)
  if (standing === 'revoked') return { reason: 'revoked', handle: record.handle, userId: record.user?.id }
  const checkedAt = toSeconds(now)
  // An older cookie does not know of the step-up that was asked for since.
  const stepUpSince = standing === 'step-up' ? (record.stepUpSince ?? checkedAt) : record.stepUpSince
  return { ...held, record: { ...record, checkedAt, stepUpSince }, stale: true }
}

function ended(): SessionError {
  return new SessionError('ERR_SESSION_ENDED', 'The first half of the sign-in is over. Begin it again.')
}
