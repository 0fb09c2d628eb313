/** What is compared, by file in `peers/`. */
export interface PeerFacts {
  readonly title: string
  /** Nobody can read the session on its way: what counts for "the best that encrypts". */
  readonly encrypts?: true
  /** The same framework without a session, which is taken off. */
  readonly base: string
  /** Where it runs, when not everywhere. */
  readonly only?: readonly string[]
}

export const OURS = 'wafer-session'
export const FLOOR = 'floor'
export const BY_HAND = 'jose'

/** Over redis-server, hence with its round trips: not to be compared with those that keep sessions in the cookie. */
const REDIS = { only: ['node'] } as const

export const PEERS: Readonly<Record<string, PeerFacts>> = {
  none: { title: 'no session (Hono)', base: 'none' },
  floor: { title: 'floor: base64url, bare subtle, JSON', base: 'none' },
  'wafer-session': { title: 'wafer-session', encrypts: true, base: 'none' },
  'hono-session': { title: '@hono/session', encrypts: true, base: 'none' },
  'iron-session': { title: 'iron-session', encrypts: true, base: 'none' },
  'hono-sessions': { title: 'hono-sessions', encrypts: true, base: 'none' },
  jose: { title: 'jose JWE by hand', encrypts: true, base: 'none' },
  'better-auth': { title: 'better-auth cookie cache', encrypts: true, base: 'none' },
  h3: { title: 'h3 useSession', encrypts: true, base: 'h3-none' },
  'remix-session': { title: '@remix-run/session', base: 'none' },
  'hono-cookie': { title: 'hono/cookie signed', base: 'none' },
  'h3-none': { title: 'no session (h3)', base: 'h3-none' },
  'wafer-session-redis': { title: 'wafer-session over Redis', base: 'none', ...REDIS },
  'express-session': { title: 'express-session + connect-redis', base: 'express-none', ...REDIS },
  'better-auth-stored': { title: 'better-auth', base: 'none', only: [] },
  'express-none': { title: 'no session (Express)', base: 'express-none', ...REDIS },
}

/** Those that run on a runtime. */
export function peersOn(runtime: string): string[] {
  return Object.keys(PEERS).filter((peer) => PEERS[peer]?.only?.includes(runtime) ?? true)
}
