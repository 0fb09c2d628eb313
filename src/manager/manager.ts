import type { SessionInfo } from '../session/binding.ts'
import { backstageOf, Session } from '../session/session.ts'
import type { SessionBackend } from './backend.ts'
import { finish, type Outcome } from './commit.ts'
import { cookieBackend } from './cookie-backend.ts'
import { OpenExchange } from './exchange.ts'
import { withSessionHeaders } from './headers.ts'
import { openDraft } from './open.ts'
import type { SessionManagerOptions } from './options.ts'
import { markedUsers, sealedUsers } from './sealed-users.ts'
import type { ServerState } from './server-state.ts'
import { resolveOptions, type Settings, sameSettings } from './settings.ts'
import { Shelf } from './shelf.ts'
import { StoreBackend } from './store-backend.ts'
import { serverState } from './stored-state.ts'
import { storedUsers } from './stored-users.ts'
import type { UserSessions } from './users.ts'

export interface RespondOptions {
  /** The handler threw: as for a 5xx, its changes are not kept; an end is. @default response.status >= 500 */
  readonly failed?: boolean | undefined
}

/** Opens and commits sessions, for those without Hono. */
export interface SessionManager<Data extends object = Record<string, unknown>> {
  /** The name of the session cookie. */
  readonly cookieName: string
  /**
   * The session that the request's cookie opens, else an anonymous one. Never throws for what a client sent.
   *
   * @param info What the runtime knows of the client: for `binding` and for lists of devices.
   * @throws {SessionError} `ERR_SESSION_STORE`
   */
  open(request: Request, info?: SessionInfo): Promise<Session<Data>>
  /**
   * Writes what there is to write and closes the session.
   *
   * @returns The Set-Cookie lines, none when nothing is due. The response also wants the Cache-Control, Vary and
   * Clear-Site-Data that `respond` gives it.
   * @throws {SessionError} For what cannot be kept, or when the store fails.
   */
  commit(session: Session<Data>): Promise<string[]>
  /** Commits the session and gives the response its Set-Cookie, Cache-Control and Vary where due. Throws as `commit`. */
  respond(session: Session<Data>, response: Response, options?: RespondOptions): Promise<Response>
  /**
   * `open`, the handler, `respond`. When the handler throws, so does this: there is no response then, so no change reaches
   * the browser; a sign-out holds where the session can be ended on the server.
   */
  handle(
    request: Request,
    handler: (session: Session<Data>, request: Request) => Response | Promise<Response>,
    info?: SessionInfo,
  ): Promise<Response>
  /** The sessions of a user, where something on the server knows them. */
  readonly users: UserSessions<Data>
  /**
   * What a feature keeps on the server beside the sessions, under a purpose of its own. Taken are `challenge`, `id-token`,
   * `oidc-logout`, `totp` and `activity`.
   *
   * @throws {TypeError} Without `store` and `revocations`: there is no place for it.
   */
  serverState(purpose: string): ServerState
}

/** Where a manager has its settings, for `areAlike`. */
const SETTINGS: unique symbol = /* @__PURE__ */ Symbol('settings')

/** True when two managers open and write the same sessions in the same way. */
export function areAlike(a: object, b: object): boolean {
  const [one, other] = [a, b].map((manager: { readonly [SETTINGS]?: Settings<object> }) => manager[SETTINGS])
  return a === b || (one !== undefined && other !== undefined && sameSettings(one, other))
}

const THROWN: Outcome = { failed: true, quiet: true }

/**
 * The manager for these options. Cheap: key rings are kept per list of secrets, so it may be called per request.
 *
 * @throws {TypeError | RangeError} For wrong options, with a sentence that says what to do.
 */
export function createSessionManager<Data extends object = Record<string, unknown>>(
  options: SessionManagerOptions<Data>,
): SessionManager<Data> {
  const settings = resolveOptions(options)
  const { backend, users } = placeOf<Data>(settings)

  function exchangeOf(session: Session<Data>): OpenExchange {
    const exchange = backstageOf(session)
    if (!(exchange instanceof OpenExchange) || exchange.settings !== settings) {
      throw new TypeError('This is no session that this manager opened. Is an await missing before open()?')
    }
    return exchange
  }

  const manager: SessionManager<Data> = {
    cookieName: settings.cookie.name,
    users,
    serverState: (purpose) => serverState(settings, purpose),
    async open(request, info = {}) {
      if (typeof request?.headers?.get !== 'function') throw new TypeError('open(request) wants a Request.')
      const header = request.headers.get('Cookie') ?? ''
      const arrival = { request, info, header, at: header === '' ? 0 : settings.clock() }
      const opening = await openDraft(settings, backend, arrival)
      return new Session(opening.draft, new OpenExchange(settings, backend, arrival, opening))
    },
    async commit(session) {
      const exchange = exchangeOf(session)
      await finish(exchange, { failed: false, quiet: false })
      return [...exchange.lines]
    },
    async respond(session, response, { failed } = {}) {
      const exchange = exchangeOf(session)
      if (typeof response?.status !== 'number') {
        throw new TypeError('respond(session, response) wants a Response. Did the handler return one?')
      }
      const quiet = response.status === 101 || response.status >= 500
      await finish(exchange, { failed: failed ?? response.status >= 500, quiet })
      const { draft, lines, changed } = exchange
      return withSessionHeaders(response, {
        cookieName: manager.cookieName,
        cookies: lines,
        changed,
        live: !draft.isNew,
        clearSiteData: draft.clearSiteData,
      })
    },
    async handle(request, handler, info) {
      const session = await manager.open(request, info)
      try {
        const response = await handler(session, request)
        return await manager.respond(session, response)
      } catch (error) {
        // Without a response no cookie can be cleared: where only that would end the session, it has not ended.
        const exchange = exchangeOf(session)
        const ends = exchange.draft.phase !== 'ended' || backend.canEnd
        if (ends) await finish(exchange, THROWN).catch(() => {}) // The handler's own error matters more.
        throw error
      }
    },
  }
  return Object.defineProperty(manager, SETTINGS, { value: settings }) // Not enumerable: no log shows it.
}

/** Where sessions are kept, and who knows them. */
function placeOf<Data extends object>(
  settings: Settings<Data>,
): { backend: SessionBackend; users: UserSessions<Data> } {
  const { store, marks } = settings
  if (store !== undefined) {
    const shelf = new Shelf(settings, store)
    return { backend: new StoreBackend(settings, shelf), users: storedUsers(settings, shelf) }
  }
  return { backend: cookieBackend(settings), users: marks ? markedUsers(settings, marks) : sealedUsers() }
}
