import { SessionError } from '../errors.ts'

/** A token that opens nothing, and why: for logs, not for whoever sent it. */
export function refusal(message: string, cause?: unknown): SessionError {
  return new SessionError('ERR_TOKEN_INVALID', message, cause === undefined ? {} : { cause })
}
