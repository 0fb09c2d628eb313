import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { isCompact } from '../encoding.ts'
import type { KeyHeader } from './key-set.ts'
import { checkedLogout, type Logout } from './logout-claims.ts'
import type { CheckedProvider } from './provider.ts'
import { refusal } from './refusal.ts'

/**
 * What a genuine logout token of one of the providers asks for (OpenID Connect Back-Channel Logout 1.0 §2.6).
 *
 * @param now Milliseconds since the epoch.
 * @throws {SessionError} `ERR_TOKEN_INVALID` for any other; `ERR_TOKEN_KEYS` when the provider's keys are out of reach.
 */
export async function verifiedLogout(
  token: string,
  providers: readonly CheckedProvider[],
  now: number,
): Promise<Logout> {
  const { header, claims } = decoded(token)
  const provider = addressed(providers, claims)
  const { alg, kid } = checkedHeader(header, provider)
  const key = await provider.keyOf({ alg, kid }, now)
  const { payload } = await jwtVerify(token, key, {
    algorithms: [alg],
    issuer: provider.issuer,
    audience: provider.clientId,
    currentDate: new Date(now),
  }).catch((cause) => {
    throw refusal(`It does not verify: ${cause.message}.`, cause)
  })
  return checkedLogout(payload, now)
}

type Unverified = Readonly<Record<string, unknown>>

function decoded(token: string): { header: Unverified; claims: Unverified } {
  if (!isCompact(token)) throw refusal('It is no signed token.')
  try {
    return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token) }
  } catch (cause) {
    throw refusal('It is no signed token.', cause)
  }
}

/** Whose keys to ask; not yet believed. One issuer may know this application under several names. */
function addressed(providers: readonly CheckedProvider[], { iss, aud }: Unverified): CheckedProvider {
  const ofIssuer = providers.filter(({ issuer }) => issuer === iss)
  if (ofIssuer.length === 0) throw refusal('Its iss is no provider of this application.')
  const audiences = [aud].flat()
  const provider = ofIssuer.find(({ clientId }) => audiences.includes(clientId))
  if (provider === undefined) throw refusal('Its aud does not name this application.')
  return provider
}

/** What the header says before anything of it is trusted. */
function checkedHeader({ alg, kid, typ }: Unverified, provider: CheckedProvider): KeyHeader {
  if (typeof alg !== 'string' || !provider.algorithms.includes(alg)) throw refusal('Its alg is not allowed.')
  if (kid !== undefined && typeof kid !== 'string') throw refusal('Its kid is no string.')
  const isUntyped = typ === undefined && provider.allowUntyped
  if (!isUntyped && !isLogoutType(typ)) throw refusal('Its typ is not logout+jwt.')
  return { alg, kid }
}

/** A media type, in whatever case, whose `application/` may be left out (RFC 7515 §4.1.9). */
function isLogoutType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(?:application\/)?logout\+jwt$/i.test(typ)
}
