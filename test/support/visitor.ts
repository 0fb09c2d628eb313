import {
  createSessionManager,
  generateSecret,
  type Session,
  type SessionEvent,
  type SessionManager,
  type SessionManagerOptions,
} from 'wafer-session'
import { type FakeClock, fakeClock } from 'wafer-session/testing'

export interface Application {
  readonly manager: SessionManager
  readonly clock: FakeClock
  /** The reasons of the refusals so far, oldest first. */
  readonly reasons: string[]
}

/** A manager with a clock of its own and, unless given, a secret that no other test has warmed. */
export function application(options: Partial<SessionManagerOptions> = {}): Application {
  const clock = fakeClock()
  const reasons: string[] = []
  const onEvent = (event: SessionEvent) => {
    if (event.type === 'reject') reasons.push(event.reason)
  }
  return {
    manager: createSessionManager({ secret: generateSecret(), clock, onEvent, ...options }),
    clock,
    reasons,
  }
}

/** A request with this Cookie header, none when it is empty. */
export function requestWith(cookie: string): Request {
  return new Request('https://example.test/', cookie === '' ? {} : { headers: { Cookie: cookie } })
}

/** The value of the first cookie in a Cookie header. */
export function cookieValue(cookie: string): string {
  return cookie.slice(cookie.indexOf('=') + 1).split(';', 1)[0] as string
}

/** Whose session the cookie opens: a user, `'anonymous'`, or nobody's. */
export async function whoseIs(manager: SessionManager, cookie: string): Promise<string | undefined> {
  const session = await manager.open(requestWith(cookie))
  return session.isNew ? undefined : (session.userId ?? 'anonymous')
}

/** One request with this Cookie header: the header that the client has after it. */
export async function visitWith(
  manager: SessionManager,
  cookie: string,
  page: (session: Session) => unknown,
): Promise<string> {
  const session = await manager.open(requestWith(cookie))
  await page(session)
  const [line] = await manager.commit(session)
  if (line === undefined) return cookie
  return line.includes('Max-Age=0') ? '' : line.slice(0, line.indexOf(';'))
}
