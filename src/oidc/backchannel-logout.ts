import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { ended, failed, invalid, wrongMethod } from './answers.ts'
import { formField } from './form-field.ts'
import { verifiedLogout } from './logout-token.ts'
import { once } from './once.ts'
import { type CheckedProvider, checkedProvider, type OidcProvider, PROVIDER_OPTIONS } from './provider.ts'
import { PURPOSE, type SessionsSource, sessionsSource } from './sessions-source.ts'

interface CommonOptions<Data extends object> {
  /** The manager, or a function of the request that gives one. It needs a `store` with an index, or `revocations`. */
  readonly sessions: SessionsSource<Data>
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

/** One provider, or several under `providers`. */
export type BackchannelLogoutOptions<Data extends object = Record<string, unknown>> = CommonOptions<Data> &
  (OidcProvider | { readonly providers: readonly OidcProvider[] })

const COMMON = ['sessions', 'clock']

/**
 * Takes the logout tokens that an OpenID provider posts when somebody signs out there, and ends the sessions of that
 * sign-in: one with the token's `sid`, else all of its `sub` (OpenID Connect Back-Channel Logout 1.0).
 *
 * The handler answers 200, 400 when something is wrong with the token, and 503 when the provider's keys or the store are
 * out of reach. The request brings no cookie and no Origin: route it before `csrf()`.
 *
 * @throws {TypeError} For wrong options, and for a manager with sealed cookies alone.
 */
export function backchannelLogout<Data extends object>(
  options: BackchannelLogoutOptions<Data>,
): (request: Request) => Promise<Response> {
  const providers = providersOf(options)
  const { clock = Date.now } = options
  const sessionsFor = sessionsSource('backchannelLogout', options.sessions)

  async function logOut(request: Request): Promise<Response> {
    if (request.bodyUsed) throw new TypeError('The body was read before: route backchannelLogout() first.')
    const token = await formField(request, 'logout_token').catch(() => undefined)
    if (token === null) return invalid('The body is too large.', 413)
    if (token === undefined) return invalid('The body must be a form with one logout_token.')
    const now = clock()
    const logout = await verifiedLogout(token, providers, now)
    const sessions = await sessionsFor(request)
    await once(sessions.serverState(PURPOSE), logout, now, () => sessions.users.revokeFederated(logout))
    return ended()
  }

  return async function backchannelLogout(request) {
    if (request.method !== 'POST') return wrongMethod('POST')
    return logOut(request).catch(failed)
  }
}

function providersOf<Data extends object>(options: BackchannelLogoutOptions<Data>): CheckedProvider[] {
  if (!('providers' in options)) {
    refuseUnknown('backchannelLogout', options, [...COMMON, ...PROVIDER_OPTIONS])
    const { sessions, clock, ...provider } = options
    return [checkedProvider(provider)]
  }
  refuseUnknown('backchannelLogout', options, [...COMMON, 'providers'])
  const { providers } = options
  if (Array.isArray(providers) && providers.length > 0) return providers.map(checkedProvider)
  throw new TypeError('providers must be a list of { issuer, clientId, … }.')
}
