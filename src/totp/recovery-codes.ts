import { equalBytes } from '../crypto/mac.ts'
import { utf8 } from '../encoding.ts'
import { namedText } from '../manager/named-text.ts'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { atomicState, type StateSource } from './atomic-state.ts'
import { type AttemptLimits, Attempts, LIMITS, type Locked, YEARS } from './attempts.ts'
import { newRecoveryCode, readRecoveryCode, recoveryHash } from './recovery-code.ts'

export interface RecoveryCodesOptions extends AttemptLimits {
  /** The session manager: it needs a `store` or `revocations` with `atomicUpdate`. */
  readonly sessions: StateSource
}

export interface RecoveryRefusal {
  readonly ok: false
  /** No code of this user's, or used before. */
  readonly reason: 'wrong'
  /** Seconds until the next attempt is looked at, 0 while attempts are free. */
  readonly retryAfter: number
}

/** Each of these throws a `TypeError` when `userId` is not a non-empty string, and a `SessionError` as `use` does. */
export interface RecoveryCodes {
  /** Ten new codes of 120 bits, to be shown now and never again; those from before are void. */
  generate(userId: string): Promise<string[]>
  /**
   * Uses a code up, also of two requests at the same time only once.
   *
   * @param code What the user typed: case, spaces and dashes do not matter.
   * @throws {SessionError} `ERR_SESSION_STORE`, and `ERR_SESSION_CONFLICT` when others try at the same time: nobody is in.
   */
  use(
    userId: string,
    code: unknown,
  ): Promise<{ readonly ok: true; readonly remaining: number } | RecoveryRefusal | Locked>
  /** How many codes are left. */
  remaining(userId: string): Promise<number>
  /** Voids all codes: for users who turn the second factor off. */
  revoke(userId: string): Promise<void>
  /** Forgets the user's failures; the codes stay. */
  reset(userId: string): Promise<void>
}

const NAMES = ['sessions', ...LIMITS]
const COUNT = 10

/**
 * Codes for the day the phone is lost (NIST SP 800-63B-4 section 3.1.2, look-up secrets): single use, kept hashed,
 * guesses limited per user as with `createTotpVerifier`. Cheap: may be made per request.
 *
 * @throws {TypeError | RangeError} For wrong options, and for a manager that cannot keep this on the server.
 */
export function createRecoveryCodes(options: RecoveryCodesOptions): RecoveryCodes {
  refuseUnknown('createRecoveryCodes(options)', options, NAMES)
  const state = atomicState('createRecoveryCodes', options.sessions)
  const isIdle = (hashes: readonly string[]) => hashes.length === 0
  const attempts = new Attempts<readonly string[]>({ ...options, state, empty: [], lifetime: YEARS, isIdle })

  return {
    async generate(userId) {
      const codes = Array.from({ length: COUNT }, newRecoveryCode)
      await attempts.replace(nameOf(userId), await Promise.all(codes.map(hashOf)))
      return codes
    },
    async use(userId, code) {
      const name = nameOf(userId)
      const attempt = await attempts.begin(name)
      if (!attempt.ok) return attempt
      const hash = await hashOf(code)
      const left = await attempts.settle(name, attempt, (hashes) => without(hashes, hash))
      if (left !== null) return { ok: true, remaining: left.length }
      return { ok: false, reason: 'wrong', retryAfter: attempt.retryAfter }
    },
    async remaining(userId) {
      return (await attempts.kept(nameOf(userId))).length
    },
    async revoke(userId) {
      await attempts.replace(nameOf(userId), [])
    },
    async reset(userId) {
      await attempts.reset(nameOf(userId))
    },
  }
}

function nameOf(userId: unknown): string[] {
  return ['recovery', namedText('userId', userId)]
}

/** Of what is no code at all, a hash that no code has. */
async function hashOf(code: unknown): Promise<string> {
  const text = readRecoveryCode(code)
  return text === null ? '' : recoveryHash(text)
}

/** The hashes but this one; null when it is not among them. */
function without(hashes: readonly string[], hash: string): string[] | null {
  const others = hashes.filter((known) => !equalBytes(utf8(known), utf8(hash)))
  return others.length === hashes.length ? null : others
}
