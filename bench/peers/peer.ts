import type { Payload } from '../payload.ts'

/** An application, as runtimes call it. */
export type Fetch = (request: Request) => Response | Promise<Response>

export interface Setting {
  /** 32 random bytes as base64. */
  readonly secret: string
  /** What `/sign-in` puts into the session. */
  readonly payload: Payload
  /** Of a redis-server, for those that keep sessions in one. */
  readonly redis?: string
  /** Where to keep sessions; without it they are in the cookie. */
  readonly store?: KeyValue
}

/** What Workers KV and Redis have in common. */
export interface KeyValue {
  get(key: string): Promise<string | null>
  set(key: string, value: string, seconds: number): Promise<void>
  /** Only moves its expiry. */
  touch(key: string, seconds: number): Promise<void>
  delete(key: string): Promise<void>
}

/**
 * The same application with each peer: `GET /read` answers a value of the session, `POST /write` counts in it,
 * `POST /sign-in` begins one with the payload, `POST /sign-out` ends it. Each as the peer's documentation has it.
 */
export type CreateApp = (setting: Setting) => Fetch | Promise<Fetch>

/** Lifetimes in seconds, for every peer that has them. */
export const IDLE_TIMEOUT = 1800
export const ABSOLUTE_TIMEOUT = 86_400

/** For every peer that leaves them to its user. */
export const COOKIE = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const
