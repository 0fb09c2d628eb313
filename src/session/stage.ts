import type { Bytes } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { type SessionRecord, sameSession } from './record.ts'

/** How far a request is with its session, and what can still be done with it. */
export abstract class Stage {
  phase: 'open' | 'ended' | 'closed' | 'refused' = 'open'
  /** What is kept. */
  persisted: SessionRecord | undefined
  /** The handle of the half sign-in that this request made whole. */
  protected completed: Bytes | undefined
  #refusal: SessionError | undefined
  readonly #hasMovedOn: boolean

  /** @param refusal Why nothing can be changed in this request from the start. */
  constructor(refusal: SessionError | undefined) {
    this.#hasMovedOn = refusal?.code === 'ERR_SESSION_ENDED'
  }

  /** What is kept is half a sign-in, and the session that takes its place is the whole one: by `reauthenticate` alone. */
  get completes(): boolean {
    const { persisted, completed } = this
    if (persisted?.pending === undefined || completed === undefined) return false
    return sameSession(persisted.handle, completed)
  }

  /** There is nothing left of what was opened, or nothing that this request may see. */
  get isOver(): boolean {
    return this.phase === 'ended' || this.phase === 'refused'
  }

  assertOpen(action: string): void {
    if (this.phase !== 'open') throw this.tooLate(action)
  }

  /** A session that has just moved on under another cookie stays as it is; a sign-in is a new one, and says so. */
  assertSignIn(): void {
    if (this.#isMovedOn) {
      this.#refusal = undefined
      this.phase = 'open'
    }
    this.assertOpen('sign in')
  }

  tooLate(action: string): SessionError {
    return tooLate(action, this.phase, this.#refusal)
  }

  /** Signs out. Of what is over already nothing is left to end, but its cookie. */
  end(): void {
    if (this.phase === 'ended') return
    if (this.#refusal?.code !== 'ERR_SESSION_ENDED') this.assertOpen('sign out')
    this.#refusal = undefined
    this.#finish('ended')
  }

  /** From here on the visitor counts as anonymous, and every change throws this. */
  refuse(reason: SessionError): void {
    this.#refusal = reason
    this.persisted = undefined
    this.#finish('refused')
  }

  /** From here on nothing can change: what a handler kept of the data is frozen, and what has moved on is left alone. */
  close(): void {
    if (this.#isMovedOn) this.#refusal = undefined
    this.#finish(this.phase === 'open' || this.#isMovedOn ? 'closed' : this.phase)
  }

  /** What a handler kept can no longer change. */
  protected abstract onOver(): void

  get #isMovedOn(): boolean {
    return this.#hasMovedOn && this.phase === 'refused'
  }

  #finish(phase: 'ended' | 'closed' | 'refused'): void {
    this.phase = phase
    this.onOver()
  }
}

/** Why nothing can be done any more with a session: it was refused, or has ended, or the response has left. */
function tooLate(action: string, phase: string, refusal: SessionError | undefined): SessionError {
  if (refusal !== undefined) {
    const { code, message, cause } = refusal
    return new SessionError(code, `Cannot ${action}: ${message}`, { cause })
  }
  return phase === 'ended'
    ? new SessionError(
        'ERR_SESSION_ENDED',
        `Cannot ${action}: the session has ended. Sign in on another request.`,
      )
    : new SessionError(
        'ERR_SESSION_COMMITTED',
        `Cannot ${action}: the response has left. Change the session before it does.`,
      )
}
