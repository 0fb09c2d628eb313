import { Session } from '../session/session.ts'
import { commitNow, type Exchange, finish } from './commit.ts'
import { cookieBackend } from './cookie-backend.ts'
import { withSessionHeaders } from './headers.ts'
import { openDraft } from './open.ts'
import { resolveOptions, type SessionManagerOptions } from './options.ts'
import { sealedUsers, type UserSessions } from './users.ts'

export interface RespondOptions {
  /** The handler threw: as for a 5xx, its changes are not kept; an end is. @default response.status >= 500 */
  readonly failed?: boolean | undefined
}

/** Opens and commits sessions, for those without Hono. */
export interface SessionManager<Data extends object = Record<string, unknown>> {
  /** The name of the session cookie. */
  readonly cookieName: string
  /** The session that the request's cookie opens, else an anonymous one. Never throws for what a client sent. */
  open(request: Request): Promise<Session<Data>>
  /**
   * Writes what there is to write and closes the session.
   *
   * @returns The Set-Cookie lines, none when nothing is due. The response also wants the Cache-Control and Vary that
   * `respond` gives it.
   * @throws {SessionError} `ERR_SESSION_TOO_LARGE`, `ERR_SESSION_NOT_SERIALIZABLE`
   */
  commit(session: Session<Data>): Promise<string[]>
  /** Commits the session and gives the response its Set-Cookie, Cache-Control and Vary where due. Throws as `commit`. */
  respond(session: Session<Data>, response: Response, options?: RespondOptions): Promise<Response>
  /** `open`, the handler, `respond`. When the handler throws, so does this, and changes are not kept. */
  handle(
    request: Request,
    handler: (session: Session<Data>, request: Request) => Response | Promise<Response>,
  ): Promise<Response>
  /** The sessions of a user, where something on the server knows them. */
  readonly users: UserSessions<Data>
}

/**
 * The manager for these options. Cheap: key rings are kept per list of secrets, so it may be called per request.
 *
 * @throws {TypeError | RangeError} For wrong options, with a sentence that says what to do.
 */
export function createSessionManager<Data extends object = Record<string, unknown>>(
  options: SessionManagerOptions<Data>,
): SessionManager<Data> {
  const settings = resolveOptions(options)
  const backend = cookieBackend(settings)
  const exchanges = new WeakMap<Session<Data>, Exchange>()

  function exchangeOf(session: Session<Data>): Exchange {
    const exchange = exchanges.get(session)
    if (exchange === undefined) throw new TypeError('This session was not opened by this manager.')
    return exchange
  }

  const manager: SessionManager<Data> = {
    cookieName: settings.cookie.name,
    users: sealedUsers(),
    async open(request) {
      const header = request.headers.get('Cookie') ?? ''
      const draft = await openDraft(settings, backend, header)
      const exchange: Exchange = {
        request,
        header,
        draft,
        lines: [],
        writing: undefined,
        finished: false,
        endReported: false,
      }
      const session = new Session(draft, () => commitNow(settings, backend, exchange))
      exchanges.set(session, exchange)
      return session
    },
    async commit(session) {
      const exchange = exchangeOf(session)
      await finish(settings, backend, exchange, { failed: false, upgrade: false })
      return [...exchange.lines]
    },
    async respond(session, response, { failed = response.status >= 500 } = {}) {
      const exchange = exchangeOf(session)
      await finish(settings, backend, exchange, { failed, upgrade: response.status === 101 })
      const { draft, lines } = exchange
      return withSessionHeaders(response, {
        cookieName: settings.cookie.name,
        cookies: lines,
        live: !draft.isNew,
        clearSiteData: draft.clearSiteData,
      })
    },
    async handle(request, handler) {
      const session = await manager.open(request)
      try {
        const response = await handler(session, request)
        return await manager.respond(session, response)
      } catch (error) {
        await finish(settings, backend, exchangeOf(session), { failed: true, upgrade: false })
        throw error
      }
    },
  }
  return manager
}
