import type { Backstage } from './backstage.ts'
import { nameOf } from './challenges.ts'
import type { Draft } from './draft.ts'

export interface PutOptions {
  /** Seconds until it is over; at most 300 where no store with `atomicUpdate` sees to it that it is taken once. @default 300 */
  readonly ttl?: number | undefined
  /** What is to come back, of at most 1,024 characters, such as a PKCE verifier. @default 32 random bytes, as base64url */
  readonly value?: string | undefined
}

export interface TakenChallenge {
  readonly value: string
  /** No other request has had it, or will: a store with `atomicUpdate` remembers. Else an older cookie brings it back. */
  readonly singleUse: boolean
}

const DEFAULT_TTL = 300
const MAX_TTL = 86_400

/**
 * Values that a session gives out and waits for: the challenge of a passkey, the `state`, `nonce` and PKCE verifier of an
 * OAuth request, the token of a link in a mail. Bound to the session, by purpose; over at any sign-in, sign-out or new
 * authentication (WebAuthn 3 §13.4.3, RFC 9700 §4.7).
 */
export class SessionChallenge {
  readonly #draft: Draft<never>
  readonly #backstage: Backstage

  constructor(draft: Draft<never>, backstage: Backstage) {
    this.#draft = draft
    this.#backstage = backstage
  }

  /**
   * Keeps a value for this purpose, in the place of one before. At most 8 wait at a time.
   *
   * @returns The value.
   * @throws {TypeError | RangeError} For a purpose, a value or a `ttl` that cannot be one.
   */
  put(purpose: string, { ttl = DEFAULT_TTL, value }: PutOptions = {}): string {
    this.#draft.assertOpen('put a challenge')
    const most = this.#backstage.singleUse ? MAX_TTL : DEFAULT_TTL
    if (!(ttl > 0 && ttl <= most)) {
      throw new RangeError(
        `The ttl of a challenge must be above 0 and at most ${most} seconds` +
          `${most < MAX_TTL ? ', where no store with atomicUpdate remembers which were taken' : ''}.`,
      )
    }
    return this.#draft.challenges.put(purpose, value, this.#draft.now() + ttl * 1000)
  }

  /**
   * Takes the value out: before what came back is looked at, so that no second try has it.
   *
   * @returns Undefined when there is none, or its time is over, or another request has taken it.
   * @throws {SessionError} `ERR_SESSION_STORE`
   */
  async take(purpose: string): Promise<TakenChallenge | undefined> {
    const draft = this.#draft
    if (draft.isOver) return undefined
    draft.assertOpen('take a challenge')
    const found = draft.challenges.take(purpose, draft.now())
    if (found === undefined) return undefined
    const [value, expiresAt] = found
    const { singleUse } = this.#backstage
    return !singleUse || (await this.#backstage.claim(nameOf(found), expiresAt * 1000))
      ? { value, singleUse }
      : undefined
  }
}
