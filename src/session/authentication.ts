import type { OidcSubject, SignedIn } from './record.ts'

export interface SignInOptions<Data> {
  /** How the user authenticated, such as `['pwd', 'otp']` (RFC 8176). */
  readonly amr?: readonly string[] | undefined
  /** The assurance level reached, such as `'aal2'` (OpenID Connect Core §2). */
  readonly acr?: string | undefined
  /** The cookie outlives the browser, and the manager's `remember` timeouts hold. @default false */
  readonly remember?: boolean | undefined
  /** The keys of `data` to carry over from before; nothing else is. @default [] */
  readonly keep?: readonly (keyof Data & string)[] | undefined
  /**
   * Half signed in: `userId` stays undefined until `reauthenticate()` says that the second factor was given, within 10
   * minutes. @default false
   */
  readonly pending?: boolean | undefined
  /** Where the user came from an OpenID provider: what its ID token says, so that its logout ends the session. */
  readonly oidc?: OidcSignIn | undefined
}

export interface OidcSignIn extends OidcSubject {
  /** Kept on the server for the logout at the provider (`id_token_hint`), where the manager has a store. */
  readonly idToken?: string | undefined
}

export interface ReauthenticateOptions {
  /** Added to the methods there are. */
  readonly amr?: readonly string[] | undefined
  /** Replaces the level there is. Without it that stays, and is as fresh as this authentication, whatever was shown. */
  readonly acr?: string | undefined
}

export interface SignOutOptions {
  /** Also sends `Clear-Site-Data: "cache", "cookies", "storage"` (ASVS 14.3.1). @default false */
  readonly clearSiteData?: boolean | undefined
}

/** @throws {TypeError} When the user id or an option cannot be one. */
export function authenticated(id: string, options: SignInOptions<never>, authTime: number): SignedIn {
  const { amr = [], acr, remember = false, keep = [], pending = false, oidc, ...unknown } = options
  refuse('signIn', unknown)
  if (typeof id !== 'string' || id === '') throw new TypeError('signIn(userId) wants a non-empty string.')
  if (!Array.isArray(keep)) throw new TypeError(`keep must be a list of keys, such as ['cart'].`)
  if (typeof remember !== 'boolean' || typeof pending !== 'boolean') {
    throw new TypeError('remember and pending must be true or false.')
  }
  const user = checked({ id, authTime, amr: methods(amr), acr, remember })
  return oidc === undefined ? user : { ...user, oidc: subject(oidc) }
}

/** @param user Who is signed in, or half so. @throws {TypeError} When nobody is, or an option cannot be one. */
export function reauthenticated(
  user: SignedIn | undefined,
  options: ReauthenticateOptions,
  authTime: number,
): SignedIn {
  if (user === undefined) {
    throw new TypeError('reauthenticate() wants a signed-in or half signed-in user. Call signIn() first.')
  }
  const { amr = [], acr = user.acr, ...unknown } = options
  refuse('reauthenticate', unknown)
  return checked({ ...user, authTime, amr: [...new Set([...user.amr, ...methods(amr)])], acr })
}

/** A misspelt `pending` would be a whole sign-in. @throws {TypeError} */
function refuse(caller: string, unknown: object): void {
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new TypeError(`${caller}() has no option ${name}: see its documentation.`)
}

/** @throws {TypeError} */
function subject({ iss, sub, sid, idToken }: OidcSignIn): OidcSubject {
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  if (isText(iss) && isText(sub) && [sid, idToken].every((one) => one === undefined || isText(one))) {
    return { iss, sub, sid }
  }
  throw new TypeError(
    'oidc wants the iss, the sub and, where there is one, the sid of the ID token, as strings.',
  )
}

/** A copy, so that a list that the application changes later stays its own. */
function methods(amr: unknown): string[] {
  if (Array.isArray(amr) && amr.every((method) => typeof method === 'string')) return [...amr]
  throw new TypeError(`amr must be a list of strings, such as ['pwd'].`)
}

function checked(user: SignedIn): SignedIn {
  if (user.acr !== undefined && typeof user.acr !== 'string') {
    throw new TypeError(`acr must be a string, such as 'aal2'.`)
  }
  return user
}
