import { SessionError } from '../errors.ts'

/** Why nothing can be done any more with a session: it was refused, or has ended, or the response has left. */
export function tooLate(action: string, phase: string, refusal: SessionError | undefined): SessionError {
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
