import type { Session, SessionManager } from 'wafer-session'
import type { AnyData } from './site.ts'
import { fromBase64url } from './wafer1.ts'
import { partsOf } from './wafer1-store.ts'

/** What one request got. */
export interface Answer {
  /** Whose session the handler saw. */
  readonly userId: string | undefined
  /** The value of the session cookie that the response sets; null for none. */
  readonly cookie: string | null
  readonly response: Response
}

type Page = (session: Session<AnyData>, request: Request) => unknown

/** One request with this value as its session cookie, however it came by it; with none when it is empty. */
export async function ask(
  manager: SessionManager<AnyData>,
  value: string,
  page: Page = () => {},
  init: RequestInit = {},
): Promise<Answer> {
  const headers: HeadersInit = value === '' ? {} : { Cookie: `__Host-session=${value}` }
  const request = new Request('https://example.test/', { ...init, headers })
  let userId: string | undefined
  const response = await manager.handle(request, async (session) => {
    userId = session.userId
    const result = await page(session, request)
    return result instanceof Response ? result : new Response('ok')
  })
  return { userId, cookie: setBy(response), response }
}

/** The value of the session cookie that a response sets; null for none. */
export function setBy(response: Response, name = '__Host-session'): string | null {
  const line = response.headers.getSetCookie().find((one) => one.startsWith(`${name}=`))
  return line?.slice(name.length + 1, line.indexOf(';')) ?? null
}

/** The token in an id cookie, whatever secret tagged it. */
export function tokenOf(value: string | null): string {
  return partsOf(fromBase64url(value ?? '')).token
}
