import { type Session, SessionError, type SessionManager } from 'wafer-session'

/** All that a handler may ask of a session; what is inside must not make any of it fail. */
export async function exercise(manager: SessionManager, session: Session, change: boolean): Promise<void> {
  void [session.id, session.userId, session.pending, session.risk, session.oidc, session.amr, session.acr]
  void [session.createdAt, session.lastSeenAt, session.expiresAt, session.authTime, session.isFresh(60)]
  JSON.stringify(session)
  session.flash('notice')
  try {
    await session.challenge.take('pkce')
    if (change) {
      ;(session.data as Record<string, unknown>).touched = true
      if (session.userId !== undefined) session.reauthenticate()
    }
    await manager.commit(session)
  } catch (error) {
    if (!(error instanceof SessionError)) throw error
  }
}
