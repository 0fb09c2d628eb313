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
