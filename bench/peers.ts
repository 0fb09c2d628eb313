/** What is compared, by file in `peers/`. */
export interface PeerFacts {
  readonly title: string
  /** Nobody can read the session on its way: what counts for "the best that encrypts". */
  readonly encrypts?: true
  /** The same framework without a session, which is taken off. */
  readonly base: string
  /** Where it does not run everywhere. */
  readonly only?: readonly string[]
}

export const OURS = 'wafer-session'
export const FLOOR = 'floor'

export const PEERS: Readonly<Record<string, PeerFacts>> = {
  none: { title: 'no session (Hono)', base: 'none' },
  floor: { title: 'floor: base64url, bare subtle, JSON', base: 'none' },
  'wafer-session': { title: 'wafer-session', encrypts: true, base: 'none' },
  'hono-session': { title: '@hono/session 0.2.1', encrypts: true, base: 'none' },
  'iron-session': { title: 'iron-session 9.0.1', encrypts: true, base: 'none' },
}

/** Those that run on a runtime. */
export function peersOn(runtime: string): string[] {
  return Object.keys(PEERS).filter((peer) => PEERS[peer]?.only?.includes(runtime) ?? true)
}
