import type { Context } from 'hono'
import { cookieWeight } from '../cookie-weight.ts'
import type { DemoEnv } from '../env.ts'
import { modeText } from '../mode-text.ts'
import { modeOf } from '../sessions.ts'

/** One line on every page about what this visit has cost so far, and where it is kept. */
export function CookieNote({ c }: { c: Context<DemoEnv> }) {
  const { session } = c.var
  if (session.isNew) {
    return <p>No cookie yet: you have given this shop nothing to remember.</p>
  }
  const known = session.userId === undefined ? 'without knowing who you are' : 'and who you are'
  const who = session.pending === undefined ? known : 'and who you say you are'
  const where = modeText[modeOf(c.env)].where(cookieWeight(c, c.var.sessions))
  return (
    <p>
      All that this shop remembers, {who}, is {where}
    </p>
  )
}
