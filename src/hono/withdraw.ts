import type { Context } from 'hono'

/** Who may read the answer is the same for every answer. */
const STAYS = /^(?:access-control-|vary$)/

/**
 * Takes back a response that must not be sent, when the session could not be written. Hono copies its headers over those of
 * the answer to the error, and with them cookies, a redirect, or leave to cache it.
 */
export function withdraw(c: Context): void {
  const headers = [...c.res.headers].filter(([name]) => STAYS.test(name))
  c.res = undefined
  c.res = new Response(null, { headers })
}
