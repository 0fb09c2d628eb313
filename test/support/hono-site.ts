import { Hono } from 'hono'
import { generateSecret, type SessionEvent, type SessionManagerOptions } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'
import { type CookieJar, cookieJar, type FakeClock, fakeClock } from 'wafer-session/testing'
import type { AnyData } from './site.ts'

/** A Hono app with one session, and the browser of one visitor. */
export interface HonoSite {
  readonly app: Hono<SessionEnv<AnyData>>
  readonly options: SessionManagerOptions<AnyData>
  readonly clock: FakeClock
  readonly events: SessionEvent[]
  readonly jar: CookieJar
  get(path: string, init?: RequestInit): Promise<Response>
  post(path: string, init?: RequestInit): Promise<Response>
  /** What the visitor's session holds now. */
  stored(): Promise<{ userId?: string; data: AnyData }>
}

/** @param use False to leave `app.use(session(…))` to the test. */
export function honoSite(given: Partial<SessionManagerOptions<AnyData>> = {}, use = true): HonoSite {
  const clock = fakeClock()
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => events.push(event)
  const options = { secret: generateSecret(), clock, onEvent, ...given }
  const app = new Hono<SessionEnv<AnyData>>()
  if (use) app.use(session(options))
  const jar = cookieJar({ clock })
  const probe = new Hono<SessionEnv<AnyData>>()
  probe.use(session({ ...options, onEvent: undefined }))
  probe.get('/', (c) => c.json({ userId: c.var.session.userId, data: c.var.session.data }))

  return {
    app,
    options,
    clock,
    events,
    jar,
    get: (path, init) => jar.request(app, path, init),
    post: (path, init) => jar.request(app, path, { method: 'POST', ...init }),
    stored: async () => (await probe.request('/', { headers: { cookie: jar.header() } })).json(),
  }
}
