import {
  createSessionManager,
  type SessionManager,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import type { StoreSetting } from './store-vectors.ts'
import { bytesOf } from './vector-setting.ts'

/** The manager that a vector is opened with. */
export function storeManagerOf(
  { secrets, cookieName, options }: StoreSetting,
  now: number,
  store: SessionStore,
  more: Partial<SessionManagerOptions> = {},
): SessionManager {
  return createSessionManager({
    secret: secrets.map((secret) => ('utf8' in secret ? secret.utf8 : bytesOf(secret))),
    cookie: { name: cookieName },
    ...options,
    store,
    clock: fakeClock(now),
    ...more,
  })
}

/** A store that has one record. */
export async function storeWith(key: string, value: string, now: number): Promise<SessionStore> {
  const store = memoryStore({ clock: fakeClock(now) })
  await store.create(key, value, { expiresAt: now + 1 })
  return store
}
