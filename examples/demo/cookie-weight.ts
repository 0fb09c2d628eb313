import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'

/** Bytes of name and value, as the browser sent them. */
export function cookieWeight(c: Context, { cookieName }: { readonly cookieName: string }): number {
  return cookieName.length + (getCookie(c, cookieName)?.length ?? 0)
}
