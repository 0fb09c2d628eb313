import type { SessionManager } from '../manager/manager.ts'
import { namedText } from '../manager/named-text.ts'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { secureUrl } from '../remote/secure-url.ts'
import type { Session } from '../session/session.ts'
import { failed, invalid, wrongMethod } from './answers.ts'
import { type SessionsSource, sessionsSource } from './sessions-source.ts'

export interface FrontchannelLogoutOptions<Data extends object = Record<string, unknown>> {
  /** The provider whose page has the frame, or several of them: nobody else may show it. */
  readonly issuer: string | readonly string[]
  /** The manager, or a function of the request that gives one. It needs a `store` with an index, or `revocations`. */
  readonly sessions: SessionsSource<Data>
}

/** What a frame asks to end: one session at a provider, or whatever its cookie opens. */
type Asked = { readonly iss: string; readonly sid: string } | null

/** Far longer than any provider's, and short enough for a name in a store. */
const MAX_SID = 1024

/**
 * Answers the frame that an OpenID provider shows while somebody signs out there: ends the session with its `iss` and
 * `sid`, else the one that its cookie opens (OpenID Connect Front-Channel Logout 1.0 §3). Most browsers send no cookie with
 * a frame of another site, and anyone can ask for this address: prefer `backchannelLogout`, and see docs/single-sign-out.md.
 *
 * @throws {TypeError} For wrong options, and for a manager with sealed cookies alone.
 */
export function frontchannelLogout<Data extends object>(
  options: FrontchannelLogoutOptions<Data>,
): (request: Request) => Promise<Response> {
  refuseUnknown('frontchannelLogout', options, ['issuer', 'sessions'])
  const issuers = issuersOf(options.issuer)
  const sessionsFor = sessionsSource('frontchannelLogout', options.sessions)
  const ancestors = [...new Set(issuers.map((issuer) => secureUrl('issuer', issuer).origin))].join(' ')

  async function logOut(request: Request): Promise<Response> {
    const asked = askedOf(request, issuers)
    if (typeof asked === 'string') return invalid(asked)
    if (asked === null && !mayBeFrame(request)) return invalid('Without iss and sid this is for a frame.')
    const sessions = await sessionsFor(request)
    const session = await sessions.open(request)
    if (asked !== null) await sessions.users.revokeFederated(asked)
    if (isMeant(session, asked, issuers)) session.signOut()
    return page(sessions, session)
  }

  return async function frontchannelLogout(request) {
    if (request.method !== 'GET') return wrongMethod('GET')
    const response = await logOut(request).catch(failed)
    response.headers.set('Content-Security-Policy', `default-src 'none'; frame-ancestors ${ancestors}`)
    response.headers.set('Cache-Control', 'no-store')
    return response
  }
}

function issuersOf(issuer: string | readonly string[]): string[] {
  const issuers = [issuer].flat().map((one) => namedText('issuer', one))
  if (issuers.length > 0) return issuers
  throw new TypeError('issuer must be the issuer, or a list of them.')
}

/** Both or neither, each once; a sentence when it is anything else. */
function askedOf({ url }: Request, issuers: readonly string[]): Asked | string {
  const { searchParams } = new URL(url)
  const [iss, sid] = [searchParams.getAll('iss'), searchParams.getAll('sid')]
  if (iss.length === 0 && sid.length === 0) return null
  if (iss.length !== 1 || sid.length !== 1) return 'iss and sid come together, each once, or not at all.'
  const asked = { iss: iss[0] as string, sid: sid[0] as string }
  if (!issuers.includes(asked.iss)) return 'iss is no provider of this application.'
  return asked.sid !== '' && asked.sid.length <= MAX_SID ? asked : 'sid is empty, or too long.'
}

/** With a link of any site, unlike its frame, a `SameSite=Lax` cookie comes along (W3C Fetch Metadata §2.1). */
function mayBeFrame({ headers }: Request): boolean {
  return ['iframe', 'frame', null].includes(headers.get('Sec-Fetch-Dest'))
}

/** Where a cookie came along. Half a sign-in is not worth asking whose it is. */
function isMeant<Data extends object>(
  { oidc, pending }: Session<Data>,
  asked: Asked,
  issuers: readonly string[],
): boolean {
  if (asked !== null) return oidc?.iss === asked.iss && oidc.sid === asked.sid
  return pending !== undefined || (oidc !== undefined && issuers.includes(oidc.iss))
}

async function page<Data extends object>(
  sessions: SessionManager<Data>,
  session: Session<Data>,
): Promise<Response> {
  const blank = new Response('', { headers: { 'Content-Type': 'text/html; charset=utf-8' } })
  return sessions.respond(session, blank)
}
