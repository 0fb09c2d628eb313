import { createSessionManager, type SessionManager } from 'wafer-session'

/** What the program is asked: to seal some sessions, or to open cookies sealed elsewhere. */
export interface Task {
  readonly secret: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Cookie headers; none: seal. */
  readonly cookies?: readonly string[] | undefined
}

/** What a session showed where it was opened or sealed. */
export interface Shown {
  readonly id: string
  readonly userId: string | undefined
  readonly isNew: boolean
  readonly authTime: number | undefined
  readonly amr: readonly string[]
  readonly data: unknown
}

export interface Sealed {
  readonly cookie: string
  readonly shown: Shown
}

export async function run(task: Task): Promise<Sealed[] | Shown[]> {
  const manager = createSessionManager({ secret: task.secret, clock: () => task.now, maxChunks: 2 })
  const { cookies } = task
  if (cookies !== undefined) return Promise.all(cookies.map((cookie) => show(manager, cookie)))
  return Promise.all([
    seal(manager, undefined, { cart: ['a1'], text: '\u00e9\u2028\ud834\udd1e\u0000' }),
    seal(manager, 'u_01HZX3', {}),
    seal(manager, 'u_01HZX3', { list: Array.from({ length: 900 }, (_, i) => i) }),
  ])
}

async function seal(manager: SessionManager, userId: string | undefined, data: object): Promise<Sealed> {
  const session = await manager.open(new Request('https://example.test/'))
  if (userId !== undefined) session.signIn(userId, { amr: ['pwd', 'otp'] })
  Object.assign(session.data, data)
  const lines = await manager.commit(session)
  const cookie = lines.map((line) => line.slice(0, line.indexOf(';'))).join('; ')
  return { cookie, shown: { ...(await show(manager, cookie)), id: session.id, data } }
}

async function show(manager: SessionManager, cookie: string): Promise<Shown> {
  const session = await manager.open(new Request('https://example.test/', { headers: { Cookie: cookie } }))
  const { id, userId, isNew, authTime, amr, data } = session
  return { id, userId, isNew, authTime, amr, data }
}
