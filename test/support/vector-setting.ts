import { createSessionManager, type SessionManager, type SessionManagerOptions } from 'wafer-session'
import { fakeClock } from 'wafer-session/testing'
import type { OpenVector, VectorSecret } from './vectors.ts'
import { fromHex } from './wafer1.ts'

/** What a manager needs to know of a vector. */
export type Setting = Pick<OpenVector, 'secrets' | 'cookieName' | 'timeouts' | 'maxChunks'>

export function bytesOf(secret: VectorSecret | undefined): Uint8Array<ArrayBuffer> {
  if (secret === undefined) throw new TypeError('no such secret')
  return 'hex' in secret ? fromHex(secret.hex) : Uint8Array.from(new TextEncoder().encode(secret.utf8))
}

/** The manager that a vector is opened with, at its time: milliseconds since the epoch. */
export function managerOf(
  { secrets, cookieName, timeouts, maxChunks, now }: Setting & { readonly now: number },
  more: Partial<SessionManagerOptions> = {},
): SessionManager {
  return createSessionManager({
    secret: secrets.map((secret) => ('utf8' in secret ? secret.utf8 : bytesOf(secret))),
    cookie: { name: cookieName },
    ...timeouts,
    maxChunks,
    clock: fakeClock(now),
    ...more,
  })
}
