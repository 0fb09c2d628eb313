import type { SessionManagerOptions, SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { type AnyData, type Site, site } from './site.ts'

export type Mode = 'sealed' | 'revocations' | 'store'

export const MODES: readonly Mode[] = ['sealed', 'revocations', 'store']
/** Where a server remembers something. */
export const SERVER_MODES: readonly Mode[] = ['revocations', 'store']

/** The option that keeps sessions in this way, with this store where one is needed. */
export function keptIn(mode: Mode, store: SessionStore): Partial<SessionManagerOptions<AnyData>> {
  return mode === 'sealed' ? {} : { [mode]: store }
}

/** A site that keeps its sessions in this way. */
export function siteOf(
  mode: Mode,
  options: Partial<SessionManagerOptions<AnyData>> = {},
  change: (store: SessionStore) => SessionStore = (store) => store,
  clock: FakeClock = fakeClock(),
): Site<AnyData> {
  return site<AnyData>({ ...keptIn(mode, change(memoryStore({ clock }))), ...options }, clock)
}
