/**
 * Single sign-out with OpenID providers.
 *
 * @module
 */
export { type BackchannelLogoutOptions, backchannelLogout } from './backchannel-logout.ts'
export { type EndSessionUrlOptions, endSessionUrl } from './end-session-url.ts'
export { type FrontchannelLogoutOptions, frontchannelLogout } from './frontchannel-logout.ts'
export type { Jwk, JwkSet } from './key-set.ts'
export type { LogoutAlgorithm, OidcProvider } from './provider.ts'
export type { SessionsSource } from './sessions-source.ts'
