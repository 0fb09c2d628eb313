/**
 * Short-lived access tokens from sessions, and their verification by the services behind.
 *
 * @module
 */
export type { AccessTokenClaims, SessionMarks } from './claims.ts'
export { generateSigningKey } from './generate-signing-key.ts'
export type { Jwk, JwkSet, SigningAlgorithm, SigningKey } from './jwk.ts'
export { type RequireTokenOptions, requireToken, type TokenEnv } from './require-token.ts'
export type { LiveSessions, RevocationSource } from './revocation-source.ts'
export {
  createTokenIssuer,
  type IssueOptions,
  type TokenIssuer,
  type TokenIssuerOptions,
} from './token-issuer.ts'
export { type VerifyAccessTokenOptions, verifyAccessToken } from './verify-access-token.ts'
