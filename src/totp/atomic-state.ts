import type { ServerState } from '../manager/server-state.ts'

/** A session manager, or anything else that keeps values on the server. */
export interface StateSource {
  serverState(purpose: string): ServerState
}

/** @throws {TypeError} Without a place on the server where writes compare versions. */
export function atomicState(caller: string, sessions: StateSource | undefined): ServerState {
  if (typeof sessions?.serverState !== 'function') {
    throw new TypeError(`${caller} wants sessions: the session manager.`)
  }
  const state = sessions.serverState('totp')
  if (state.atomicUpdate) return state
  throw new TypeError(
    `${caller} counts what must not be counted wrong: give the session manager a store with atomicUpdate, such as ` +
      'durableObjectStore or redisStore.',
  )
}
