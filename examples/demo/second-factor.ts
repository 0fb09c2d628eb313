import type { ServerState, SessionManager } from 'wafer-session'
import {
  createRecoveryCodes,
  createTotpVerifier,
  type Locked,
  type RecoveryCodes,
  type RecoveryRefusal,
  type TotpRefusal,
  type TotpVerifier,
} from 'wafer-session/totp'
import type { Data } from './env.ts'

export type CodeResult = { readonly ok: true } | TotpRefusal | RecoveryRefusal | Locked

/**
 * The authenticator app of those people who have one. Its secret belongs into the table of users, encrypted. This shop has
 * no database, so it goes where the sessions go: sealed, and under a name that the store cannot read. There it is lost, and
 * the factor off, once the secret it was sealed with leaves SESSION_SECRET: another reason for the table.
 */
export class SecondFactor {
  readonly #secrets: ServerState
  readonly #verifier: TotpVerifier
  readonly #recovery: RecoveryCodes

  private constructor(sessions: SessionManager<Data>, secrets: ServerState) {
    this.#secrets = secrets
    this.#verifier = createTotpVerifier({ sessions })
    this.#recovery = createRecoveryCodes({ sessions })
  }

  /** @returns Undefined where the store cannot compare and set: there a code could be used twice, and guesses go uncounted. */
  static of(sessions: SessionManager<Data>): SecondFactor | undefined {
    const secrets = sessions.serverState('second-factor')
    return secrets.atomicUpdate ? new SecondFactor(sessions, secrets) : undefined
  }

  async isOn(userId: string): Promise<boolean> {
    return (await this.#secrets.get([userId])) !== null
  }

  /** Takes a secret into use once a first code shows that the app has it. */
  async turnOn(userId: string, secret: string, code: string): Promise<CodeResult> {
    const result = await this.#verifier.verify(userId, secret, code.replaceAll(/\s/g, ''))
    if (!result.ok) return result
    const version = await this.#secrets.create([userId], secret, { expiresAt: Date.now() + TEN_YEARS })
    return version === null ? NOT_OURS : result // Another tab was faster, with a secret of its own.
  }

  /** A code of the app, or one of the recovery codes. */
  async check(userId: string, typed: string): Promise<CodeResult> {
    const code = typed.replaceAll(/\s/g, '')
    if (!/^\d{6}$/.test(code)) return this.#recovery.use(userId, code)
    const entry = await this.#secrets.get([userId])
    return typeof entry?.value === 'string' ? this.#verifier.verify(userId, entry.value, code) : NOT_OURS
  }

  newRecoveryCodes(userId: string): Promise<string[]> {
    return this.#recovery.generate(userId)
  }

  recoveryCodesLeft(userId: string): Promise<number> {
    return this.#recovery.remaining(userId)
  }

  async turnOff(userId: string): Promise<void> {
    await this.#secrets.delete([userId])
    await this.#recovery.revoke(userId)
  }
}

const NOT_OURS: CodeResult = { ok: false, reason: 'wrong', retryAfter: 0 }
const TEN_YEARS = 10 * 365 * 86_400_000
