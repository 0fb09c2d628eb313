/** What the manager keeps with a session, out of everyone else's reach. */
export interface Backstage {
  /** When whoever authenticates now does so, in milliseconds. */
  authTime(): number
  commit(): Promise<void>
  requireAuthoritative(): Promise<void>
}
