import type { Context } from 'hono'
import { cookieWeight } from '../cookie-weight.ts'
import type { DemoEnv } from '../env.ts'

/** One line on every page about what this visit has cost so far. */
export function CookieNote({ c }: { c: Context<DemoEnv> }) {
  const { session } = c.var
  if (session.isNew) {
    return <p>No cookie yet: you have given this shop nothing to remember.</p>
  }
  const who = session.userId === undefined ? 'without knowing who you are' : 'and who you are'
  return (
    <p>
      All that this shop remembers, {who}, is in one sealed cookie of {cookieWeight(c, c.var.sessions)} bytes.
      There is no database.
    </p>
  )
}
