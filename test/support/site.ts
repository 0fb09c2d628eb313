import {
  createSessionManager,
  generateSecret,
  type Session,
  type SessionEvent,
  type SessionManager,
  type SessionManagerOptions,
} from 'wafer-session'
import { type CookieJar, cookieJar, type FakeClock, fakeClock } from 'wafer-session/testing'

type Page<Data extends object, T> = (session: Session<Data>, request: Request) => T | Promise<T>

/** A site with one manager, and the browser of one visitor. */
export interface Site<Data extends object> {
  readonly manager: SessionManager<Data>
  readonly clock: FakeClock
  readonly events: SessionEvent[]
  readonly jar: CookieJar
  /** One request of the visitor; gives what the page gave. */
  visit<T>(page: Page<Data, T>, init?: RequestInit): Promise<T>
  /** The same, for the response. */
  respond(page: Page<Data, Response | unknown>, init?: RequestInit): Promise<Response>
}

// biome-ignore lint/suspicious/noExplicitAny: tests write whatever a handler might.
export type AnyData = Record<string, any>

/** @param clock Of the manager and the browser, and, where a test has one, of the store. */
export function site<Data extends object = AnyData>(
  options: Partial<SessionManagerOptions<Data>> = {},
  clock: FakeClock = fakeClock(),
): Site<Data> {
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => events.push(event)
  const manager = createSessionManager<Data>({ secret: generateSecret(), clock, onEvent, ...options })
  const jar = cookieJar({ clock })

  async function respond(page: Page<Data, unknown>, init?: RequestInit): Promise<Response> {
    const fetch = (request: Request) =>
      manager.handle(request, async (session) => {
        const result = await page(session, request)
        return result instanceof Response ? result : new Response('ok')
      })
    return jar.request({ fetch }, '/', init)
  }

  return {
    manager,
    clock,
    events,
    jar,
    respond,
    async visit(page, init) {
      let value: { result: Awaited<ReturnType<typeof page>> } | undefined
      await respond(async (session, request) => {
        value = { result: (await page(session, request)) as Awaited<ReturnType<typeof page>> }
        return value.result
      }, init)
      if (value === undefined) throw new Error('The page did not run.')
      return value.result
    },
  }
}

/** Every part of a response that a client can see, for comparing two of them. */
export async function wire(response: Response): Promise<unknown> {
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}

/** The names of the cookies that a response sets. */
export function namesSet(response: Response): string[] {
  return response.headers.getSetCookie().map((line) => line.slice(0, line.indexOf('=')))
}
