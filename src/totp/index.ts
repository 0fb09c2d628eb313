/**
 * One-time codes: TOTP (RFC 6238), HOTP (RFC 4226), recovery codes. On `otpauth`, an optional peer.
 *
 * @module
 */
export type { StateSource } from './atomic-state.ts'
export type { AttemptLimits, Locked } from './attempts.ts'
export type { CodeOptions, OtpAlgorithm } from './one-time-code.ts'
export {
  createRecoveryCodes,
  type RecoveryCodes,
  type RecoveryCodesOptions,
  type RecoveryRefusal,
} from './recovery-codes.ts'
export { generateTotpSecret } from './secret.ts'
export { type TotpUriOptions, totpUri } from './totp-uri.ts'
export {
  createTotpVerifier,
  type TotpRefusal,
  type TotpVerifier,
  type TotpVerifierOptions,
} from './totp-verifier.ts'
export { type HotpResult, type VerifyHotpOptions, verifyHotp } from './verify-hotp.ts'
export { type TotpOptions, type TotpResult, type VerifyTotpOptions, verifyTotp } from './verify-totp.ts'
