import { isPlain } from './json.ts'
import type { Binding, Challenge, OidcSubject, SessionRecord, SignedIn } from './record.ts'

type Oidc = readonly [iss: string, sub: string, sid?: string]

/** What only some sessions have, under short names: a cookie has little room. */
export interface More {
  /** Binding. */
  readonly b?: readonly [number, Binding['hashes']]
  /** When the revocation marks were last read. */
  readonly c?: number
  /** Device. */
  readonly d?: string
  /** Location. */
  readonly l?: string
  /** The OpenID provider's names for the user and the session. */
  readonly o?: Oidc
  /** Half signed in: user id, time, methods, level, remember, OpenID. */
  readonly p?: readonly [string, number, string[], string | null, number, Oidc | null]
  /** Challenges. */
  readonly q?: Readonly<Record<string, Challenge>>
  /** When a new authentication was asked for. */
  readonly s?: number
}

export function encodeMore(record: SessionRecord): More | null {
  const { binding, checkedAt, device, location, user, pending, challenges, stepUpSince } = record
  const more: More = {
    ...(binding && { b: [binding.kid, { ...binding.hashes }] }),
    ...(checkedAt !== undefined && { c: checkedAt }),
    ...(device && { d: device }),
    ...(location && { l: location }),
    ...(user?.oidc && { o: encodeOidc(user.oidc) }),
    ...(pending && { p: encodePending(pending) }),
    ...(challenges && { q: challenges }),
    ...(stepUpSince !== undefined && { s: stepUpSince }),
  }
  return Object.keys(more).length > 0 ? more : null
}

export function decodeMore({ b, c, d, l, p, q, s }: More): Partial<SessionRecord> {
  return {
    ...(b && { binding: { kid: b[0], hashes: b[1] } }),
    ...(c !== undefined && { checkedAt: c }),
    ...(d !== undefined && { device: d }),
    ...(l !== undefined && { location: l }),
    ...(p && { pending: decodePending(p) }),
    ...(q && { challenges: q }),
    ...(s !== undefined && { stepUpSince: s }),
  }
}

/** What is authentic was written by this library, and still only what has the right shape is let in. */
export function isMore(more: unknown): more is More | null {
  if (more === null) return true
  if (!isPlain(more)) return false
  const {
    b = [0, {}],
    c = 0,
    d = '',
    l = '',
    o = ['', ''],
    p,
    q = {},
    s = 0,
  } = more as Record<string, unknown>
  const bound = Array.isArray(b) && typeof b[0] === 'number' && isPlain(b[1])
  const named =
    typeof c === 'number' && typeof s === 'number' && typeof d === 'string' && typeof l === 'string'
  return bound && named && isOidc(o) && (p === undefined || isPending(p)) && isChallenges(q)
}

/** As a part of the user, where there is one. */
export function oidcOf(oidc: Oidc | null | undefined): Pick<SignedIn, 'oidc'> {
  if (!oidc) return {}
  const [iss, sub, sid] = oidc
  return { oidc: { iss, sub, sid } }
}

function encodeOidc({ iss, sub, sid }: OidcSubject): Oidc {
  return sid === undefined ? [iss, sub] : [iss, sub, sid]
}

function encodePending({ id, authTime, amr, acr, remember, oidc }: SignedIn): More['p'] & object {
  return [id, authTime, [...amr], acr ?? null, remember ? 1 : 0, oidc ? encodeOidc(oidc) : null]
}

function decodePending([id, authTime, amr, acr, remember, oidc]: More['p'] & object): SignedIn {
  return { id, authTime, amr, acr: acr ?? undefined, remember: remember === 1, ...oidcOf(oidc) }
}

function isOidc(oidc: unknown): boolean {
  return isTexts(oidc) && oidc.length >= 2
}

function isTexts(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((part) => typeof part === 'string')
}

function isPending(pending: unknown): boolean {
  if (!Array.isArray(pending)) return false
  const [id, authTime, amr, acr, , oidc] = pending
  const authenticated = typeof id === 'string' && typeof authTime === 'number' && isTexts(amr)
  return authenticated && (acr === null || typeof acr === 'string') && (oidc === null || isOidc(oidc))
}

function isChallenges(challenges: unknown): boolean {
  if (!isPlain(challenges)) return false
  return Object.values(challenges).every((one) => {
    if (!Array.isArray(one)) return false
    const [value, expiresAt, name = ''] = one
    return typeof value === 'string' && typeof expiresAt === 'number' && typeof name === 'string'
  })
}
