import { namedText } from '../manager/named-text.ts'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { type KeyOptions, type ProviderKeys, providerKeys } from './provider-keys.ts'

/** A provider that may end sessions here. */
export interface OidcProvider extends KeyOptions {
  /** The `iss` of its tokens, exactly. */
  readonly issuer: string
  /** What this application is called there: must be in the `aud` of a logout token. */
  readonly clientId: string
  /** Its public keys. Without these and `jwksUri`, its metadata says where they are (OpenID Connect Discovery 1.0). */
  readonly jwks?: KeyOptions['jwks']
  /** Where it publishes them: https, or http on this machine. */
  readonly jwksUri?: string | URL | undefined
  /** Asymmetric ones only. @default every one of `LogoutAlgorithm` */
  readonly algorithms?: readonly LogoutAlgorithm[] | undefined
  /** Takes logout tokens without `typ`, as older providers make them. @default false */
  readonly allowUntyped?: boolean | undefined
}

/** JWS algorithms (RFC 7518 §3.1, RFC 8037, RFC 9864): never `none`, never a symmetric one. */
export type LogoutAlgorithm = (typeof ALGORITHMS)[number]

const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** A provider with options that were checked. */
export interface CheckedProvider {
  readonly issuer: string
  readonly clientId: string
  readonly keyOf: ProviderKeys
  readonly algorithms: readonly string[]
  readonly allowUntyped: boolean
}

export const PROVIDER_OPTIONS: readonly string[] = [
  'issuer',
  'clientId',
  'jwks',
  'jwksUri',
  'algorithms',
  'allowUntyped',
]

/** @throws {TypeError} */
export function checkedProvider(options: OidcProvider): CheckedProvider {
  refuseUnknown('A provider', options, PROVIDER_OPTIONS)
  const { issuer, clientId, jwks, jwksUri, algorithms, allowUntyped = false } = options
  return {
    issuer: namedText('issuer', issuer),
    clientId: namedText('clientId', clientId),
    keyOf: providerKeys({ issuer, jwks, jwksUri }),
    algorithms: checkedAlgorithms(algorithms),
    allowUntyped: allowUntyped === true,
  }
}

function checkedAlgorithms(algorithms: readonly LogoutAlgorithm[] = ALGORITHMS): readonly string[] {
  const isKnown = Array.isArray(algorithms) && algorithms.every((alg) => ALGORITHMS.includes(alg))
  if (isKnown && algorithms.length > 0) return [...algorithms]
  throw new TypeError(`algorithms must be a list of some of ${ALGORITHMS.join(', ')}.`)
}
