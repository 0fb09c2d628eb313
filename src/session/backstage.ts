/** What the manager keeps with a session, out of everyone else's reach. */
export interface Backstage {
  readonly risk: number | undefined
  /** When whoever authenticates now does so, in milliseconds. */
  authTime(): number
  commit(): Promise<void>
  requireAuthoritative(): Promise<void>
  /** A server remembers which challenges were taken. */
  readonly singleUse: boolean
  /** Notes that a challenge is taken, until a time in milliseconds. @returns False when it was taken before. */
  claim(challenge: string, expiresAt: number): Promise<boolean>
  /** The ID token of the sign-in, where it was kept. */
  idToken(): Promise<string | undefined>
  /** The keys of the revocation marks that can end the session; none where there are no marks. */
  markKeys(): Promise<string[]>
}
