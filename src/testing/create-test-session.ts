import type { SessionManager } from '../manager/manager.ts'
import type { SignInOptions } from '../session/authentication.ts'

export interface TestSessionOptions<Data> extends Omit<SignInOptions<Data>, 'keep'> {
  /** Left out for an anonymous session. */
  readonly userId?: string | undefined
  readonly data?: Data | undefined
}

export interface TestSession {
  /** For the Cookie header of a request. */
  readonly cookie: string
  readonly id: string
}

/** A session as if its user had just signed in, for tests of what lies behind the sign-in. */
export async function createTestSession<Data extends object>(
  manager: SessionManager<Data>,
  { userId, data, ...options }: TestSessionOptions<Data> = {},
): Promise<TestSession> {
  const session = await manager.open(new Request('https://example.test/'))
  if (userId !== undefined) session.signIn(userId, options)
  Object.assign(session.data, data)
  const lines = await manager.commit(session)
  if (lines.length === 0) throw new TypeError('createTestSession() wants a userId, data, or both.')
  return { cookie: lines.map((line) => line.slice(0, line.indexOf(';'))).join('; '), id: session.id }
}
