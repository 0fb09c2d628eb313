import { type Context, Hono } from 'hono'
import type { Session, SessionManager, SessionManagerOptions } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'

export interface Kept {
  n?: number
}

/** What a request asks for, and with it: who signs in, the number and the note that it writes. */
export interface Wish {
  readonly action: keyof typeof ACTIONS
  readonly user?: string
  readonly n?: number
  readonly note?: string
}

/** What a request found when it arrived; `user` is null for an anonymous one, `note` is there when it was taken. */
export interface Finding {
  readonly user: string | null
  readonly n: number
  readonly note?: string
}

type Act = (session: Session<Kept>, wish: Wish, sessions: SessionManager<Kept>) => unknown

const ACTIONS = {
  read() {},
  write(session, { n = 0 }) {
    session.data.n = n
  },
  flash: (session, { note }) => session.flash('note', note),
  take() {}, // As it is told what was found.
  'sign-in'(session, { user = '', n = 0 }) {
    session.signIn(user)
    session.data.n = n
  },
  regenerate: (session) => session.regenerate(),
  'sign-out': (session) => session.signOut(),
  revoke: (session, _, { users }) => users.revokeAll(session.userId ?? '', { except: session.id }),
} satisfies Record<string, Act>

type Source = SessionManager<Kept> | SessionManagerOptions<Kept>

/**
 * An application of one route, which does what is asked of it and answers what it found: 401 when nobody is signed in.
 *
 * @param beforeAnswer Runs when the handler is done and nothing is written yet.
 */
export function faultSite<E extends object = object>(
  source: Source | ((c: Context) => Source),
  beforeAnswer: () => unknown = () => {},
): Hono<SessionEnv<Kept> & { Bindings: E }> {
  const site = new Hono<SessionEnv<Kept> & { Bindings: E }>()
  site.use(session(source))
  return site.post('*', async (c) => {
    const wish = await c.req.json<Wish>()
    const found = findingOf(c.var.session, wish)
    if (found.user === null && wish.action !== 'sign-in') return c.json(found, 401)
    await ACTIONS[wish.action](c.var.session, wish, c.var.sessions)
    await beforeAnswer()
    return c.json(found)
  })
}

function findingOf(session: Session<Kept>, { action }: Wish): Finding {
  const found = { user: session.userId ?? null, n: session.data.n ?? 0 }
  return action === 'take' ? { ...found, note: session.flash('note') ?? '' } : found
}
