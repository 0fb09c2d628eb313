import { type Bytes, toBase64Url } from '../encoding.ts'

/**
 * What a session is, wherever it is kept. Times are whole seconds since the epoch, rounded down; `authTime` is in
 * milliseconds. Never changed in place: every step of the life cycle makes a new one.
 */
export interface SessionRecord {
  /** 16 bytes, public: 8 new at sign-in, 8 new at every regeneration. */
  readonly handle: Bytes
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
  readonly user?: SignedIn | undefined
  /** Who has passed the first factor and not the second: an anonymous visitor until then. */
  readonly pending?: SignedIn | undefined
  /** By purpose. */
  readonly challenges?: Readonly<Record<string, Challenge>> | undefined
  readonly flash: Readonly<Record<string, unknown>>
  /** What the client was when the session was opened, where the option `binding` asks for it. */
  readonly binding?: Binding | undefined
  /** When the revocation marks were last read, in seconds, where there are some. */
  readonly checkedAt?: number | undefined
  /** When the monitor asked for a new authentication, in seconds: half signed in until then. */
  readonly stepUpSince?: number | undefined
  /** Such as `Firefox on Windows`: for lists of devices. */
  readonly device?: string | undefined
  /** Such as `Lisbon, PT`: for lists of devices. */
  readonly location?: string | undefined
  /** The data as JSON text: compared as such, parsed once. */
  readonly data: string
}

/** Keyed hashes of what a client looks like; nothing of it in clear. */
export interface Binding {
  /** The secret that the hashes are made with, as a number. */
  readonly kid: number
  readonly hashes: Readonly<Record<string, string>>
}

/** The data of a session that nobody wrote to. */
export const NO_DATA = '{}'

/** Who signed in, when and how. */
export interface SignedIn {
  readonly id: string
  readonly authTime: number
  readonly amr: readonly string[]
  readonly acr?: string | undefined
  /** The cookie outlives the browser, and the `remember` timeouts hold. */
  readonly remember: boolean
  /** Who this is at an OpenID provider, where the user came from one. */
  readonly oidc?: OidcSubject | undefined
}

/** A session at an OpenID provider, as its ID token names it (OpenID Connect Core §2, Back-Channel Logout §2.1). */
export interface OidcSubject {
  readonly iss: string
  readonly sub: string
  readonly sid?: string | undefined
}

/** A value that only its session knows, when it is over, in seconds, and what it is called where the value was chosen. */
export type Challenge = readonly [value: string, expiresAt: number, name?: string]

/** The half of a handle that stays through regenerations, for names. */
export function sessionPart(handle: Uint8Array): string {
  return toBase64Url(handle.subarray(0, SESSION_PART))
}

/** True for one session under whatever ids; handles are public, and need no constant time. */
export function sameSession(a: Uint8Array, b: Uint8Array): boolean {
  return sessionPart(a) === sessionPart(b)
}

/** Bytes of a handle that are new only at sign-in; the others are new at every regeneration. */
const SESSION_PART = 8
