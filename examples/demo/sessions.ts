import type { SessionManagerOptions } from 'wafer-session'
import { kvStore } from 'wafer-session/stores/cloudflare-kv'
import { durableObjectStore } from 'wafer-session/stores/durable-object'
import type { Bindings } from './env.ts'

/** Where this shop keeps its sessions: the one line to change. `SESSIONS=kv npm start` overrules it for one run. */
const CHOICE: Mode = 'durable-object'

const modes = {
  /**
   * In the cookie, and in KV only marks of what was ended. Costs one decryption a request, and one read of KV a minute.
   * Gives no list of devices, and copies of an ended session may open the shop for two more minutes, pages that ask to be
   * certain for one. The recommended set-up at the edge.
   */
  sealed: ({ KV }) => ({ revocations: kvStore(KV) }),

  /**
   * In Workers KV. Costs one read a request, and a write for every change, at most one a second to a session. Gives the
   * list; but other places may be a minute late with all of it, and of two changes at the same time one is lost.
   */
  kv: ({ KV }) => ({ store: kvStore(KV) }),

  /**
   * In a Durable Object for each session. Costs one call a request, to wherever in the world the object is. Gives the
   * list, an end that is one at once and everywhere, tabs that never lose each other's changes, and tokens that are
   * renewed, so that a stolen one is found out.
   */
  'durable-object': ({ SESSION_OBJECTS }) => ({ store: durableObjectStore(SESSION_OBJECTS) }),
} satisfies Record<string, (bindings: Bindings) => Pick<SessionManagerOptions, 'store' | 'revocations'>>

export type Mode = keyof typeof modes

/** @throws {TypeError} When the variable SESSIONS names no mode. */
export function modeOf({ SESSIONS = CHOICE }: Bindings): Mode {
  if (Object.hasOwn(modes, SESSIONS)) return SESSIONS as Mode
  throw new TypeError(
    `SESSIONS must be one of ${Object.keys(modes).join(', ')}: current value is ${SESSIONS}.`,
  )
}

/** The options that say so. */
export function keptIn(bindings: Bindings): Pick<SessionManagerOptions, 'store' | 'revocations'> {
  return modes[modeOf(bindings)](bindings)
}
