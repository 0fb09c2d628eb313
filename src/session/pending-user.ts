import type { Draft } from './draft.ts'

/** Half a sign-in. */
export interface PendingUser {
  readonly userId: string
  /**
   * The first factor was given and the second is due, so the first must not be asked for again; or a signed-in user is to
   * authenticate again, because the monitor asks for it.
   */
  readonly reason: 'second-factor' | 'step-up'
  /** When the last factor was given, in milliseconds. */
  readonly authTime: number
  /** RFC 8176. */
  readonly amr: readonly string[]
}

export function pendingUser({ pending, record }: Draft<never>): PendingUser | undefined {
  if (pending === undefined) return undefined
  const { id, authTime, amr } = pending
  const reason = record.pending === undefined ? 'step-up' : 'second-factor'
  return { userId: id, reason, authTime, amr: [...amr] }
}
