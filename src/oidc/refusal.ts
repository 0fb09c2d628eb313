import { SessionError } from '../errors.ts'

/** A logout token that ends nothing, and why. Whoever sent it is told: it is the provider, or has a token of its own making. */
export function refusal(message: string, cause?: unknown): SessionError {
  return new SessionError('ERR_TOKEN_INVALID', message, { cause })
}
