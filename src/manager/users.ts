import type { Session } from '../session/session.ts'

/** One session of a user, as a list of devices shows it; nothing in it opens a session. */
export interface UserSession {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly lastSeenAt: number
}

/** The sessions of a user. With sealed cookies nothing on the server knows them, and every call rejects. */
export interface UserSessions<Data extends object = Record<string, unknown>> {
  /** Newest first. */
  list(userId: string): Promise<UserSession[]>
  revoke(sessionId: string, userId: string): Promise<void>
  /** @returns How many sessions ended. */
  revokeAll(
    userId: string,
    options?: { readonly except?: Session<Data> | string | undefined },
  ): Promise<number>
}

/** @throws {TypeError} By every call. */
export function sealedUsers<Data extends object>(): UserSessions<Data> {
  return {
    list: () => needsStore('users.list()'),
    revoke: () => needsStore('users.revoke()'),
    revokeAll: () => needsStore('users.revokeAll()'),
  }
}

async function needsStore(call: string): Promise<never> {
  throw new TypeError(`${call} needs sessions in a store: sealed cookies leave nothing to list or end.`)
}
