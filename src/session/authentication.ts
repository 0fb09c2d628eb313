import type { SignedIn } from './record.ts'

export interface SignInOptions<Data> {
  /** How the user authenticated, such as `['pwd', 'otp']` (RFC 8176). */
  readonly amr?: readonly string[] | undefined
  /** The assurance level reached, such as `'aal2'` (OpenID Connect Core §2). */
  readonly acr?: string | undefined
  /** The cookie outlives the browser, and the manager's `remember` timeouts hold. @default false */
  readonly remember?: boolean | undefined
  /** The keys of `data` to carry over from before; nothing else is. @default [] */
  readonly keep?: readonly (keyof Data & string)[] | undefined
}

export interface ReauthenticateOptions {
  /** Added to the methods there are. */
  readonly amr?: readonly string[] | undefined
  /** Replaces the level there is. */
  readonly acr?: string | undefined
}

/** @throws {TypeError} When the user id or an option cannot be one. */
export function authenticated(id: string, options: SignInOptions<never>, authTime: number): SignedIn {
  const { amr = [], acr, remember = false } = options
  if (typeof id !== 'string' || id === '') throw new TypeError('signIn(userId) wants a non-empty string.')
  return checked({ id, authTime, amr: [...amr], acr, remember })
}

/** @throws {TypeError} When nobody is signed in, or an option cannot be one. */
export function reauthenticated(
  user: SignedIn | undefined,
  options: ReauthenticateOptions,
  authTime: number,
): SignedIn {
  if (user === undefined) {
    throw new TypeError('reauthenticate() wants a signed-in user. Call signIn(userId) first.')
  }
  const amr = [...new Set([...user.amr, ...(options.amr ?? [])])]
  return checked({ ...user, authTime, amr, acr: options.acr ?? user.acr })
}

function checked(user: SignedIn): SignedIn {
  if (!user.amr.every((method) => typeof method === 'string')) {
    throw new TypeError(`amr must be a list of strings, such as ['pwd'].`)
  }
  if (user.acr !== undefined && typeof user.acr !== 'string') {
    throw new TypeError(`acr must be a string, such as 'aal2'.`)
  }
  return user
}
