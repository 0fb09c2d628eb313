import { namedText } from '../manager/named-text.ts'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { secureUrl } from '../remote/secure-url.ts'
import { backstageOf, type Session } from '../session/session.ts'
import { discovered } from './metadata.ts'

export interface EndSessionUrlOptions {
  /** The provider's `end_session_endpoint`: https, or http on this machine. Either this or `issuer`. */
  readonly endSessionEndpoint?: string | URL | undefined
  /** The provider, whose metadata says where the endpoint is. */
  readonly issuer?: string | undefined
  /** What this application is called there. */
  readonly clientId: string
  /** Where the browser comes back to: one that is registered there. */
  readonly postLogoutRedirectUri?: string | URL | undefined
  /** Comes back with the browser. */
  readonly state?: string | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

const OPTIONS = ['endSessionEndpoint', 'issuer', 'clientId', 'postLogoutRedirectUri', 'state', 'clock']

/**
 * Where to send the browser for it to sign out at the provider too (OpenID Connect RP-Initiated Logout 1.0 §2). With the ID
 * token of the sign-in as `id_token_hint`, where the manager has a store to keep it in; else with the `sub` as
 * `logout_hint`. Call it before `session.signOut()`, which forgets both.
 *
 * @throws {TypeError} For wrong options.
 * @throws {SessionError} `ERR_SESSION_STORE`; `ERR_TOKEN_KEYS` when the metadata of `issuer` is out of reach.
 */
export async function endSessionUrl<Data extends object>(
  session: Session<Data>,
  options: EndSessionUrlOptions,
): Promise<URL> {
  refuseUnknown('endSessionUrl', options, OPTIONS)
  const { clientId, postLogoutRedirectUri, state } = options
  const parameters = {
    client_id: namedText('clientId', clientId),
    post_logout_redirect_uri: postLogoutRedirectUri && checkedUri(postLogoutRedirectUri),
    state,
    ...(await hintOf(session, options.issuer)),
  }
  const url = new URL(await endpointOf(options))
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url
}

async function endpointOf({
  endSessionEndpoint,
  issuer,
  clock = Date.now,
}: EndSessionUrlOptions): Promise<URL> {
  if (endSessionEndpoint !== undefined) return secureUrl('endSessionEndpoint', endSessionEndpoint)
  if (issuer === undefined) throw new TypeError('endSessionUrl wants the endSessionEndpoint, or the issuer.')
  secureUrl('issuer', issuer)
  return discovered(issuer, 'end_session_endpoint', clock())
}

/** As it was given: providers compare it with what is registered, character by character. @throws {TypeError} */
function checkedUri(uri: string | URL): string {
  if (URL.canParse(String(uri))) return String(uri)
  throw new TypeError(`postLogoutRedirectUri must be a whole URL: current value is ${uri}.`)
}

/** Who is to be signed out. What one provider said of a user is nothing for another. */
async function hintOf<Data extends object>(
  session: Session<Data>,
  issuer: string | undefined,
): Promise<{ id_token_hint?: string; logout_hint?: string }> {
  const backstage = backstageOf(session)
  if (backstage === undefined)
    throw new TypeError('endSessionUrl(session) wants a session of createSessionManager.')
  const { oidc } = session
  if (issuer !== undefined && oidc?.iss !== issuer) return {} // Of half a sign-in nobody says where it came from.
  const idToken = await backstage.idToken()
  if (idToken !== undefined) return { id_token_hint: idToken }
  return oidc === undefined ? {} : { logout_hint: oidc.sub }
}
