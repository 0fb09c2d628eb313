import type { SessionManager } from '../manager/manager.ts'

/** A session manager, or a function of the request that gives one. */
export type SessionsSource<Data extends object> =
  | SessionManager<Data>
  | ((request: Request) => SessionManager<Data> | Promise<SessionManager<Data>>)

/**
 * The manager for a request. One with sealed cookies alone is refused, here if it is there already: no logout would ever
 * reach its sessions.
 *
 * @throws {TypeError}
 */
export function sessionsSource<Data extends object>(
  caller: string,
  sessions: SessionsSource<Data>,
): (request: Request) => Promise<SessionManager<Data>> {
  if (typeof sessions !== 'function') {
    const manager = reachable(caller, sessions)
    return async () => manager
  }
  return async (request) => reachable(caller, await sessions(request))
}

function reachable<Data extends object>(caller: string, manager: SessionManager<Data>): SessionManager<Data> {
  if (typeof manager?.users?.revokeFederated !== 'function') {
    throw new TypeError(`${caller} wants sessions: a session manager, or a function that gives one.`)
  }
  try {
    manager.serverState(PURPOSE)
  } catch (cause) {
    throw new TypeError(
      `${caller} needs sessions in a store, or revocations: sealed cookies alone cannot be ended from elsewhere.`,
      { cause },
    )
  }
  return manager
}

/** Of what is kept on the server. */
export const PURPOSE = 'oidc-logout'
