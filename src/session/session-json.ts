/** What may be shown of a session: no bearer value, no data. */
export interface SessionJson {
  readonly id: string
  readonly userId: string | undefined
  readonly isNew: boolean
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly authTime: number | undefined
  readonly amr: readonly string[]
  readonly acr: string | undefined
}

/** Half a sign-in. */
export interface PendingUser {
  readonly userId: string
  /** When the first factor was given, in milliseconds. */
  readonly authTime: number
  /** RFC 8176. */
  readonly amr: readonly string[]
}
