import { namedText } from '../manager/named-text.ts'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { atomicState, type StateSource } from './atomic-state.ts'
import { type AttemptLimits, Attempts, LIMITS, type Locked } from './attempts.ts'
import { parseSecret } from './secret.ts'
import { stepOf, TOTP_OPTIONS, type TotpFormat, type TotpOptions, totpFormat } from './verify-totp.ts'

export interface TotpVerifierOptions extends TotpOptions, AttemptLimits {
  /** The session manager: it needs a `store` or `revocations` with `atomicUpdate`. */
  readonly sessions: StateSource
}

export interface TotpRefusal {
  readonly ok: false
  /** Not the code of this time; accepted before. */
  readonly reason: 'wrong' | 'used'
  /** Seconds until the next attempt is looked at, 0 while attempts are free. */
  readonly retryAfter: number
}

export interface TotpVerifier {
  /**
   * Looks at a code once there is an attempt left, and accepts each code once.
   *
   * @param secret base32, of this user
   * @param code What the user typed.
   * @throws {TypeError | RangeError} When `userId` is not a non-empty string, or the secret is not base32.
   * @throws {SessionError} `ERR_SESSION_STORE`, and `ERR_SESSION_CONFLICT` when others try at the same time: nobody is in.
   */
  verify(userId: string, secret: string, code: unknown): Promise<{ readonly ok: true } | TotpRefusal | Locked>
  /**
   * Forgets the user's failures. A code that was accepted stays used.
   *
   * @throws {SessionError} As `verify`.
   */
  reset(userId: string): Promise<void>
}

/**
 * When the step of the last accepted code began, in seconds since the epoch; null before the first. A time and not the
 * step: steps of another period, after a change of options or of a second device, could not be compared with it.
 */
type LastAccepted = number | null

const NAMES = ['sessions', ...TOTP_OPTIONS, ...LIMITS]
const DAY = 86_400

/**
 * Checks codes as they have to be at a sign-in: each is accepted once (RFC 6238 section 5.2, ASVS 6.5.1), also of two
 * requests at the same time, and guesses are limited per user (NIST SP 800-63B-4 section 3.2.2). Cheap: may be made per
 * request.
 *
 * @throws {TypeError | RangeError} For wrong options, and for a manager that cannot keep this on the server.
 */
export function createTotpVerifier(options: TotpVerifierOptions): TotpVerifier {
  refuseUnknown('createTotpVerifier(options)', options, NAMES)
  const state = atomicState('createTotpVerifier', options.sessions)
  const format = totpFormat(options)
  const lifetime = DAY + memoryOf(format)
  const attempts = new Attempts<LastAccepted>({ ...options, state, empty: null, lifetime })
  const { clock = Date.now } = options

  return {
    async verify(userId, secret, code) {
      namedText('userId', userId)
      parseSecret(secret)
      const attempt = await attempts.begin(nameOf(userId))
      if (!attempt.ok) return attempt
      const { retryAfter } = attempt
      const step = stepOf(secret, code, format, clock())
      if (step === null) return { ok: false, reason: 'wrong', retryAfter }
      const began = step * format.period
      const accepted = await attempts.settle(nameOf(userId), attempt, (last) => {
        return last === null || began > last ? began : null
      })
      return accepted === null ? { ok: false, reason: 'used', retryAfter } : { ok: true }
    },
    async reset(userId) {
      namedText('userId', userId)
      await attempts.reset(nameOf(userId))
    },
  }
}

function nameOf(userId: string): string[] {
  return ['codes', userId]
}

/** Seconds for which a code stays right: it has to be known as used for longer. */
function memoryOf({ period, window }: TotpFormat): number {
  return (2 * window + 1) * period
}
